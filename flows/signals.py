"""SIGTERM ends a command in good order, as Ctrl-C does: what it started is ended first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
"""Exit code of a process ended by Ctrl-C."""


@dataclass
class Ending:
    """Which signal ended a command."""

    number: int = signal.SIGINT

    @property
    def code(self) -> int:
        """The exit code that says so: 128 and the signal's number."""
        return 128 + self.number


@contextmanager
def ended_by_signal() -> Iterator[Ending]:
    """Let SIGTERM raise `KeyboardInterrupt` as SIGINT does, as long as the body runs."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending  # only the main thread may handle signals
        return

    def end(number: int, frame: FrameType | None) -> None:
        ending.number = number
        if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):
            raise KeyboardInterrupt  # shells let their background jobs ignore SIGINT
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield ending
    finally:
        signal.signal(signal.SIGTERM, before)
