"""Paid answers as they arrive: one file per shard, appended to before an answer is used.

A line is a CRC-32 in hex, a blank, and JSON. What a `kill -9` or a power cut leaves half written at
the end is cut off when the file is read; a damaged line elsewhere costs that answer alone.
"""

import asyncio
import json
import os
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from api_registry.errors import StorageError
from data.identity import compact_json
from data.usage import Usage
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


class Journal:
    """The journal files of one run."""

    def __init__(self, folder: Path, drafts_per_file: int, start: str = "start") -> None:
        """`start` names the file of what belongs to the run as a whole, which no two share."""
        self.folder, self.start = folder, start
        self.drafts_per_file = drafts_per_file
        self.replayed = 0
        """Answers about drafts that were found here instead of being asked for."""
        self._used: dict[int, Usage] = {}
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
        if known is not None:
            self.replayed += key.draft >= 0
            self._count(key, known)
        return known

    def add(self, key: Key, answer: Completion) -> None:
        """Append an answer in one write; it reaches the disk within a second.

        Raises `StorageError` where it cannot be written, or an earlier one did not reach the disk.
        """
        file = self._file(key)
        file.append(key.text(), answer)
        if key.draft < 0:  # what is about the run as a whole is asked for by several
            file.answers[key.text()] = answer
        self._count(key, answer)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_SYNC_SECONDS, self._sync)

    def used(self, shard: int) -> Usage:
        """What the answers cost that this command used for a shard, whoever paid for them."""
        return self._used.get(shard, Usage())

    def drop(self, shard: int) -> None:
        """Forget a shard whose manifest is complete: its rows hold everything now."""
        self._used.pop(shard, None)
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
        return self.folder / (f"{shard:05d}.journal" if shard >= 0 else f"{self.start}.journal")

    def _count(self, key: Key, answer: Completion) -> None:
        shard = self._shard(key)
        self._used[shard] = self.used(shard).plus(answer.usage)

    def _shard(self, key: Key) -> int:
        return key.draft // self.drafts_per_file if key.draft >= 0 else -1

    def _file(self, key: Key) -> "_File":
        shard = self._shard(key)
        file = self._files.get(shard)
        if file is None:
            path = self._path(shard)
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                file = self._files[shard] = _File(path)
            except OSError as error:
                raise StorageError(f"`{path}` cannot be opened: {error.strerror}") from error
        return file


class _File:
    """One journal file: what it held when it was opened, and where new answers go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, Completion] = {}
        self.dirty = False
        self._lost: OSError | None = None
        self._lock = threading.Lock()
        """Held while the file is synced, in another thread, and while it is closed."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        content = path.read_bytes()
        # A torn tail goes, so that the next line does not become part of it.
        self._size = content.rfind(b"\n") + 1
        if self._size < len(content):
            os.ftruncate(self._descriptor, self._size)
        self.answers.update(_entries(content[: self._size]))

    def append(self, key: str, answer: Completion) -> None:
        text = compact_json({"key": key, "answer": _stored(answer)})
        payload = text.encode("utf-8", "surrogatepass")
        line = b"%08x %s\n" % (zlib.crc32(payload), payload)
        try:
            if self._lost is not None:
                raise self._lost
            if (written := os.write(self._descriptor, line)) != len(line):
                # What others still write must not go on in the middle of this line.
                os.ftruncate(self._descriptor, self._size)
                raise OSError(0, f"only {written} of {len(line)} bytes fit, the disk is full")
        except OSError as error:
            raise StorageError(
                f"`{self.path}` cannot be written: {error.strerror}; mend that and start the same "
                "command again: what was answered until now is kept"
            ) from error
        self._size += len(line)
        self.dirty = True

    def sync(self) -> None:
        with self._lock:
            self.dirty = False
            try:
                if self._descriptor >= 0:
                    os.fsync(self._descriptor)
            except OSError as error:
                self._lost = error

    def close(self, *, sync: bool = True) -> None:
        if sync and self.dirty:
            self.sync()
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)


def _stored(answer: Completion) -> dict[str, Any]:
    stored: dict[str, Any] = {"text": answer.text}
    if answer.tool_calls:
        stored["tool_calls"] = answer.tool_calls
    if answer.finish_reason != "stop":
        stored["finish_reason"] = answer.finish_reason
    return stored | ({"usage": answer.usage} if answer.usage else {})


def _entries(content: bytes) -> Iterator[tuple[str, Completion]]:
    """The undamaged lines: key and answer."""
    for line in content.split(b"\n"):
        checksum, _, payload = line.partition(b" ")
        try:
            if int(checksum, 16) == zlib.crc32(payload):
                entry = json.loads(payload.decode("utf-8", "surrogatepass"))
                yield str(entry["key"]), Completion.model_validate(entry["answer"])
        except (ValueError, KeyError, TypeError, ValidationError):
            continue
