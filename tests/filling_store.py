"""A store behind fsspec that runs out of room: `filling://`."""

from typing import Any

import fsspec
from fsspec.implementations.memory import MemoryFileSystem


class FillingStore(MemoryFileSystem):  # type: ignore[misc]
    """Takes so many files more, and then none."""

    protocol = "filling"
    # Those of a memory file system belong to its class: without its own it would hold all others'.
    store: dict[str, Any] = {}
    pseudo_dirs = [""]
    room = 0

    def put_file(self, lpath: str, rpath: str, **settings: object) -> None:
        if FillingStore.room == 0:
            raise OSError("no room left")
        FillingStore.room -= 1
        super().put_file(lpath, rpath, **settings)


def make_room(files: int) -> None:
    """Let the store take so many files from now on."""
    fsspec.register_implementation("filling", FillingStore, clobber=True)
    FillingStore.room = files
