"""The small single-threaded process that forks runners, feeds them calls and kills the stuck.

Started by exec (`python -m api_registry.execution.supervisor FD SCRATCH`), never forked from the
flow's process. It imports the APIs once; runners are forked from it, warm. When its connection to
the parent closes, also because the parent was killed, it ends its runners and itself.
"""

import contextlib
import gc
import json
import math
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from api_registry.errors import CallforgeError
from api_registry.execution.forking import fork_runner, kill
from api_registry.execution.frames import LAST, BrokenStream, Decoder, encode
from api_registry.execution.runner import READY, Limits, Target
from api_registry.execution.sandbox.choice import choose
from api_registry.signatures import Unusable, read_signature
from api_registry.sources.python_source import resolve

_BATCH = 32
"""Calls handed to a runner at once; all but the first wait, so a kill costs them nothing."""
_MAX_STILLBORN = 5
"""Runners in a row that may end before they take a call."""
_INTRUDED = "it wrote to the connection that results are sent on"
_CHUNK = 1 << 18
_NEVER = float("inf")


class _Runner:
    """One forked process and the calls that it has not answered yet."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.connection = connection
        self.decoder = Decoder()
        self.ready = False
        self.answered = 0
        self.calls: deque[tuple[int, bytes]] = deque()
        self.outgoing = bytearray()
        self.deadline = _NEVER
        self.blocked = False
        """Whether it did not take all that was sent."""


class Supervisor:
    """Hands calls to runners, oldest first, and watches the clock.

    Nothing here waits for anybody but `select`: a runner that does not read, and a parent that
    does not, must not keep the deadlines of the others from being watched.
    """

    def __init__(
        self,
        parent: socket.socket,
        fork: Callable[[], tuple[int, socket.socket]],
        workers: int,
        timeout_s: float,
    ) -> None:
        self.parent = parent
        self.fork = fork
        self.timeout_s = timeout_s
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.results = bytearray()
        self.decoder = Decoder()
        self.blocked = False
        # Not `selectors`, which costs more than passing a call on does.
        self.poll = select.poll()
        self.poll.register(parent, select.POLLIN)
        # One buffer for all reading: memory of this size is mapped and unmapped on each `recv`.
        self.buffer = memoryview(bytearray(_CHUNK))
        self.runners: dict[int, _Runner] = {}
        """By descriptor."""
        self.stillborn = 0
        for _ in range(workers):
            self._add_runner()

    def run(self) -> None:
        """Serve until the parent goes away."""
        parent = self.parent.fileno()
        try:
            while True:
                for descriptor, events in self.poll.poll(self._patience()):
                    if not events & ~select.POLLOUT:
                        continue
                    if descriptor == parent:
                        if not self._read_calls():
                            return
                    elif runner := self.runners.get(descriptor):
                        self._read_results(runner)
                now = time.monotonic()
                for runner in [r for r in self.runners.values() if r.deadline <= now]:
                    self._replace(runner, "timeout", f"no result after {self.timeout_s:g} s")
                if self.waiting:
                    self._hand_out()
                for runner in self.runners.values():
                    if runner.outgoing or runner.blocked:
                        runner.blocked = self._send(
                            runner.connection, runner.outgoing, runner.blocked
                        )
                if self.results or self.blocked:
                    self.blocked = self._send(self.parent, self.results, self.blocked)
        finally:
            for runner in self.runners.values():
                kill(runner.pid)

    def _patience(self) -> int | None:
        """Milliseconds until the next deadline."""
        deadline = min([runner.deadline for runner in self.runners.values()])
        if deadline == _NEVER:
            return None
        return max(math.ceil((deadline - time.monotonic()) * 1000), 0)

    def _read_calls(self) -> bool:
        try:
            size = self.parent.recv_into(self.buffer)
        except ConnectionError:
            return False
        self.waiting.extend(self.decoder.feed(self.buffer[:size]))
        return size > 0

    def _hand_out(self) -> None:
        for runner in self.runners.values():
            if not self.waiting:
                return
            if runner.calls or not runner.ready:
                continue
            # Share what waits among the runners, so that one does not take all of a small batch.
            share = min(_BATCH, -(-len(self.waiting) // len(self.runners)))
            for _ in range(share):
                call = self.waiting.popleft()
                runner.calls.append(call)
                runner.outgoing += encode(*call)
            runner.deadline = time.monotonic() + self.timeout_s

    def _read_results(self, runner: _Runner) -> None:
        try:
            # What the event was about may be gone, and its descriptor another runner's by now.
            size = runner.connection.recv_into(self.buffer, flags=socket.MSG_DONTWAIT)
            frames = list(runner.decoder.feed(self.buffer[:size]))
        except BlockingIOError:
            return
        except ConnectionError:
            size, frames = 0, []
        except BrokenStream:
            self._replace(runner, "crashed", _INTRUDED)
            return
        if not size:
            self._replace(runner, "crashed", None)
            return
        for tagged, payload in frames:
            number = tagged & ~LAST
            if number == READY and not runner.ready:
                runner.ready = True
                self.stillborn = 0
            elif runner.calls and runner.calls[0][0] == number:
                runner.calls.popleft()
                runner.answered = number
                self.results += encode(number, payload)
                if tagged & LAST:
                    self._replace(runner, None, None)
                    return
            elif number == runner.answered:
                # Twice: the call before wrote an answer itself. Its neighbour has no part in it.
                self._replace(runner, None, None)
                return
            else:
                self._replace(runner, "crashed", _INTRUDED)
                return
        runner.deadline = time.monotonic() + self.timeout_s if runner.calls else _NEVER

    def _replace(self, runner: _Runner, outcome: str | None, error: str | None) -> None:
        """Fork a new runner for one that is stuck or gone; calls that wait go on with the next.

        The outcome is that of the first call that is not answered, unless it is None; the error
        says how the process ended, unless it is given.
        """
        del self.runners[runner.connection.fileno()]
        self.poll.unregister(runner.connection)
        kill(runner.pid)
        status = os.waitpid(runner.pid, 0)[1]
        runner.connection.close()
        if not runner.ready:
            self.stillborn += 1
            if self.stillborn >= _MAX_STILLBORN:
                raise SystemExit(f"runners end before they take a call ({_ending(status)})")
        if runner.calls and outcome is not None:
            number, _ = runner.calls.popleft()
            result = {"outcome": outcome, "error": error or _ending(status)}
            self.results += encode(number, json.dumps(result).encode())
        self.waiting.extendleft(reversed(runner.calls))
        self._add_runner()

    def _add_runner(self) -> None:
        runner = _Runner(*self.fork())
        self.runners[runner.connection.fileno()] = runner
        self.poll.register(runner.connection, select.POLLIN)

    def _send(self, to: socket.socket, data: bytearray, blocked: bool) -> bool:
        """Send as far as the other side takes it; returns whether some is left for later."""
        if data:
            # Whoever is gone is noticed when there is nothing more to read from them.
            with contextlib.suppress(BlockingIOError, ConnectionError):
                sent = to.send(data, socket.MSG_DONTWAIT)
                del data[:sent]
        if blocked != bool(data):
            self.poll.modify(to, select.POLLIN | (select.POLLOUT if data else 0))
        return bool(data)


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"the process ended with exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # real-time signals have no names
        return f"killed by signal {-code}"


def main() -> None:
    """Read what to load from the first frame, answer that it is ready, and serve."""
    parent = socket.socket(fileno=int(sys.argv[1]))
    setup = _first_frame(parent)
    if setup is None:
        return
    sys.path[:] = setup["path"]
    targets: dict[str, Target] = {}
    for name, ref in setup["apis"]:
        try:
            function = resolve(ref)
            targets[name] = (function, read_signature(function))
        except (CallforgeError, Unusable) as error:
            parent.sendall(encode(0, json.dumps({"failed": f"`{ref}`: {error}"}).encode()))
            return
    gc.collect()
    gc.freeze()
    limits = Limits(**setup["limits"])
    trial = choose(**setup["sandbox"], limits=limits)
    supervisor = Supervisor(
        parent,
        lambda: fork_runner(targets, limits, trial.sandbox),
        setup["workers"],
        limits.timeout_s,
    )
    parent.sendall(encode(0, json.dumps(trial.described()).encode()))
    supervisor.run()


def _first_frame(connection: socket.socket) -> Any:
    decoder = Decoder()
    while chunk := connection.recv(_CHUNK):
        for _, payload in decoder.feed(chunk):
            return json.loads(payload)
    return None


if __name__ == "__main__":
    scratch = sys.argv[2]
    try:
        main()
    finally:
        # The parent removes the scratch folder too, but may not be there any more.
        shutil.rmtree(scratch, ignore_errors=True)
