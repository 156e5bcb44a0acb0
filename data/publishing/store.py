"""Publishing to any place that fsspec knows: each file whole, the manifest last.

Whoever reads the manifest there finds every file that it names. A second try sends only what is
missing or other; a finished one sends nothing.
"""

import hashlib
import posixpath
from typing import Any

import fsspec
from fsspec.core import url_to_fs

from api_registry.errors import StorageError, UsageError
from data.publishing.bundle import MANIFEST, Bundle, BundleFile
from data.publishing.config import Published

_CHUNK = 2**20


def publish_to_store(bundle: Bundle, url: str) -> Published:
    """Publish a data set to a folder or store. Raises `UsageError`, `StorageError`."""
    try:
        files, root = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise UsageError(f"--to `{url}` cannot be opened: {error}") from error
    try:
        files.makedirs(root, exist_ok=True)
        wanted = [file for file in bundle.files if not _there(files, root, file)]
        # While files change, no old manifest may vouch for them.
        if any(file.name != MANIFEST for file in wanted) and files.exists(_at(root, MANIFEST)):
            files.rm_file(_at(root, MANIFEST))
            wanted = [*(f for f in wanted if f.name != MANIFEST), bundle.files[-1]]
        for file in wanted:
            _put(files, root, file)
    except OSError as error:
        raise StorageError(
            f"--to `{url}` cannot be written ({error}): the same command goes on from what is there"
        ) from error
    return Published(place=url, files=len(bundle.files), sent=len(wanted))


def _put(files: fsspec.AbstractFileSystem, root: str, file: BundleFile) -> None:
    """Send a file under another name, then give it its own."""
    temporary = _at(root, f".{file.name}.part")
    files.put_file(str(file.path), temporary)
    files.mv(temporary, _at(root, file.name))


def _there(files: fsspec.AbstractFileSystem, root: str, file: BundleFile) -> bool:
    place = _at(root, file.name)
    if not files.exists(place) or files.size(place) != file.path.stat().st_size:
        return False
    sha256 = hashlib.sha256()
    with files.open(place, "rb") as stream:
        while chunk := _read(stream):
            sha256.update(chunk)
    return sha256.hexdigest() == file.sha256


def _read(stream: Any) -> bytes:
    return bytes(stream.read(_CHUNK))


def _at(root: str, name: str) -> str:
    return posixpath.join(root, name)
