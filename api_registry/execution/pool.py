"""The asyncio side of execution: many callers at once, one supervisor process behind them."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from itertools import chain
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api_registry.errors import ExecutionError
from api_registry.execution.frames import MAX_PAYLOAD, BrokenStream, Decoder, encode
from api_registry.execution.sandbox import LAYERS, WEAKEST, relaxing
from api_registry.execution.sandbox.proof import Traps, accept, described, judge
from api_registry.execution.settings import ExecutionConfig
from api_registry.types import Api, ApiCall, CallResult

_ROOT = Path(__file__).resolve().parent.parent.parent
_START_S = 120
_STOP_S = 5
_STDERR_TAIL = 2000


class RunnerPool:
    """Runs calls in warm, isolated processes: `async with RunnerPool(apis, config) as pool`.

    Calls bind by name. One that hangs, crashes or eats memory costs its own result and nothing
    else. What runners are kept from says `docs/execution.md`, tier by tier.
    """

    tier = ""
    """Isolation that has proved itself, e.g. `landlock+seccomp`; known once the pool is started."""

    def __init__(
        self, apis: Sequence[Api], config: ExecutionConfig, effects: Collection[str] = ()
    ) -> None:
        """`effects`: what all calls of this pool may do; `run` finds the pool for each call."""
        self.apis = {api.name: api for api in apis}
        self.config = config
        self.effects = frozenset(effects)
        self._relaxed = self._relaxed_pools() if not effects else {}
        self._number = 0
        self._pending: dict[int, tuple[_Batch, int]] = {}
        self._outgoing: list[bytes] = []
        self._failure: str | None = "the pool is not started: use `async with RunnerPool(…)`"

    async def __aenter__(self) -> Self:
        """Start the supervisor and wait until it has imported the APIs and tried its sandbox.

        Raises `ExecutionError` when it cannot be started, an API cannot be loaded there, or the
        sandbox is weaker than asked for.
        """
        async with AsyncExitStack() as started:
            for pool in self._relaxed.values():
                await started.enter_async_context(pool)
            await self._start_own()
            self._others = started.pop_all()
        self.tier = described(self.tier, {",".join(e): p.tier for e, p in self._relaxed.items()})
        return self

    async def _start_own(self) -> None:
        loop = asyncio.get_running_loop()
        self._scratch = tempfile.mkdtemp(prefix="callforge-")
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `_close`
        self._ready: asyncio.Future[dict[str, Any]] = loop.create_future()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = self._start(theirs)
        except OSError as error:
            ours.close()
            self._stderr.close()
            shutil.rmtree(self._scratch, ignore_errors=True)
            raise ExecutionError(f"the supervisor cannot be started: {error}") from error
        self._failure = None
        self._transport, _ = await loop.create_connection(lambda: _Connection(self), sock=ours)
        try:
            with Traps(self._scratch) as traps:
                self._transport.write(encode(0, json.dumps(self._setup(traps)).encode()))
                async with asyncio.timeout(_START_S):
                    trial = await self._ready
                proof = judge(trial, traps.sprung(), self.effects)
            self.tier = accept(proof, self.config.sandbox, self.effects)
        except TimeoutError:
            await self._close()
            raise ExecutionError(
                f"importing the APIs took more than {_START_S} s: an API module does too "
                "much when it is imported"
            ) from None
        except BaseException:
            await self._close()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the supervisor, its runners and the scratch folder."""
        try:
            await self._close()
        finally:
            await self._others.aclose()

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run calls; results come in the order of `calls`.

        Raises `ExecutionError` when the supervisor is gone; never for what a call does.
        """
        if not self._relaxed:
            return await self._run(calls)
        parts: dict[RunnerPool, list[int]] = {}
        for index, call in enumerate(calls):
            parts.setdefault(self._pool_of(call), []).append(index)
        done = await asyncio.gather(
            *(pool._run([calls[i] for i in part]) for pool, part in parts.items())
        )
        results = zip(chain(*parts.values()), chain(*done), strict=True)
        return [result for _, result in sorted(results, key=itemgetter(0))]

    async def _run(self, calls: list[ApiCall]) -> list[CallResult]:
        if self._failure:
            raise ExecutionError(self._failure)
        batch = _Batch(calls, asyncio.get_running_loop().create_future())
        for index, call in enumerate(calls):
            payload = self._payload(call)
            if isinstance(payload, CallResult):
                batch.put(index, payload)
                continue
            self._number += 1
            self._pending[self._number] = (batch, index)
            if not self._outgoing:
                # Everything asked for in this turn of the loop goes out in one write.
                asyncio.get_running_loop().call_soon(self._send)
            self._outgoing.append(encode(self._number, payload))
        if batch.missing:
            await batch.complete
        return [batch.results[index] for index in range(len(calls))]

    def _relaxed_pools(self) -> dict[tuple[str, ...], "RunnerPool"]:
        """A pool for each set of allowed effects; everybody else's runners stay strict."""
        groups: dict[tuple[str, ...], list[Api]] = {}
        if self.config.sandbox != WEAKEST:
            for api in self.apis.values():
                if set(api.effects) <= set(self.config.allow_effects):
                    groups.setdefault(relaxing(api.effects), []).append(api)
        return {
            effects: RunnerPool(apis, self.config, effects)
            for effects, apis in groups.items()
            if effects
        }

    def _pool_of(self, call: ApiCall) -> "RunnerPool":
        api = self.apis.get(call.api)
        return self._relaxed.get(relaxing(api.effects), self) if api else self

    def _payload(self, call: ApiCall) -> bytes | CallResult:
        """Encode a call, or say why it does not run."""
        api = self.apis.get(call.api)
        if api is None:
            error = f"no API `{call.api}` is registered"
            return CallResult(call=call.id, outcome="unregistered", error=error)
        if denied := set(api.effects) - set(self.config.allow_effects):
            error = f"`{api.name}` needs {', '.join(sorted(denied))}, which is not allowed"
            return CallResult(call=call.id, outcome="denied", error=error)
        try:
            payload = json.dumps([call.api, call.arguments], allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as problem:
            error = f"the arguments are not JSON: {problem}"
        else:
            if len(payload) <= MAX_PAYLOAD:
                return payload
            error = f"the arguments are {len(payload)} bytes of JSON, at most {MAX_PAYLOAD} fit"
        return CallResult(call=call.id, outcome="raised", error_type="TypeError", error=error)

    def _send(self) -> None:
        self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def _received(self, number: int, payload: bytes) -> None:
        if number == 0:
            answer = json.loads(payload)
            if not self._ready.done():
                if "failed" in answer:
                    self._ready.set_exception(ExecutionError(answer["failed"]))
                else:
                    self._ready.set_result(answer)
            return
        batch, index = self._pending.pop(number)
        batch.put(index, _result(batch.calls[index].id, payload))

    def _lost(self) -> None:
        """Tell everybody who waits that the supervisor is gone, with its last words."""
        if not self._failure:
            self._stderr.seek(0, os.SEEK_END)
            self._stderr.seek(max(self._stderr.tell() - _STDERR_TAIL, 0))
            tail = self._stderr.read().decode("utf-8", "replace").strip()
            self._failure = f"the supervisor of the runners ended: {tail or 'no message'}"
        if not self._ready.done():
            self._ready.set_exception(ExecutionError(self._failure))
        for batch, _ in self._pending.values():
            if not batch.complete.done():
                batch.complete.set_exception(ExecutionError(self._failure))
        self._pending.clear()

    async def _close(self) -> None:
        self._failure = self._failure or "the pool is closed"
        self._transport.close()
        try:
            # Polled: a thread that waits would keep a cancelled event loop from ending.
            deadline = time.monotonic() + _STOP_S
            await asyncio.sleep(0)  # the transport closes in the loop's next turn
            while self._process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.005)
        finally:
            self._process.kill()
            self._process.wait()
            self._stderr.close()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _start(self, connection: socket.socket) -> subprocess.Popen[bytes]:
        module = "api_registry.execution.supervisor"
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(connection.fileno()), self._scratch],
            pass_fds=[connection.fileno()],
            cwd=self._scratch,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            # Ctrl-C is for the flow's process; it ends the supervisor by closing the connection.
            start_new_session=True,
        )

    def _setup(self, traps: Traps) -> dict[str, object]:
        return {
            "path": [entry or str(Path.cwd()) for entry in sys.path],
            "apis": [[api.name, api.ref] for api in self.apis.values()],
            "sandbox": {
                "wanted": () if self.config.sandbox == WEAKEST else LAYERS,
                "effects": sorted(self.effects),
                "traps": traps.described(),
            },
            "workers": self.config.workers,
            "limits": self.config.model_dump(
                include={"timeout_s", "memory_mb", "max_output_bytes"}
            ),
        }

    def _environment(self) -> dict[str, str]:
        """Nothing of the parent's environment but the search path: secrets live there."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(_ROOT),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "HOME": self._scratch,
            "TMPDIR": self._scratch,
        }


class _Batch:
    """The calls of one `run`, and the results that are there so far."""

    def __init__(self, calls: list[ApiCall], complete: asyncio.Future[None]) -> None:
        self.calls = calls
        self.complete = complete
        self.results: dict[int, CallResult] = {}

    @property
    def missing(self) -> int:
        return len(self.calls) - len(self.results)

    def put(self, index: int, result: CallResult) -> None:
        self.results[index] = result
        # Done already where the one who waited was cancelled.
        if not self.missing and not self.complete.done():
            self.complete.set_result(None)


class _Connection(asyncio.BufferedProtocol):
    """Cuts what the supervisor sends into results."""

    def __init__(self, pool: RunnerPool) -> None:
        self.pool = pool
        self.decoder = Decoder()
        self.buffer = memoryview(bytearray(1 << 18))
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, size: int) -> None:
        try:
            for number, payload in self.decoder.feed(self.buffer[:size]):
                self.pool._received(number, payload)
        except (BrokenStream, KeyError):
            if self.transport:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.pool._lost()


def _result(call: str, payload: bytes) -> CallResult:
    """Read a result. A call may have written it itself, so it need not be one."""
    try:
        return CallResult(call=call, **_decode(payload.decode()))
    except (ValueError, TypeError, RecursionError):
        error = "its process answered with something that is no result"
        return CallResult(call=call, outcome="crashed", error=error)


def _no_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode
