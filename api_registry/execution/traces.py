"""What a call leaves behind in its process.

Runners are warm: one process runs many calls, of many APIs. A call that changed what others stand
on answers for itself, and its runner takes no more: the next call gets a process as it was. What
is looked at costs microseconds, so that it can be looked at after every call. Not seen are changes
inside modules (`math.pi = 3`, a cache) and inside C libraries; `docs/execution.md` says what that
means, and `callforge apis check` finds functions whose results depend on earlier calls.
"""

import _thread
import builtins
import contextvars
import faulthandler
import gc
import locale
import operator
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")

# Held here because a call may put something else in their place.
_all, _map = all, map

_GROWTH = 0.25
"""Share of the memory allowed to a call by which a runner may grow before it is replaced."""


class Traces:
    """The state of a process before any call, to be compared with the state after each."""

    def __init__(self, memory_mb: int) -> None:
        """`memory_mb` is what a call may use; a quarter of it may have been used in passing."""
        self._peak = _peak_bytes() + int(memory_mb * _GROWTH * 1024 * 1024)
        self._builtins = dict(builtins.__dict__)
        self._count = len(self._builtins)
        self._values = tuple(self._builtins.values())
        self._patched = False
        self._state = _watched()
        self._threads = _thread._count()
        self._descriptor = _lowest_descriptor()

    def put_back_builtins(self) -> None:
        """Undo what a call did to builtins: the code that answers for it needs them.

        To be called as soon as the call has returned or raised, before `left`.
        """
        now = builtins.__dict__
        # By identity: an object put there may claim to equal anything.
        same = _all(_map(operator.is_, now.values(), self._values))
        if not same or now.__len__() != self._count:
            now.clear()
            now.update(self._builtins)
            self._patched = True

    def left(self) -> str | None:
        """Name the first thing that is not as it was; None where everything is."""
        # A watchdog would end the process of some later call.
        faulthandler.cancel_dump_traceback_later()
        if _thread._count() != self._threads:
            return "a thread"
        if _has_children():
            return "a child process"
        if _lowest_descriptor() != self._descriptor:
            return "a descriptor"
        if self._patched:
            return "builtins"
        if (now := _watched()) != self._state:
            changes = zip(_WATCHED, self._state, now, strict=True)
            return next(name for name, before, after in changes if before != after)
        return "memory" if _peak_bytes() > self._peak else None


def alone(function: Callable[[], Value]) -> Value:
    """Run a function in a context of its own: what it sets in context variables ends with it.

    The precision of `decimal` is one of them.
    """
    return contextvars.copy_context().run(_with_own_decimals, function)


def _with_own_decimals(function: Callable[[], Value]) -> Value:
    decimal = sys.modules.get("decimal")
    if decimal is not None:
        decimal.setcontext(decimal.getcontext().copy())
    return function()


_WATCHED = (
    "the working directory",
    "environment variables",
    "a timer",
    "a signal handler",
    "blocked signals",
    "the recursion limit",
    "a trace function",
    "an import path",
    "an import hook",
    "standard output",
    "the locale",
    "garbage collection",
    "a garbage collection hook",
    "warnings as errors",
)


# Asked after every call: by short names, for each look-up costs as much as the question itself.
_timer, _handler, _masked = signal.getitimer, signal.getsignal, signal.pthread_sigmask
_REAL, _VIRTUAL, _PROFILING = signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF
_NO_TIMER = (0.0,) * 6
_ALARM, _BLOCK = signal.SIGALRM, signal.SIG_BLOCK


def _watched() -> tuple[Any, ...]:
    """The state behind each name of `_WATCHED`, to be compared by value."""
    try:
        folder = os.getcwd()  # noqa: PTH109 - ten times as fast, and asked after every call
    except OSError:
        folder = None
    return (
        folder,
        # The mapping below it: `os.environ` decodes every value each time.
        {**getattr(os.environ, "_data", os.environ)},
        _timer(_REAL) + _timer(_VIRTUAL) + _timer(_PROFILING) != _NO_TIMER,
        _handler(_ALARM),
        _masked(_BLOCK, ()),
        sys.getrecursionlimit(),
        (sys.gettrace(), sys.getprofile()),
        (*sys.path,),
        (*sys.meta_path, *sys.path_hooks),
        (id(sys.stdout), id(sys.stderr), id(sys.stdin)),
        locale.setlocale(locale.LC_ALL),
        gc.isenabled(),
        len(gc.callbacks),
        # Filters that only hide warnings come with many a module that is imported late.
        [entry[0] for entry in warnings.filters].count("error"),
    )


def _lowest_descriptor() -> int:
    """The lowest free descriptor: it moves when one is left open, or one of ours is closed."""
    try:
        descriptor = os.dup(0)
    except OSError:
        return -1
    os.close(descriptor)
    return descriptor


def _peak_bytes() -> int:
    """The most memory that this process has held; asking for it needs no file."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _has_children() -> bool:
    if not hasattr(os, "waitid"):  # macOS, before Python 3.13
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except (ChildProcessError, PermissionError):
        return False
    return True
