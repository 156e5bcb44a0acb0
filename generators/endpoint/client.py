"""The endpoint client: one retry loop around everything, the body's validation included."""

import asyncio
import hashlib
import logging
import os
import random
from collections import Counter
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx2
from aiohttp import ClientError
from openai import APIConnectionError, APIStatusError, AsyncOpenAI
from openai import DefaultAioHttpClient as AioHttpClient

from api_registry.errors import EndpointError
from data.identity import compact_json
from generators.endpoint.answers import read_answer
from generators.endpoint.budget import Budget
from generators.endpoint.failures import Refused, Retry, failure_of
from generators.endpoint.journal import Journal, Key
from generators.endpoint.limit import AdaptiveLimit
from generators.endpoint.settings import EndpointConfig
from generators.types import Completion, RequestFailed

logger = logging.getLogger("callforge")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0
_CONNECT_SECONDS = 10.0
_KEEP_ALIVE = 4.0
"""Below the 5 s after which vLLM's server closes an idle connection."""
_HOPELESS = 20
"""So many requests given up in a row, none answered in between, end the run."""
_JSON = {"content-type": "application/json"}


@dataclass
class _Server:
    """One base URL."""

    url: str
    client: AsyncOpenAI
    in_flight: int = 0
    failures: int = 0
    """Connections failed in a row."""
    rests_until: float = 0.0


@dataclass(frozen=True)
class Spent:
    """What a command asked of its endpoint."""

    requests: int
    """Sent, repeats included."""
    repeated: int
    replayed: int
    """Answers that an earlier command had paid for."""
    prompt_tokens: int
    completion_tokens: int
    cost: float
    """0 without prices."""
    reasons: dict[str, int]
    """Why requests were repeated."""


class Endpoint:
    """Answers requests: from the journal, or from the least busy server, as often as it takes."""

    def __init__(
        self, config: EndpointConfig, journal: Journal, beside: "Endpoint | None" = None
    ) -> None:
        """Make an endpoint; one `beside` another shares its budget and its counts."""
        self.config = config
        self.journal = journal
        self.limit = AdaptiveLimit(config.concurrency)
        self.budget: Budget = beside.budget if beside else Budget(config.budget)
        self.retries: Counter[str] = beside.retries if beside else Counter()
        """Why requests were sent again."""
        self._secret = api_key()
        self._random = random.Random()
        self._hopeless = 0
        self._servers: list[_Server] = []

    async def __aenter__(self) -> Self:
        self._servers = [_Server(url, self._client(url)) for url in self.config.base_urls]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for server in self._servers:
            await server.client.close()

    def _client(self, url: str) -> AsyncOpenAI:
        timeout = httpx2.Timeout(self.config.timeout, connect=_CONNECT_SECONDS, pool=None)
        limits = httpx2.Limits(
            max_connections=self.config.concurrency + 8, keepalive_expiry=_KEEP_ALIVE
        )
        return AsyncOpenAI(
            base_url=url,
            api_key=self._secret or "none",
            max_retries=0,
            timeout=timeout,
            http_client=AioHttpClient(limits=limits, timeout=timeout),
        )

    def spent(self) -> Spent:
        """The totals until now."""
        tokens = self.budget.tokens
        return Spent(
            requests=self.budget.requests,
            repeated=self.retries.total(),
            replayed=self.journal.replayed,
            prompt_tokens=tokens["prompt_tokens"],
            completion_tokens=tokens["completion_tokens"],
            cost=self.budget.cost,
            reasons=dict(self.retries.most_common()),
        )

    async def complete(
        self, body: dict[str, Any], *, purpose: str, draft: int, attempt: int = 0
    ) -> Completion:
        """Answer one request; the answer is in the journal before it is returned.

        Raises as `Generator.draft` does.
        """
        content = compact_json(body).encode("utf-8", "replace")
        key = Key(purpose, draft, attempt, hashlib.sha256(content).hexdigest())
        if (known := self.journal.find(key)) is not None:
            return known
        try:
            answer = await self._persist(content, key)
        except Refused as refused:
            raise self._given_up(f"refused: {refused}") from None
        self._hopeless = 0
        return answer

    async def _persist(self, content: bytes, key: Key) -> Completion:
        """Ask until there is an answer. Raises `RequestFailed` after the last attempt."""
        problem = ""
        for attempt in range(self.config.attempts):
            await self.limit.acquire()
            try:
                answer = await self._attempt(content)
                self.journal.add(key, answer)
                return answer
            except Retry as retry:
                problem, wait = str(retry), retry.wait
                self.retries[problem] += 1
                if retry.overloaded:
                    self.limit.overloaded()
            finally:
                self.limit.release()
            if wait is not None and wait > self.config.longest_wait:
                raise EndpointError(
                    f"the endpoint asks to wait {wait:,.0f} s ({problem}): start the same command "
                    "again then; finished answers are kept"
                )
            if attempt + 1 < self.config.attempts:
                await asyncio.sleep(self._pause(attempt, wait))
        raise self._given_up(f"{self.config.attempts} attempts, the last one: {problem}")

    def _pause(self, attempt: int, wait: float | None) -> float:
        """What the endpoint asked for and a little more, or a jittered exponential pause."""
        longest = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
        if wait is None:
            return self._random.uniform(longest / 2, longest)
        return wait + self._random.uniform(0.01, 0.01 + longest / 4)

    def _given_up(self, detail: str) -> Exception:
        self._hopeless += 1
        if self._hopeless >= _HOPELESS:
            return EndpointError(
                f"{self._hopeless} requests in a row failed ({detail}): look after the endpoint "
                f"at {', '.join(self.config.base_urls)}; the same command goes on from here"
            )
        return RequestFailed(detail)

    async def _attempt(self, content: bytes) -> Completion:
        self.budget.spend_request()
        server = self._choose()
        started = monotonic()
        server.in_flight += 1
        try:
            async with asyncio.timeout(self.config.timeout):
                response = await server.client.post(
                    "/chat/completions",
                    cast_to=httpx2.Response,
                    content=content,
                    options={"headers": _JSON},
                )
                answer = read_answer(response.content)
        except APIStatusError as error:
            response = error.response
            raise failure_of(
                response.status_code, response.headers, response.content, self._secret
            ) from None
        except TimeoutError:
            raise Retry(f"no answer within {self.config.timeout:g} s") from None
        except APIConnectionError as error:
            # The transport reports some lost connections as timeouts: only the first cause tells.
            cause = _first_cause(error)
            if isinstance(cause, TimeoutError) and not isinstance(cause, OSError | ClientError):
                raise Retry(f"no answer within {self.config.timeout:g} s") from None
            self._rest(server)
            name = type(cause).__name__
            raise Retry(f"the connection failed ({name})", overloaded=True) from None
        finally:
            server.in_flight -= 1
        server.failures = 0
        self.limit.succeeded(monotonic() - started)
        self.budget.spend_tokens(answer.usage)
        return answer

    def _choose(self) -> _Server:
        """The least busy server; one that cannot be reached rests while another can be."""
        now = monotonic()
        return min(self._servers, key=lambda server: (server.rests_until > now, server.in_flight))

    def _rest(self, server: _Server) -> None:
        server.failures += 1
        pause = min(_FIRST_PAUSE * 2**server.failures, _LONGEST_PAUSE)
        server.rests_until = monotonic() + pause


def _first_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def api_key() -> str:
    """The key out of the environment; empty where there is none, as for a server of one's own."""
    return os.environ.get("CALLFORGE_API_KEY") or os.environ.get("OPENAI_API_KEY") or ""
