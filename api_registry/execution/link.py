"""One supervisor process, and the connection to it: frames out, frames back, and its end."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from api_registry.errors import ExecutionError
from api_registry.execution.frames import CLOSE, SESSION, BrokenStream, Decoder, encode
from api_registry.execution.sandbox.namespaces import SCRATCH

_ROOT = Path(__file__).resolve().parent.parent.parent
_SETUP = 0
"""Number of the first frame; calls count from 1."""
_STOP_S = 5
_STDERR_TAIL = 2000


class Link:
    """A supervisor that is running, from `Link.start` to `close`."""

    def __init__(self) -> None:
        self._failure: str | None = "the pool is not started: use `async with RunnerPool(…)`"
        """Why nothing can be asked; None while it can."""
        self._numbers = iter(range(1, 1 << SESSION))
        self._pending: dict[int, tuple[_Batch, int]] = {}
        self._outgoing: list[bytes] = []

    async def start(self, within: Sequence[str] = ()) -> None:
        """Start the process, in namespaces if their `command` is given.

        Raises `ExecutionError` when it cannot be started.
        """
        self._folder = None if within else tempfile.mkdtemp(prefix="callforge-")
        self.scratch = self._folder or SCRATCH
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self.process = self._start(theirs, within)
        except OSError as error:
            ours.close()
            self._clean()
            raise ExecutionError(f"the supervisor cannot be started: {error}") from error
        self._loop = asyncio.get_running_loop()
        self._transport, _ = await self._loop.create_connection(
            lambda: _Connection(self), sock=ours
        )
        self._failure = None

    async def set_up(self, setup: dict[str, object]) -> dict[str, Any]:
        """Say what to load and how to run it; returns what came of trying the sandbox.

        Raises `ExecutionError` when the supervisor says no, or ends.
        """
        batch = _Batch(1)
        self._pending[_SETUP] = (batch, 0)
        self._send(encode(_SETUP, json.dumps(setup).encode()))
        await batch.complete
        answer: dict[str, Any] = json.loads(batch.answers[0])
        if "failed" in answer:
            raise ExecutionError(answer["failed"])
        return answer

    async def ask(self, frames: list[bytes], session: int = 0) -> list[bytes]:
        """Send frames; returns the answers to them, in their order.

        Raises `ExecutionError` when the supervisor is gone.
        """
        if self._failure:
            raise ExecutionError(self._failure)
        batch = _Batch(len(frames))
        for index, payload in enumerate(frames):
            number = next(self._numbers) | session << SESSION
            self._pending[number] = (batch, index)
            self._send(encode(number, payload))
        await batch.complete
        return batch.answers

    def close_session(self, session: int) -> None:
        """End the process of a session."""
        if not self._failure:
            self._send(encode(session << SESSION, CLOSE))

    def received(self, number: int, payload: bytes) -> None:
        """Take an answer. Raises `KeyError` where nothing was asked."""
        batch, index = self._pending.pop(number)
        batch.put(index, payload)

    def _send(self, frame: bytes) -> None:
        # A lone caller is served at once; frames of many go out in one write per turn of the loop.
        if not self._outgoing:
            if len(self._pending) <= 1:
                self._transport.write(frame)
                return
            self._loop.call_soon(self._flush)
        self._outgoing.append(frame)

    async def close(self) -> None:
        """End the supervisor, its runners and the scratch folder."""
        self._failure = self._failure or "the pool is closed"
        self._transport.close()
        try:
            # Polled: a thread that waits would keep a cancelled event loop from ending.
            deadline = time.monotonic() + _STOP_S
            await asyncio.sleep(0)  # the transport closes in the loop's next turn
            while self.process.poll() is None and time.monotonic() < deadline:
                await asyncio.sleep(0.005)
        finally:
            self.kill()
            self.process.wait()
            self._clean()

    def _clean(self) -> None:
        self._stderr.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """End the process, and what it was started within, at once."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()

    def _flush(self) -> None:
        self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def ended(self) -> None:
        """Tell everybody who waits that the supervisor is gone, with its last words."""
        if not self._failure:
            self._stderr.seek(0, os.SEEK_END)
            self._stderr.seek(max(self._stderr.tell() - _STDERR_TAIL, 0))
            tail = self._stderr.read().decode("utf-8", "replace").strip()
            self._failure = f"the supervisor of the runners ended: {tail or 'no message'}"
        for batch, _ in self._pending.values():
            if not batch.complete.done():
                batch.complete.set_exception(ExecutionError(self._failure))
        self._pending.clear()

    def _start(self, connection: socket.socket, within: Sequence[str]) -> subprocess.Popen[bytes]:
        module = "api_registry.execution.supervisor"
        own = [sys.executable, "-P", "-m", module, str(connection.fileno()), self.scratch]
        return subprocess.Popen(
            [*within, *own],
            pass_fds=[connection.fileno()],
            cwd=self._folder,
            env=_environment(self.scratch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            # Ctrl-C is for the flow's process; it ends the supervisor by closing the connection.
            start_new_session=True,
        )


class _Batch:
    """The frames of one question, and the answers that are there so far."""

    def __init__(self, size: int) -> None:
        self.answers: list[bytes] = [b""] * size
        self.missing = size
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def put(self, index: int, answer: bytes) -> None:
        self.answers[index] = answer
        self.missing -= 1
        # Done already where the one who waited was cancelled.
        if not self.missing and not self.complete.done():
            self.complete.set_result(None)


class _Connection(asyncio.BufferedProtocol):
    """Cuts what the supervisor sends into frames."""

    def __init__(self, link: Link) -> None:
        self.link = link
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
                self.link.received(number, payload)
        except (BrokenStream, KeyError):
            if self.transport:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.link.ended()


def _environment(scratch: str) -> dict[str, str]:
    """Nothing of the parent's environment: secrets live there, and names of its folders."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(_ROOT),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "HOME": scratch,
        "TMPDIR": scratch,
    }
