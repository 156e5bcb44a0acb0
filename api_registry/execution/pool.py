"""The asyncio side of execution: many callers at once, one supervisor process behind them."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from api_registry.errors import ExecutionError
from api_registry.execution.frames import BrokenStream, Decoder, encode
from api_registry.execution.settings import ExecutionConfig
from api_registry.types import Api, ApiCall, CallResult

_ROOT = Path(__file__).resolve().parent.parent.parent
_START_S = 120
_STOP_S = 5
_STDERR_TAIL = 2000


class RunnerPool:
    """Runs calls in warm, isolated processes: `async with RunnerPool(apis, config) as pool`.

    Calls bind by name. One that hangs, crashes or eats memory costs its own result and nothing
    else. What is not covered yet: runners can read files and open sockets (tier `rlimits`).
    """

    tier = "rlimits"
    """Isolation in force: separate processes, scrubbed environment, rlimits, a scratch folder."""

    def __init__(self, apis: Sequence[Api], config: ExecutionConfig) -> None:
        self.apis = {api.name: api for api in apis}
        self.config = config
        self._number = 0
        self._pending: dict[int, tuple[str, asyncio.Future[CallResult]]] = {}
        self._outgoing: list[bytes] = []
        self._failure: str | None = None

    async def __aenter__(self) -> Self:
        """Start the supervisor and wait until it has imported the APIs."""
        self._scratch = tempfile.mkdtemp(prefix="callforge-")
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __aexit__
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api_registry.execution.supervisor", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=self._scratch,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            # Ctrl-C is for the flow's process; it ends the supervisor by closing the connection.
            start_new_session=True,
        )
        theirs.close()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport, _ = await asyncio.get_running_loop().create_connection(
            lambda: _Connection(self), sock=ours
        )
        self._transport.write(encode(0, json.dumps(self._setup()).encode()))
        try:
            async with asyncio.timeout(_START_S):
                await self._ready
        except BaseException as error:
            await self.__aexit__(None, None, None)
            if isinstance(error, TimeoutError):
                raise ExecutionError(
                    f"importing the APIs took more than {_START_S} s: an API module does too "
                    "much when it is imported"
                ) from None
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the supervisor, its runners and the scratch folder."""
        self._transport.close()
        try:
            await asyncio.to_thread(self._process.wait, _STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stderr.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run calls; results come in the order of `calls`.

        Raises `ExecutionError` when the supervisor is gone; never for what a call does.
        """
        if self._failure:
            raise ExecutionError(self._failure)
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[CallResult]] = []
        for call in calls:
            future: asyncio.Future[CallResult] = loop.create_future()
            futures.append(future)
            payload = self._payload(call)
            if isinstance(payload, CallResult):
                future.set_result(payload)
                continue
            self._number += 1
            self._pending[self._number] = (call.id, future)
            if not self._outgoing:
                # Everything asked for in this turn of the loop goes out in one write.
                loop.call_soon(self._send)
            self._outgoing.append(encode(self._number, payload))
        return [await future for future in futures]

    def _payload(self, call: ApiCall) -> bytes | CallResult:
        """Encode a call, or say why it does not run."""
        api = self.apis.get(call.api)
        if api is None:
            error = f"no API `{call.api}` is registered"
            return CallResult(call=call.id, outcome="unregistered", error=error)
        if denied := set(api.effects) - set(self.config.allow_effects):
            error = f"`{api.name}` needs {', '.join(sorted(denied))}, which is not allowed"
            return CallResult(call=call.id, outcome="denied", error=error)
        return json.dumps([call.api, call.arguments]).encode()

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
                    self._ready.set_result(None)
            return
        call, future = self._pending.pop(number)
        if not future.done():
            future.set_result(CallResult(call=call, **json.loads(payload)))

    def _lost(self) -> None:
        """Tell everybody who waits that the supervisor is gone, with its last words."""
        with contextlib.suppress(ValueError):  # closed already: this is the end of `async with`
            self._stderr.seek(0, os.SEEK_END)
            self._stderr.seek(max(self._stderr.tell() - _STDERR_TAIL, 0))
            tail = self._stderr.read().decode("utf-8", "replace").strip()
            self._failure = f"the supervisor of the runners ended: {tail or 'no message'}"
            if not self._ready.done():
                self._ready.set_exception(ExecutionError(self._failure))
            for _, future in self._pending.values():
                if not future.done():
                    future.set_exception(ExecutionError(self._failure))
        self._pending.clear()

    def _setup(self) -> dict[str, object]:
        return {
            "path": [entry or str(Path.cwd()) for entry in sys.path],
            "apis": [[api.name, api.ref] for api in self.apis.values()],
            "workers": self.config.workers,
            "timeout_s": self.config.timeout_s,
            "memory_mb": self.config.memory_mb,
            "max_output_bytes": self.config.max_output_bytes,
        }

    def _environment(self) -> dict[str, str]:
        """Nothing of the parent's environment but the search path: secrets live there."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(_ROOT),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "HOME": self._scratch,
            "TMPDIR": self._scratch,
        }


class _Connection(asyncio.Protocol):
    """Cuts what the supervisor sends into results."""

    def __init__(self, pool: RunnerPool) -> None:
        self.pool = pool
        self.decoder = Decoder()
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            for number, payload in self.decoder.feed(data):
                self.pool._received(number, payload)
        except (BrokenStream, ValueError, KeyError):
            if self.transport:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.pool._lost()
