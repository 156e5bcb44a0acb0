"""Makes a runner: forks the warm supervisor and takes away what a call does not need.

Limits on memory, file size and descriptors are set here; what a runner may reach is the sandbox's
part.
"""

import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from api_registry.execution.runner import Limits, Target, serve
from api_registry.execution.sandbox import Sandbox
from api_registry.execution.sandbox.kernel import LINUX, die_with

_MAX_FILE = 16 * 1024 * 1024
_CONNECTION = 3
_OPEN_FILES = 4096
"""More descriptors than the supervisor can have: two per runner, and what runners may read."""


def fork_runner(
    targets: dict[str, Target], limits: Limits, sandbox: Sandbox
) -> tuple[int, socket.socket]:
    """Fork a runner; returns its process id and the supervisor's end of its connection."""
    return fork_isolated(lambda connection: serve(connection, targets, limits), limits, sandbox)


def fork_isolated(
    work: Callable[[socket.socket], None], limits: Limits, sandbox: Sandbox
) -> tuple[int, socket.socket]:
    """Fork a process that does `work` and ends; returns its id and our end of its connection."""
    ours, theirs = socket.socketpair()
    supervisor = os.getpid()
    pid = os.fork()
    if pid:
        theirs.close()
        return pid, ours
    status = 1
    try:
        os.setsid()  # a process group of its own: what a call starts is killed with it
        _limit(limits)
        if LINUX:
            die_with(supervisor)
        _silence()
        sandbox.enter(os.getpid())
        work(_only_descriptor(theirs))
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


def _silence() -> None:
    """Leave no terminal to read from or to write to."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)


def _only_descriptor(connection: socket.socket) -> socket.socket:
    """Leave no way to speak to the parent or to another runner."""
    os.dup2(connection.detach(), _CONNECTION, inheritable=False)
    os.closerange(_CONNECTION + 1, _OPEN_FILES)
    _lower(resource.RLIMIT_NOFILE, 64)
    return socket.socket(fileno=_CONNECTION)


def _limit(limits: Limits) -> None:
    """Lower this process's limits for good."""
    memory = _address_space() + limits.memory_mb * 1024 * 1024
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, _MAX_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(kind, value)


def _lower(kind: int, value: int) -> None:
    try:
        resource.setrlimit(kind, (value, value))
    except (OSError, ValueError):  # macOS refuses some; the supervisor's timeout still holds
        return


def _address_space() -> int:
    """Bytes mapped already: a module such as numpy maps gigabytes that are no call's doing."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()
