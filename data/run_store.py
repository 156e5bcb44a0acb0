"""A run's copy behind a URL, so that it goes on on another machine.

    <url>/<run>/  run.json, judges.json   whose run it is, and what was measured of its judges
                  shards/                 both files of a finished shard, then its manifest
                  dataset/                the data set and the report, its manifest last

A shard counts as there when its manifest is, and is trusted when the files have the manifest's
sha256. Answers of models that are in no finished shard yet stay on the machine that paid for them.
"""

import json
import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from api_registry.errors import StorageError
from data.judging import FILE as JUDGES
from data.publishing.bundle import gathered
from data.publishing.store import publish_to_store
from data.run_folder import RunFolder, identity_of, refuse_other
from data.shards import (
    KINDS,
    ShardManifest,
    file_digest,
    manifest_path,
    read_manifest,
    shard_path,
    write_atomically,
)
from data.store import Store

logger = logging.getLogger("callforge")

_RECORD = "run.json"
_AT_ONCE = 8
"""Shards fetched at a time: their transfer is waiting more than work."""


class RunStore:
    """One run's folder behind a URL."""

    def __init__(self, url: str, run: str) -> None:
        """`url` holds the runs. Raises `UsageError` where it cannot be opened."""
        self.url = f"{url.rstrip('/')}/{run}"
        self._store = Store(self.url)

    def refuse_other(self, facts: dict[str, Any]) -> None:
        """Raise `UsageError` naming the first fact that differs from those of the run there."""
        content = self._store.read(_RECORD)
        record = _record(content) if content is not None else None
        if record is not None and self.shards():
            refuse_other(Path(self.url), record, facts, identity_of(facts))

    def begin(self, folder: RunFolder) -> None:
        """Send what says whose run this is."""
        self._store.prepare("shards")
        for name in (_RECORD, JUDGES):
            if (folder.path / name).exists():
                self._store.put(folder.path / name, name)

    def shards(self) -> set[int]:
        """Numbers of the shards that have a manifest there."""
        names = (Path(name) for name in self._store.names("shards"))
        return {
            int(path.stem) for path in names if path.suffix == ".json" and path.stem.isdecimal()
        }

    def synchronise(self, shards: Path, identity: str) -> None:
        """Fetch the finished shards that are only there, and send those that are only here."""
        judges = shards.with_name(JUDGES)
        if not judges.exists() and (measured := self._store.read(JUDGES)) is not None:
            write_atomically(judges, measured)
        here = {int(path.stem) for path in shards.glob("*.json") if path.stem.isdecimal()}
        there = self.shards()
        self.fetch(shards, there - here, identity)
        for index in sorted(here - there):
            try:
                known = read_manifest(shards, index)
            except StorageError:
                continue  # said, and made again, by who looks for the run's shards
            if known is not None and known.identity == identity:
                self.send(shards, index)

    def fetch(self, shards: Path, indices: Collection[int], identity: str) -> None:
        """Fetch shards into a folder; one whose files are not as its manifest says is left out."""

        def one(index: int) -> None:
            problem = self._fetch(shards, index, identity)
            if problem:
                logger.warning("shard %d at `%s` %s; it is made again", index, self.url, problem)

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(one, sorted(indices)))

    def send(self, shards: Path, index: int) -> None:
        """Send a finished shard: one put for each file, its manifest last."""
        name = manifest_path(Path(), index).name
        # A manifest of an earlier, shorter version vouches for nothing while files are replaced.
        self._store.remove(f"shards/{name}")
        for path in (*(shard_path(shards, kind, index) for kind in KINDS), shards / name):
            self._store.put(path, f"shards/{path.name}")

    def send_dataset(self, run: Path) -> None:
        """Send the data set and the report; what is there already is not sent again."""
        publish_to_store(gathered(run), f"{self.url}/dataset", "--out")

    def fetch_kept(self, shards: Path, index: int) -> None:
        """Fetch a shard's kept rows alone, unchecked: rows to show as examples."""
        path = shard_path(shards, "kept", index)
        if not path.exists():
            self._store.get(f"shards/{path.name}", path)

    def _fetch(self, shards: Path, index: int, identity: str) -> str:
        """Fetch one shard; returns what is wrong with it, if anything is."""
        target = manifest_path(shards, index)
        content = self._store.read(f"shards/{target.name}")
        if content is None:
            return "is gone"
        try:
            manifest = ShardManifest.model_validate_json(content)
        except ValidationError:
            return "has a manifest that is damaged, or of another version"
        if manifest.identity != identity:
            return "belongs to a run with other settings"
        fetched = []
        for kind in KINDS:
            path = shard_path(shards, kind, index)
            temporary = path.with_name(f".{path.name}.fetched")
            there = self._store.get(f"shards/{path.name}", temporary)
            sha256 = file_digest(temporary) if there else None
            if kind not in manifest.files or sha256 != manifest.files[kind].sha256:
                temporary.unlink(missing_ok=True)
                return f"is damaged: the sha256 of `{path.name}` is not the manifest's"
            fetched.append((temporary, path))
        for temporary, path in fetched:
            temporary.replace(path)
        write_atomically(target, content)
        return ""


def _record(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("facts"), dict) else None


def store_of(url: str | None, run: str) -> RunStore | None:
    """The store of a run; None where it stays in its folder."""
    return RunStore(url, run) if url is not None else None
