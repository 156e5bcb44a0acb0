"""The small process that starts others (a server, a training), and ends them with its parent.

Run as a file by `python -I supervisor.py GRACE_S COMMAND…`, never forked from the flow's process,
with a pipe from the parent as standard input: when that closes, also because the parent was killed,
the command gets SIGTERM, and after the grace SIGKILL. Whatever it has started dies with it, be it
in a session of its own: on Linux orphans become children of this process, which ends only when it
has none. It exits as the command did. Only the standard library is imported, and nothing of ours.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_LOOK_S = 0.1
_CANNOT_START = 127
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LINUX = sys.platform == "linux"


def supervised(command: Sequence[str], grace_s: float) -> list[str]:
    """The command line that runs another under a supervisor; its standard input is to be a pipe."""
    return [sys.executable, "-I", __file__, str(grace_s), *command]


def _prctl(option: int, value: int) -> None:
    if _LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _watch(child: "subprocess.Popen[bytes]", parent: int, asked: list[int]) -> None:
    """Return when the server ended, the parent's end of the pipe closed, or a signal asked to."""
    while child.poll() is None and not asked and os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], _LOOK_S)
        if readable and not os.read(0, 4096):
            return


def _end(child: "subprocess.Popen[bytes]", grace_s: float) -> None:
    deadline = time.monotonic() + grace_s
    if child.poll() is None:
        child.terminate()
    while child.poll() is None and time.monotonic() < deadline:
        time.sleep(_LOOK_S / 2)
    # macOS refuses a group of zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    _sweep()


def _sweep() -> None:
    """Kill and reap until nothing descends from this process."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid:
            continue
        for orphan in _children():
            try:
                os.kill(orphan, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(_LOOK_S / 10)


def _children() -> list[int]:
    """Children of this process; what they started becomes its own when they end."""
    own, found = str(os.getpid()), []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold anything, brackets too.
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == own:
            found.append(int(stat.parent.name))
    return found


def main() -> int:
    """Start the server and see it through to its end; returns its exit code."""
    parent, asked = os.getppid(), list[int]()
    grace_s, command = float(sys.argv[1]), sys.argv[2:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda given, _: asked.append(given))
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            # Safe here: this process has one thread. It covers a kill -9 of the supervisor itself.
            preexec_fn=lambda: _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),
        )
    except OSError as error:
        print(f"{command[0]} cannot be started: {error}", file=sys.stderr)  # noqa: T201
        return _CANNOT_START
    try:
        _watch(child, parent, asked)
    finally:
        _end(child, grace_s)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
