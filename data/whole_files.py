"""Files that are written bit by bit and still are whole or not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from api_registry.errors import StorageError, UsageError


@contextmanager
def appearing(path: Path, option: str) -> Iterator[BinaryIO]:
    """Open a file under a temporary name; it gets its own when all has been written.

    `option` is what the user named it by, such as `--out`. Raises `UsageError` for a directory and
    `StorageError` for a place that cannot be written to.
    """
    if path.is_dir():
        raise UsageError(f"{option} `{path}` is a directory: name a file in it")
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        file = temporary.open("wb")
    except OSError as error:
        raise StorageError(f"{option} `{path}` cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def refuse_same(path: Path, other: Path, option: str) -> None:
    """Raise `UsageError` where a file to be written is the one to be read."""
    if other.exists() and path.exists() and path.samefile(other):
        raise UsageError(f"{option} `{other}` is the file to be read: name another")
