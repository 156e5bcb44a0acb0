"""A runner as the dispatcher holds it: a process, its connection, and its open calls."""

import contextlib
import os
import signal
import socket
from collections import deque

from api_registry.execution.forking import kill
from api_registry.execution.frames import Decoder

NEVER = float("inf")


class Handle:
    """One forked process and the calls that it has not answered yet."""

    def __init__(self, pid: int, connection: socket.socket, session: int, max_payload: int) -> None:
        self.pid = pid
        self.connection = connection
        self.session = session
        """The only session whose calls it takes; 0 for a runner of single calls."""
        self.decoder = Decoder(max_payload)
        self.ready = False
        self.answered = 0
        self.calls: deque[tuple[int, bytes]] = deque()
        self.outgoing = bytearray()
        self.deadline = NEVER
        self.blocked = False
        """Whether it did not take all that was sent."""

    def end(self) -> str:
        """Kill it and what it started; returns how it ended, in words."""
        kill(self.pid)
        status = os.waitpid(self.pid, 0)[1]
        self.connection.close()
        return _ending(status)


def send(to: socket.socket, data: bytearray) -> None:
    """Send as far as the other side takes it; what is left stays in `data`."""
    # Whoever is gone is noticed when there is nothing more to read from them.
    with contextlib.suppress(BlockingIOError, ConnectionError):
        sent = to.send(data, socket.MSG_DONTWAIT)
        del data[:sent]


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"the process ended with exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # real-time signals have no names
        return f"killed by signal {-code}"
