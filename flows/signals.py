"""SIGTERM ends a command in good order, as Ctrl-C does: what it started is ended first."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType

_handler: ContextVar[Callable[[int, FrameType | None], None] | None] = ContextVar(
    "what a command does at SIGTERM", default=None
)


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
    told = _handler.set(end)
    try:
        yield ending
    finally:
        _handler.reset(told)
        signal.signal(signal.SIGTERM, before)


def take_back_sigterm() -> None:
    """Let SIGTERM end the command again that a flow runs in, if one does.

    Prefect's own handler raises what asyncio keeps as the error of whichever task runs just then,
    where nobody may look for it.
    """
    if (end := _handler.get()) and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, end)
