"""Makes a runner: forks the warm supervisor and takes away what a call does not need.

This is the tier `rlimits`: a process of its own with limits on memory, CPU time, file size and
descriptors, without new privileges. It does not cover reading files or opening sockets.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from api_registry.execution.runner import Limits, Target, serve

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_MAX_FILE = 16 * 1024 * 1024
_OPEN_FILES = 4096
"""More descriptors than the supervisor can have: two per runner."""


def fork_runner(targets: dict[str, Target], limits: Limits) -> tuple[int, socket.socket]:
    """Fork a runner; returns its process id and the supervisor's end of its connection."""
    ours, theirs = socket.socketpair()
    supervisor = os.getpid()
    pid = os.fork()
    if pid:
        theirs.close()
        return pid, ours
    status = 1
    try:
        os.setsid()  # a process group of its own: what a call starts is killed with it
        _close_all_but(theirs.fileno())
        _harden(supervisor, limits)
        serve(theirs, targets, limits)
        status = 0
    finally:
        # Never return into the supervisor's code, and run none of its exit handlers.
        os._exit(status)


def kill(pid: int) -> None:
    """Kill a runner and what it started.

    By process id, not by pidfd: a child that nobody has waited for keeps its id, and its whole
    group can be reached this way.
    """
    senders: tuple[Callable[[int, int], None], ...] = (os.killpg, os.kill)
    for send in senders:  # the group does not exist yet in the first moment after the fork
        try:
            send(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _close_all_but(kept: int) -> None:
    """Leave no way to speak to the parent, to another runner or to a terminal."""
    os.closerange(3, kept)
    os.closerange(kept + 1, _OPEN_FILES)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)


def _harden(supervisor: int, limits: Limits) -> None:
    """Lower this process's limits for good."""
    memory = _address_space() + limits.memory_mb * 1024 * 1024
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
        if os.getppid() != supervisor:  # it died before the line above
            os._exit(1)


def _address_space() -> int:
    """Bytes mapped already: a module such as numpy maps gigabytes that are no call's doing."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()
