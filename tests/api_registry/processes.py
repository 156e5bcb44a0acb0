"""A look at the processes of this machine, from outside of whatever namespaces they are in."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60
"""Seconds after which something that has not happened will not."""
STUCK = '''
import time


def stuck() -> int:
    """Never end."""
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
'''
"""Source of a function that outlives whatever is raised in it: only a kill ends it."""


def alive(pid: int) -> bool:
    """Whether a process is there and not merely waited for."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def descendants(pid: int) -> set[int]:
    """Processes below this one, dead ones that nobody has waited for included."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)] = int(fields[1])
    found: set[int] = set()
    new = {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found
