"""Gives memory back to the system: a long run should take no more than a short one."""

import ctypes
import gc
import os

_LARGE = 512 << 10
"""Bytes of a block that goes straight back when it is freed. More than asyncio asks for each time
that it reads from a socket, which is 256 KiB: to map those would cost CPU with each request."""
_M_MMAP_THRESHOLD = -3
_c_library = ctypes.CDLL(None) if os.name == "posix" else None


def give_back() -> None:
    """Return what was freed to the system: after work that took much memory for a while."""
    _ask("malloc_trim", 0)


def give_all_back() -> None:
    """The same, also for what only refers to itself: goes through all objects there are."""
    gc.collect()
    give_back()


def keep_large_blocks_apart() -> None:
    """Have large blocks mapped one by one for the rest of this process.

    By itself glibc raises the size from which it does so to that of the largest block freed, up to
    32 MiB (`mallopt`(3), M_MMAP_THRESHOLD). From then on columns of Parquet files lie among small
    objects, and what is left between those cannot be given back.
    """
    _ask("mallopt", _M_MMAP_THRESHOLD, _LARGE)


def _ask(name: str, *numbers: int) -> None:
    """Call a function of glibc; other C libraries give back what they will without being asked."""
    function = getattr(_c_library, name, None)
    if function is not None:
        function(*numbers)
