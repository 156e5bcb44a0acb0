"""The endpoint client: one retry loop around everything, the body's validation included."""

import asyncio
import hashlib
import random
from collections import Counter
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

from api_registry.errors import EndpointError
from data.identity import compact_json
from generators.endpoint.answers import read_answer
from generators.endpoint.budget import Budget
from generators.endpoint.failures import LostConnection, Refused, Retry, failure_of
from generators.endpoint.journal import Journal, Key
from generators.endpoint.limit import AdaptiveLimit
from generators.endpoint.servers import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Server,
    api_key,
    least_busy,
)
from generators.endpoint.settings import EndpointConfig
from generators.types import Completion, RequestFailed, RequestRefused

_HOPELESS = 20
"""So many requests given up in a row, none answered in between, end the run."""
_UNREACHED = 3
"""So many attempts without any connection, before there ever was one, end the run."""


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
        self._reached = False
        self._servers: list[Server] = []

    async def __aenter__(self) -> Self:
        self._servers = [Server(url, self.config) for url in self.config.base_urls]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for server in self._servers:
            await server.close()

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
            raise self._given_up(f"refused: {refused}", RequestRefused) from None
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
                if not self._reached and attempt + 1 >= _UNREACHED:
                    raise EndpointError(self._unreachable(problem)) from None
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
        longest = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
        if wait is None:
            return self._random.uniform(longest / 2, longest)
        return wait + self._random.uniform(0.01, 0.01 + longest / 4)

    def _given_up(self, detail: str, kind: type[RequestFailed] = RequestFailed) -> Exception:
        self._hopeless += 1
        if self._hopeless >= _HOPELESS:
            return EndpointError(
                f"{self._hopeless} requests in a row failed ({detail}): look after the endpoint "
                f"at {self._addresses()}; the same command goes on from here"
            )
        return kind(detail)

    def _unreachable(self, problem: str) -> str:
        return (
            f"no answer from the endpoint at {self._addresses()} ({problem}): is the server "
            "running? `--base-url` says where it is, as in http://127.0.0.1:8000/v1"
        )

    def _addresses(self) -> str:
        return ", ".join(f"`{url}`" for url in self.config.base_urls)

    async def _attempt(self, content: bytes) -> Completion:
        self.budget.begin_request()
        answer: Completion | None = None
        try:
            answer = await self._exchange(content)
            return answer
        finally:
            self.budget.end_request(answer.usage if answer else None)

    async def _exchange(self, content: bytes) -> Completion:
        server = least_busy(self._servers)
        trial = server.failures > 0 and len(self._servers) > 1
        started = monotonic()
        try:
            async with asyncio.timeout(self.config.timeout):
                response = await server.post(content)
        except TimeoutError:
            raise Retry(f"no answer within {self.config.timeout:g} s") from None
        except LostConnection as lost:
            server.failed()
            if not trial:  # that a server is away says nothing about what the others can take
                self.limit.lost()
            raise Retry(f"the connection failed ({lost})") from None
        server.failures = 0
        self._reached = True
        if response.status != 200:
            raise failure_of(response.status, response.headers, response.body, self._secret)
        completion = read_answer(response.body, self._secret)
        self.limit.succeeded(monotonic() - started)
        return completion
