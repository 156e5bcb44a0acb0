"""The HTTP side of the fake endpoint."""

import asyncio
import hashlib
import json
import math
import random
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from time import monotonic
from typing import Any

from aiohttp import web

from generators.fake_server.answers import answer
from generators.fake_server.faults import FAULTS, error_body, send, wait_headers
from generators.fake_server.log import Asked, RequestLog
from generators.fake_server.settings import FakeSettings

_MAX_BODY = 64 * 2**20


class FakeServer:
    """An endpoint that answers as its settings say and remembers what it was asked."""

    def __init__(self, settings: FakeSettings, url: str = "") -> None:
        self.settings = settings
        self.url = url
        """Base URL for clients, ending in `/v1`."""
        self.log = RequestLog()
        self._held = 0
        self._slots = asyncio.Semaphore(settings.slots) if settings.slots else None

    def app(self) -> web.Application:
        """The routes; one application per server."""
        app = web.Application(client_max_size=_MAX_BODY)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/health", self._health)
        app.router.add_get("/counts", self._counts)
        app.router.add_get("/metrics", self._metrics)
        return app

    async def _health(self, request: web.Request) -> web.StreamResponse:
        return web.Response()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if refused := self._refused(request):
            return await send(request, refused, status=401)
        models = [{"id": name, "object": "model"} for name in self.settings.models]
        return web.json_response({"object": "list", "data": models})

    async def _counts(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.log.counts())

    async def _metrics(self, request: web.Request) -> web.StreamResponse:
        running = self.log.busy
        lines = [
            f"vllm:num_requests_running {running}",
            f"vllm:num_requests_waiting {self._held - running}",
        ]
        return web.Response(text="\n".join(lines) + "\n")

    def _refused(self, request: web.Request) -> bytes | None:
        key = self.settings.api_key
        if key is None or request.headers.get("authorization") == f"Bearer {key}":
            return None
        return error_body("Incorrect API key provided", "invalid_api_key")

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        if refused := self._refused(request):
            return await send(request, refused, status=401)
        try:
            asked = json.loads(raw)
        except ValueError:
            return await send(request, error_body("the body is not JSON"), status=400)
        if problem := self._unsupported(asked):
            status, body = problem
            return await send(request, body, status=status)
        key = hashlib.sha256(raw).hexdigest()
        entry = self.log.ask(key)
        limit = self.settings.limit
        rng = random.Random(f"{self.settings.seed}/{key}/{entry.asked}")
        if limit is not None and self._held >= limit:
            self.log.faults["limit"] += 1
            return await self._wait(request, 429, entry, rng)
        self._held += 1
        try:
            return await self._answer(request, asked, key, entry, rng)
        finally:
            self._held -= 1

    def _unsupported(self, asked: dict[str, Any]) -> tuple[int, bytes] | None:
        if asked.get("model") not in self.settings.models:
            message = f"The model `{asked.get('model')}` does not exist"
            return 404, error_body(message, "model_not_found")
        if "response_format" in asked and not self.settings.structured:
            return 400, error_body("response_format is not supported")
        if "tools" in asked and not self.settings.tools:
            return 400, error_body("tools are not supported")
        return None

    async def _answer(
        self,
        request: web.Request,
        asked: dict[str, Any],
        key: str,
        entry: Asked,
        rng: random.Random,
    ) -> web.StreamResponse:
        fault = self._fault(rng)
        async with AsyncExitStack() as stack:
            if self._slots:
                await stack.enter_async_context(self._slots)
            self.log.occupy(1)
            stack.callback(self.log.occupy, -1)
            if self.settings.latency:
                factor = math.exp(rng.gauss(0, self.settings.jitter))
                await asyncio.sleep(self.settings.latency * factor)
            own = random.Random(f"{self.settings.seed}/{key}")
            body = json.dumps(answer(asked, own, self.settings)).encode()
        if fault is None:
            # Counted before it is sent: a client that has it may look at the counts at once.
            entry.finished += 1
            try:
                return await send(request, body)
            except ConnectionError:
                entry.finished -= 1
                raise
        self.log.faults[fault] += 1
        if fault in ("429", "503"):
            return await self._wait(request, int(fault), entry, rng)
        if fault == "length":
            entry.finished += 1
        return await FAULTS[fault](request, body)

    def _fault(self, rng: random.Random) -> str | None:
        drawn = rng.random()
        for kind, share in self.settings.faults.items():
            if drawn < share:
                return kind
            drawn -= share
        return None

    async def _wait(
        self, request: web.Request, status: int, entry: Asked, rng: random.Random
    ) -> web.StreamResponse:
        seconds = self.settings.retry_after
        entry.not_before = monotonic() + seconds
        headers = wait_headers(seconds, rng.randrange(3))
        return await send(request, error_body("slow down"), status=status, headers=headers)


async def serve(settings: FakeSettings, host: str, port: int) -> tuple[FakeServer, web.AppRunner]:
    """Start a server in this event loop; `port` 0 takes a free one."""
    server = FakeServer(settings)
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=4096).start()
    server.url = f"http://{host}:{runner.addresses[0][1]}/v1"
    return server, runner


@contextmanager
def running(settings: FakeSettings | None = None) -> Iterator[FakeServer]:
    """Run a server in a thread of its own, on a free port of this machine."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake-endpoint", daemon=True)
    thread.start()
    started = asyncio.run_coroutine_threadsafe(
        serve(settings or FakeSettings(), "127.0.0.1", 0), loop
    )
    server, runner = started.result()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
