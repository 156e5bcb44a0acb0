"""Files that are written bit by bit and still are whole or not there."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from api_registry.errors import StorageError, UsageError

_DEVICES = Path("/dev")


@contextmanager
def appearing(path: Path, option: str) -> Iterator[BinaryIO]:
    """Open a file under a temporary name; it gets its own when all has been written.

    What is no file, such as a pipe or `/dev/stdout`, is written to as it is; a link stays one.
    `option` is what the user named it by, such as `--out`. Raises `UsageError` for a directory and
    `StorageError` for a place that cannot be written to, at once or when it is full.
    """
    if path.is_dir():
        raise UsageError(f"{option} `{path}` is a directory: name a file in it")
    if not path.parent.is_dir():
        raise StorageError(
            f"{option} `{path}` cannot be written: no folder `{path.parent}`, make it first"
        )
    if _is_special(path):
        with _opened(path, path, option) as file:
            yield file
        return
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with _opened(temporary, path, option) as file:
            yield file
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def refuse_same(path: Path, other: Path, option: str) -> None:
    """Raise `UsageError` where a file to be written is the one to be read."""
    if other.exists() and path.exists() and path.samefile(other):
        raise UsageError(f"{option} `{other}` is the file to be read: name another")


def _is_special(path: Path) -> bool:
    """Whether a path stands for a device or a pipe, which must never be put aside for a file."""
    return _DEVICES in path.absolute().parents or (path.exists() and not path.is_file())


class _Written(io.FileIO):
    """A file of which a user hears why it cannot be written to."""

    def __init__(self, place: Path, path: Path, option: str) -> None:
        self._named = f"{option} `{path}`"
        try:
            super().__init__(place, "w")
        except OSError as error:
            raise StorageError(f"{self._named} cannot be written: {error.strerror}") from error

    def write(self, data: Any) -> int:
        """Write some bytes. Raises `StorageError`."""
        try:
            return super().write(data)
        except OSError as error:
            raise StorageError(f"{self._named} cannot be written: {error.strerror}") from error


@contextmanager
def _opened(place: Path, path: Path, option: str) -> Iterator[BinaryIO]:
    with io.BufferedWriter(_Written(place, path, option)) as file:
        yield file
