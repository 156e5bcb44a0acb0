"""Paid answers as they arrive: one file per shard, appended to before an answer is used.

A line is a CRC-32 in hex, a blank, and JSON. What a `kill -9` or a power cut leaves half written at
the end is cut off when the file is read; a damaged line elsewhere costs that answer alone.
"""

import asyncio
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from api_registry.errors import StorageError
from api_registry.types import Model
from data.identity import compact_json
from generators.types import Completion

_SYNC_SECONDS = 1.0


@dataclass(frozen=True)
class Key:
    """Which answer this is."""

    purpose: str
    """`draft`, `judge:NAME`, `probe:NAME`."""
    draft: int
    """First draft that it is about; -1 for what belongs to the run as a whole."""
    attempt: int
    """0, or the how manieth time the draft is made again."""
    request: str
    """Hash of the request's body."""

    def text(self) -> str:
        """The key as stored."""
        return f"{self.purpose}/{self.draft}/{self.attempt}/{self.request}"


class _Entry(Model):
    key: str
    answer: Completion


class Journal:
    """The journal files of one run."""

    def __init__(self, folder: Path, drafts_per_file: int) -> None:
        self.folder = folder
        self.drafts_per_file = drafts_per_file
        self.replayed = 0
        """Answers that were found here instead of being asked for."""
        self._files: dict[int, _File] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._timer:
            self._timer.cancel()
        for file in self._files.values():
            file.close()
        self._files.clear()

    def find(self, key: Key) -> Completion | None:
        """The answer that was paid for already, if it was."""
        known = self._file(key).answers.get(key.text())
        self.replayed += known is not None
        return known

    def add(self, key: Key, answer: Completion) -> None:
        """Append an answer in one write; it reaches the disk within a second."""
        text = key.text()
        payload = compact_json({"key": text, "answer": answer.model_dump(exclude_defaults=True)})
        self._file(key).append(text, answer, payload.encode("utf-8", "surrogatepass"))
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_SYNC_SECONDS, self._sync)

    def drop(self, shard: int) -> None:
        """Forget a shard whose manifest is complete: its rows hold everything now."""
        file = self._files.pop(shard, None)
        if file:
            file.close(sync=False)
        self._path(shard).unlink(missing_ok=True)

    def _sync(self) -> None:
        self._timer = None
        for file in self._files.values():
            if file.dirty:
                asyncio.get_running_loop().run_in_executor(None, file.sync)

    def _path(self, shard: int) -> Path:
        return self.folder / (f"{shard:05d}.journal" if shard >= 0 else "start.journal")

    def _file(self, key: Key) -> "_File":
        shard = key.draft // self.drafts_per_file if key.draft >= 0 else -1
        file = self._files.get(shard)
        if file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self._files[shard] = _File(self._path(shard))
        return file


class _File:
    """One journal file: what it held when it was opened, and where new answers go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, Completion] = {}
        self.dirty = False
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        content = path.read_bytes()
        # A torn tail goes, so that the next line does not become part of it.
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._descriptor, whole)
        for entry in _entries(content[:whole]):
            self.answers[entry.key] = entry.answer

    def append(self, key: str, answer: Completion, payload: bytes) -> None:
        line = b"%08x %s\n" % (zlib.crc32(payload), payload)
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise StorageError(f"`{self.path}` cannot be written: {error.strerror}") from error
        if written != len(line):
            raise StorageError(f"`{self.path}` cannot be written: the disk is full")
        self.dirty = True

    def sync(self) -> None:
        self.dirty = False
        if self._descriptor >= 0:
            os.fsync(self._descriptor)

    def close(self, *, sync: bool = True) -> None:
        if sync and self.dirty:
            self.sync()
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


def _entries(content: bytes) -> Iterator[_Entry]:
    """The undamaged lines."""
    for line in content.splitlines():
        checksum, _, payload = line.partition(b" ")
        try:
            if int(checksum, 16) == zlib.crc32(payload):
                yield _Entry.model_validate_json(payload)
        except (ValueError, ValidationError):
            continue
