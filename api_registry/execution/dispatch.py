"""Hands calls to runners, oldest first, watches the clock, and replaces the stuck and the crashed.

Nothing here waits for anybody but `select`: a runner that does not read, and a parent that does
not, must not keep the deadlines of the others from being watched.
"""

import json
import math
import select
import socket
import time
from collections import deque
from collections.abc import Callable

from api_registry.execution.forking import kill
from api_registry.execution.frames import CLOSE, LAST, SESSION, BrokenStream, Decoder, encode
from api_registry.execution.handle import NEVER, Handle, send
from api_registry.execution.runner import READY

_BATCH = 32
"""Calls handed to a runner at once; all but the first wait, so a kill costs them nothing."""
_MAX_STILLBORN = 5
"""Runners in a row that may end before they take a call."""
_INTRUDED = "it wrote to the connection that results are sent on"
_GONE = "the process of its session has ended"
_CHUNK = 1 << 18
_ENVELOPE = 1 << 14
"""Bytes that a result may have beside its value: names, error text, digest."""


class Dispatcher:
    """The runners of single calls, and one more for each session that is open."""

    def __init__(
        self,
        parent: socket.socket,
        fork: Callable[[], tuple[int, socket.socket]],
        workers: int,
        timeout_s: float,
        *,
        max_output: int,
        fresh: bool,
    ) -> None:
        """Fork the runners.

        Args:
            parent: Where calls come from and results go.
            fork: Makes a runner; returns its process id and our end of its connection.
            workers: Runners of single calls.
            timeout_s: Seconds for one call.
            max_output: Bytes of a result. A call may write to its connection itself: what is larger
                never reaches the parent, which would have to read it.
            fresh: Give a runner one call, whatever it says of itself afterwards.
        """
        self.parent = parent
        self.fork = fork
        self.workers = workers
        self.timeout_s = timeout_s
        self.fresh = fresh
        self.max_payload = max_output + _ENVELOPE
        self.batch = 1 if fresh else _BATCH
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.results = bytearray()
        self.decoder = Decoder()
        self.blocked = False
        # Not `selectors`, which costs more than passing a call on does.
        self.poll = select.poll()
        self.poll.register(parent, select.POLLIN)
        # One buffer for all reading: memory of this size is mapped and unmapped on each `recv`.
        self.buffer = memoryview(bytearray(_CHUNK))
        self.runners: dict[int, Handle] = {}
        """By descriptor."""
        self.sessions: dict[int, Handle | None] = {}
        """By number; None for those whose process has ended before they were closed."""
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
        if deadline == NEVER:
            return None
        return max(math.ceil((deadline - time.monotonic()) * 1000), 0)

    def _read_calls(self) -> bool:
        try:
            size = self.parent.recv_into(self.buffer)
        except ConnectionError:
            return False
        for number, payload in self.decoder.feed(self.buffer[:size]):
            if number >> SESSION:
                self._take_for_session(number, payload)
            else:
                self.waiting.append((number, payload))
        return size > 0

    def _take_for_session(self, number: int, payload: bytes) -> None:
        session = number >> SESSION
        if payload == CLOSE:
            runner = self.sessions.pop(session, None)
            if runner:
                self._remove(runner)
                for unanswered, _ in runner.calls:
                    self._answer(unanswered, "state_lost", _GONE)
            return
        if session not in self.sessions:
            self.sessions[session] = self._add_runner(session)
        runner = self.sessions[session]
        if runner is None:
            self._answer(number, "state_lost", _GONE)
            return
        if not runner.calls:
            runner.deadline = time.monotonic() + self.timeout_s
        runner.calls.append((number, payload))
        runner.outgoing += encode(number, payload)

    def _hand_out(self) -> None:
        for runner in self.runners.values():
            if not self.waiting:
                return
            if runner.calls or not runner.ready or runner.session:
                continue
            # Share what waits among the runners, so that one does not take all of a small batch.
            share = min(self.batch, -(-len(self.waiting) // self.workers))
            for _ in range(share):
                call = self.waiting.popleft()
                runner.calls.append(call)
                runner.outgoing += encode(*call)
            runner.deadline = time.monotonic() + self.timeout_s

    def _read_results(self, runner: Handle) -> None:
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
                if tagged & LAST or (self.fresh and not runner.session):
                    self._replace(runner, None, None)
                    return
            elif number == runner.answered and not runner.session:
                # Twice: the call before wrote an answer itself. Its neighbour has no part in it.
                self._replace(runner, None, None)
                return
            else:
                self._replace(runner, "crashed", _INTRUDED)
                return
        runner.deadline = time.monotonic() + self.timeout_s if runner.calls else NEVER

    def _replace(self, runner: Handle, outcome: str | None, error: str | None) -> None:
        """Put a new runner in the place of one that is stuck or gone; calls that wait go on there.

        The outcome is that of the first call that is not answered, unless it is None; the error
        says how the process ended, unless it is given. What a session loses with its process is for
        the parent to restore.
        """
        ending = self._remove(runner)
        if not runner.ready:
            self.stillborn += 1
            if self.stillborn >= _MAX_STILLBORN:
                raise SystemExit(f"runners end before they take a call ({ending})")
        if runner.calls and outcome is not None:
            number, _ = runner.calls.popleft()
            self._answer(number, outcome, error or ending)
        if runner.session:
            self.sessions[runner.session] = None
            for number, _ in runner.calls:
                self._answer(number, "state_lost", _GONE)
        else:
            self.waiting.extendleft(reversed(runner.calls))
            self._add_runner()

    def _answer(self, number: int, outcome: str, error: str) -> None:
        result = {"outcome": outcome, "error": error}
        self.results += encode(number, json.dumps(result).encode())

    def _add_runner(self, session: int = 0) -> Handle:
        runner = Handle(*self.fork(), session, self.max_payload)
        self.runners[runner.connection.fileno()] = runner
        self.poll.register(runner.connection, select.POLLIN)
        return runner

    def _remove(self, runner: Handle) -> str:
        """End a runner; returns how it ended."""
        del self.runners[runner.connection.fileno()]
        self.poll.unregister(runner.connection)
        return runner.end()

    def _send(self, to: socket.socket, data: bytearray, blocked: bool) -> bool:
        """Send as far as the other side takes it; returns whether some is left for later."""
        if data:
            send(to, data)
        if blocked != bool(data):
            self.poll.modify(to, select.POLLIN | (select.POLLOUT if data else 0))
        return bool(data)
