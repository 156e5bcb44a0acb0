"""The small single-threaded process that forks runners, feeds them calls and kills the stuck.

Started by exec (`python -m api_registry.execution.supervisor FD`), never forked from the flow's
process. It imports the APIs once; runners are forked from it, warm. When its connection to the
parent closes it ends its runners and itself.
"""

import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable

from api_registry.errors import CallforgeError
from api_registry.execution.frames import Decoder, encode
from api_registry.execution.runner import Target, serve
from api_registry.signatures import read_signature
from api_registry.sources.python_source import resolve

_BATCH = 32
"""Calls handed to a runner at once; all but the first wait, so a kill costs them nothing."""
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_MAX_FILE = 16 * 1024 * 1024
_OPEN_FILES = 4096
"""More descriptors than the supervisor can have: two per runner."""


class _Runner:
    """One forked process and the calls that it has not answered yet."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.connection = connection
        self.decoder = Decoder()
        self.calls: deque[tuple[int, bytes]] = deque()
        self.deadline = float("inf")


class Supervisor:
    """Hands calls to runners, oldest first, and watches the clock."""

    def __init__(
        self, parent: socket.socket, fork: Callable[[], _Runner], workers: int, timeout_s: float
    ) -> None:
        self.parent = parent
        self.fork = fork
        self.timeout_s = timeout_s
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.results = bytearray()
        self.decoder = Decoder()
        self.selector = selectors.DefaultSelector()
        self.selector.register(parent, selectors.EVENT_READ, None)
        self.runners: dict[int, _Runner] = {}
        for _ in range(workers):
            self._add_runner()

    def run(self) -> None:
        """Serve until the parent goes away."""
        try:
            while True:
                for key, events in self.selector.select(self._patience()):
                    if key.data is None:
                        if not self._serve_parent(events):
                            return
                    elif key.data.pid in self.runners:
                        self._read_results(key.data)
                now = time.monotonic()
                for runner in [r for r in self.runners.values() if r.deadline <= now]:
                    self._replace(runner, killed=True)
                self._hand_out()
                self._flush()
        finally:
            for runner in self.runners.values():
                _kill(runner.pid)

    def _patience(self) -> float | None:
        deadline = min(runner.deadline for runner in self.runners.values())
        return None if deadline == float("inf") else max(deadline - time.monotonic(), 0)

    def _serve_parent(self, events: int) -> bool:
        if events & selectors.EVENT_READ:
            chunk = self.parent.recv(1 << 18)
            if not chunk:
                return False
            self.waiting.extend(self.decoder.feed(chunk))
        return True

    def _hand_out(self) -> None:
        for runner in list(self.runners.values()):
            if not self.waiting:
                return
            if runner.calls:
                continue
            # Share what waits among the runners, so that one does not take all of a small batch.
            share = min(_BATCH, -(-len(self.waiting) // len(self.runners)))
            for _ in range(share):
                runner.calls.append(self.waiting.popleft())
            runner.deadline = time.monotonic() + self.timeout_s
            try:
                runner.connection.sendall(b"".join(encode(*call) for call in runner.calls))
            except OSError:
                self._replace(runner, killed=False)

    def _read_results(self, runner: _Runner) -> None:
        try:
            chunk = runner.connection.recv(1 << 18)
            frames = list(runner.decoder.feed(chunk))
        except Exception:  # broken pipe or broken frames: the runner is no more to be trusted
            chunk, frames = b"", []
        if not chunk:
            self._replace(runner, killed=False)
            return
        for number, payload in frames:
            if not runner.calls or runner.calls[0][0] != number:
                # A call wrote to its runner's connection: it answers for nobody.
                self._replace(runner, killed=False)
                return
            runner.calls.popleft()
            self.results += encode(number, payload)
        runner.deadline = time.monotonic() + self.timeout_s if runner.calls else float("inf")

    def _replace(self, runner: _Runner, *, killed: bool) -> None:
        """Blame the first unanswered call, put the rest back in front, and fork a new runner."""
        del self.runners[runner.pid]
        self.selector.unregister(runner.connection)
        _kill(runner.pid)
        status = os.waitpid(runner.pid, 0)[1]
        runner.connection.close()
        if runner.calls:
            number, _ = runner.calls.popleft()
            if killed:
                result = {"outcome": "timeout", "error": f"no result after {self.timeout_s:g} s"}
            else:
                result = {"outcome": "crashed", "error": _ending(status)}
            self.results += encode(number, json.dumps(result).encode())
            self.waiting.extendleft(reversed(runner.calls))
        self._add_runner()

    def _add_runner(self) -> None:
        runner = self.fork()
        self.runners[runner.pid] = runner
        self.selector.register(runner.connection, selectors.EVENT_READ, runner)

    def _flush(self) -> None:
        """Send results as far as the parent takes them; the rest when it is ready again."""
        if self.results:
            try:
                sent = self.parent.send(self.results, socket.MSG_DONTWAIT)
                del self.results[:sent]
            except BlockingIOError:
                pass
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.results else 0)
        self.selector.modify(self.parent, events, None)


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}"


def _kill(pid: int) -> None:
    """Kill a runner and what it started. Its pid cannot have been reused: it is not reaped yet."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _limit(memory_mb: int) -> None:
    """Lower this process's limits for good."""
    memory = memory_mb * 1024 * 1024
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, _MAX_FILE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):  # macOS refuses some; the supervisor's timeout still holds
            continue
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _close_all_but(kept: int) -> None:
    """Leave a runner no way to speak to the parent or to another runner."""
    os.closerange(3, kept)
    os.closerange(kept + 1, _OPEN_FILES)


def _forker(targets: dict[str, Target], memory_mb: int, max_output: int) -> Callable[[], _Runner]:
    def fork() -> _Runner:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid:
            theirs.close()
            return _Runner(pid, ours)
        status = 1
        try:
            os.setsid()
            _close_all_but(theirs.fileno())
            _limit(memory_mb)
            serve(theirs, targets, max_output)
            status = 0
        finally:
            # Never return into the supervisor's code, and run none of its exit handlers.
            os._exit(status)

    return fork


def main() -> None:
    """Read what to load from the first frame, answer that it is ready, and serve."""
    parent = socket.socket(fileno=int(sys.argv[1]))
    decoder = Decoder()
    setup = None
    while setup is None:
        chunk = parent.recv(1 << 18)
        if not chunk:
            return
        setup = next((json.loads(payload) for _, payload in decoder.feed(chunk)), None)
    sys.path[:] = setup["path"]
    # What user code prints is nobody's business, and must not reach the terminal or a log.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    targets: dict[str, Target] = {}
    try:
        for name, ref in setup["apis"]:
            function = resolve(ref)
            targets[name] = (function, read_signature(function))
    except CallforgeError as error:
        parent.sendall(encode(0, json.dumps({"failed": str(error)}).encode()))
        return
    os.dup2(null, 2)
    gc.collect()
    gc.freeze()
    fork = _forker(targets, setup["memory_mb"], setup["max_output_bytes"])
    supervisor = Supervisor(parent, fork, setup["workers"], setup["timeout_s"])
    parent.sendall(encode(0, b'{"ready":true}'))
    supervisor.run()


if __name__ == "__main__":
    main()
