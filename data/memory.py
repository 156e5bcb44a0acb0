"""Gives memory back to the system: a long run should take no more than a short one.

Importing this chooses Arrow's allocator, so it comes before anything that loads Arrow. Arrow's own,
mimalloc, keeps for each thread what that thread freed: a run whose Arrow data never took 50 MiB
held on to more than 100. The C library's keeps less, at no cost in time that could be measured, and
can be asked for the rest. Whoever sets the variable (documented by Arrow, "Environment Variables")
keeps what they set, and where Arrow is loaded already nothing changes.
"""

import ctypes
import os

os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
"""Of glibc only; other C libraries give back what they will without being asked."""


def give_back() -> None:
    """Return what was freed to the system: after work that took much memory for a while."""
    if _trim is not None:
        _trim(0)
