"""A look at the processes of this machine, from outside of whatever namespaces they are in."""

import contextlib
from pathlib import Path


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
