"""A folder at an fsspec URL: `s3://bucket/runs`, `gs://…`, `memory://…`, `file:///…`.

Object stores show a file only when all of it is there; others may not. So what has to be trusted is
trusted by its sha256, and what vouches for files is sent after them.
"""

import hashlib
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fsspec.core import url_to_fs

from api_registry.errors import CallforgeError, StorageError, UsageError

_CHUNK = 2**20


def is_url(place: str) -> bool:
    """Whether this is an fsspec URL, not a folder of this machine."""
    return "://" in place


def refuse_password(url: str) -> str:
    """Return the URL; raises `ValueError` where it holds a password, which would be written down.

    Stores take their keys from the environment, as their own tools do.
    """
    if is_url(url) and urlsplit(url).password is not None:
        raise ValueError("a URL holds no password or key: the store's own variables do")
    return url


class Store:
    """Files below one URL, named relative to it. Every method raises `StorageError` in words."""

    def __init__(self, url: str, option: str = "--out") -> None:
        """Find the file system. Raises `UsageError` where none can be had for this URL."""
        self.url, self._option = url, option
        try:
            self.files, self.root = url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise UsageError(f"{option} `{url}` cannot be opened: {error}") from error

    def at(self, name: str) -> str:
        """Where a file of that name is, as the file system says it."""
        return posixpath.join(self.root, name)

    def names(self, folder: str) -> set[str]:
        """Names of the files directly in a folder; none where there is no such folder."""
        with self._explained("read"):
            self.files.invalidate_cache()
            try:
                found = self.files.ls(self.at(folder), detail=False)
            except FileNotFoundError:
                return set()
        return {posixpath.basename(path) for path in found}

    def read(self, name: str) -> bytes | None:
        """The content of a small file, None where there is no such file."""
        with self._explained("read"):
            try:
                return bytes(self.files.cat_file(self.at(name)))
            except FileNotFoundError:
                return None

    def get(self, name: str, path: Path) -> bool:
        """Fetch a file; False where there is no such file."""
        with self._explained("read"):
            try:
                self.files.get_file(self.at(name), str(path))
            except FileNotFoundError:
                return False
        return True

    def holds(self, name: str, size: int, sha256: str) -> bool:
        """Whether a file with this very content is there."""
        place = self.at(name)
        found = hashlib.sha256()
        with self._explained("read"):
            if not self.files.exists(place) or self.files.size(place) != size:
                return False
            with self.files.open(place, "rb") as stream:
                while chunk := _read(stream):
                    found.update(chunk)
        return found.hexdigest() == sha256

    def prepare(self, folder: str = "") -> None:
        """Make a folder, where the file system has such."""
        with self._explained("written"):
            self.files.makedirs(self.at(folder) if folder else self.root, exist_ok=True)

    def put(self, path: Path, name: str) -> None:
        """Send a file by one put, in the place of whatever was there."""
        with self._explained("written"):
            self.files.put_file(str(path), self.at(name))

    def put_hidden(self, path: Path, name: str) -> None:
        """Send a file under another name, then give it its own."""
        temporary = self.at(posixpath.join(posixpath.dirname(name), f".{path.name}.part"))
        with self._explained("written"):
            self.files.put_file(str(path), temporary)
            self.files.mv(temporary, self.at(name))

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with self._explained("written"):
            if self.files.exists(self.at(name)):
                self.files.rm_file(self.at(name))

    @contextmanager
    def _explained(self, done: str) -> Iterator[None]:
        try:
            yield
        except CallforgeError:
            raise
        except FileNotFoundError:
            raise StorageError(
                f"{self._option} `{self.url}` cannot be {done}: a file or bucket is not there"
            ) from None
        except Exception as error:  # each file system raises what its own library does
            raise StorageError(
                f"{self._option} `{self.url}` cannot be {done} ({_said(error)}): "
                "the same command goes on from what is there"
            ) from error


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _read(stream: Any) -> bytes:
    return bytes(stream.read(_CHUNK))
