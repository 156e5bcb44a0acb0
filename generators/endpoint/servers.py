"""The servers behind one endpoint: which is asked next, and one exchange with it.

Requests go through the `openai` package's HTTP client on its aiohttp transport, but not through its
`AsyncOpenAI`: that one's retries, models and parsing cost 0.7 ms of CPU per request here, and a
retry loop of our own would repeat them.
"""

import os
from dataclasses import dataclass
from time import monotonic

import httpx2
from aiohttp import ClientError
from openai import DefaultAioHttpClient as AioHttpClient

from generators.endpoint.failures import LostConnection, Retry
from generators.endpoint.settings import EndpointConfig

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
_CONNECT_SECONDS = 10.0
_KEEP_ALIVE = 4.0
"""Below the 5 s after which vLLM's server closes an idle connection."""
_LARGEST_BODY = 32 * 2**20
"""A completion of a few pairs has a thousandth of it."""


@dataclass(frozen=True)
class Answer:
    """What came back over the wire, whole."""

    status: int
    headers: httpx2.Headers
    body: bytes


class Server:
    """One base URL with its kept-alive connections."""

    def __init__(self, url: str, config: EndpointConfig) -> None:
        self.url = url
        self.in_flight = 0
        self.failures = 0
        """Connections failed in a row."""
        self.rests_until = 0.0
        timeout = httpx2.Timeout(config.timeout, connect=_CONNECT_SECONDS, pool=None)
        limits = httpx2.Limits(max_connections=config.concurrency + 8, keepalive_expiry=_KEEP_ALIVE)
        headers = {"content-type": "application/json", "user-agent": "callforge"}
        if key := api_key():
            headers["authorization"] = f"Bearer {key}"
        self._headers = httpx2.Headers(headers)
        self._client = AioHttpClient(limits=limits, timeout=timeout)
        self._completions = httpx2.URL(f"{url}/chat/completions")

    async def post(self, content: bytes) -> Answer:
        """Send one request and read the answer to its end.

        Raises `LostConnection` where there is none, and `Retry` for what is larger than is read.
        The caller bounds the time: the client's own timeout is per read.
        """
        self.in_flight += 1
        try:
            # Not `build_request`, which would merge URLs, headers and cookies anew each time.
            url, headers = self._completions, self._headers
            request = httpx2.Request("POST", url, headers=headers, content=content)
            response = await self._client.send(request, stream=True)
            try:
                return Answer(response.status_code, response.headers, await _body(response))
            finally:
                await response.aclose()
        except (httpx2.HTTPError, ClientError, OSError) as error:
            # The transport reports some lost connections as timeouts: only the first cause tells.
            cause = _first_cause(error)
            if isinstance(cause, TimeoutError) and not isinstance(cause, OSError | ClientError):
                raise TimeoutError from None
            raise LostConnection(type(cause).__name__) from None
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def failed(self) -> None:
        """Rest for a while, longer after each failure in a row."""
        self.failures += 1
        pause = min(FIRST_PAUSE * 2**self.failures, LONGEST_PAUSE)
        self.rests_until = monotonic() + pause


def least_busy(servers: list[Server]) -> Server:
    """The server to ask next: one that failed lately is tried by one request at a time."""
    now = monotonic()

    def rank(server: Server) -> tuple[bool, int]:
        doubtful = server.rests_until > now or (server.failures > 0 and server.in_flight > 0)
        return doubtful, server.in_flight

    return min(servers, key=rank)


async def _body(response: httpx2.Response) -> bytes:
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > _LARGEST_BODY:
            raise Retry(f"the body has more than {_LARGEST_BODY >> 20} MiB")
        chunks.append(chunk)
    return b"".join(chunks)


def _first_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def api_key() -> str:
    """The key out of the environment; empty where there is none, as for a server of one's own."""
    return os.environ.get("CALLFORGE_API_KEY") or os.environ.get("OPENAI_API_KEY") or ""
