"""From finished shards to a data set: splits, exact dedup, files, manifest, card.

Rows stream from the shards in draft order, so memory does not grow with the run, and which of two
equal rows stays depends on nothing but their order in the plan.
"""

import hashlib
import json
import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.types import Model
from data.card import card_text
from data.funnel import Funnel, Tally, merge, split_of
from data.schema import ROW_SCHEMA, SCHEMA_VERSION
from data.shards import (
    FileRecord,
    ShardManifest,
    file_digest,
    row_batches,
    shard_path,
    write_atomically,
)
from data.skeletons import SkeletonCounter, Skeletons
from data.statistics import Statistics, StatisticsCounter

SPLITS: tuple[str, ...] = (
    "train",
    "validation",
    "test",
    "unseen_api",
    "unseen_category",
    "unseen_phrasing",
)
_BATCH = 1000


class DatasetManifest(Model):
    """What a data set is made of; every number a reader is shown comes from here."""

    schema_version: str = SCHEMA_VERSION
    identity: str
    shards: str
    """Digest of the shards it was made from: the same shards, the same data set."""
    funnel: Funnel
    statistics: Statistics
    """Figures of its rows."""
    skeletons: Skeletons
    command: str
    """The command line that made it."""
    apis: int
    """APIs that drafts could be about."""
    versions: dict[str, str]
    """What it was made with: `callforge`, `python`, and the library that wrote the files."""
    splits: dict[str, dict[str, FileRecord]]
    """Split → file name → rows, bytes, sha256."""


def shards_digest(manifests: Sequence[ShardManifest]) -> str:
    """Hash the content of shards, in order."""
    lines = [manifest.files["kept"].sha256 for manifest in manifests]
    lines += [manifest.funnel.model_dump_json() for manifest in manifests]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_dataset_manifest(folder: Path) -> DatasetManifest | None:
    """Return the manifest of a whole data set, None for any other: it is cheap to make again."""
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
        manifest = DatasetManifest.model_validate_json(text)
    except (OSError, ValueError):
        return None
    files = {name: record for split in manifest.splits.values() for name, record in split.items()}
    intact = all(file_digest(folder / name) == record.sha256 for name, record in files.items())
    return manifest if intact else None


def build_dataset(
    folder: Path,
    shards: Path,
    manifests: Sequence[ShardManifest],
    *,
    file_rows: int,
    command: str,
    apis: int,
) -> DatasetManifest:
    """Write `<split>-00000-of-N.parquet`, the card and the manifest, replacing what was there.

    `command` and `apis` (how many there were to draft about) are for the manifest's readers.
    """
    work = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    writers = {split: _SplitWriter(work, split, file_rows) for split in SPLITS}
    duplicates = Funnel()
    counter, skeletons = StatisticsCounter(), SkeletonCounter()
    seen: set[bytes] = set()
    for shard in manifests:
        counter.merge(shard.statistics or Statistics())
        for row in _kept_rows(shards, shard.shard):
            split = split_of(row)
            key = bytes.fromhex(row["id"])
            if key in seen:
                duplicates = merge([duplicates, _as_duplicate(row, split)])
                counter.add(row, -1)
                continue
            seen.add(key)
            skeletons.add(row)
            writers[split].add(row)
    asked = chain.from_iterable(
        _kept_rows(shards, shard.shard, SkeletonCounter.COLUMNS) for shard in manifests
    )
    manifest = DatasetManifest(
        identity=manifests[0].identity,
        shards=shards_digest(manifests),
        funnel=merge([*(shard.funnel for shard in manifests), duplicates]),
        statistics=counter.statistics(),
        skeletons=skeletons.finish(asked),
        command=command,
        apis=apis,
        versions=_versions(),
        splits={split: files for split in SPLITS if (files := writers[split].finish())},
    )
    (work / "README.md").write_text(
        card_text(manifest.funnel, list(manifest.splits), command), encoding="utf-8"
    )
    write_atomically(work / "manifest.json", manifest.model_dump_json(indent=1).encode() + b"\n")
    shutil.rmtree(folder, ignore_errors=True)
    work.replace(folder)
    return manifest


def _kept_rows(
    shards: Path, index: int, columns: Sequence[str] | None = None
) -> Iterator[dict[str, Any]]:
    for batch in row_batches(shard_path(shards, "kept", index), columns):
        yield from batch


def _versions() -> dict[str, str]:
    return {
        "callforge": version("callforge"),
        "python": platform.python_version(),
        "pyarrow": pa.__version__,
    }


def _as_duplicate(row: dict[str, Any], split: str) -> Funnel:
    """What changes in the funnel when a kept row turns out to be a copy: no draft is added."""
    less = Tally(drafts=0, kept=-1)
    return Funnel(
        kept=-1,
        rejected={"dedup": {"exact_duplicate": 1}},
        styles={row["style"]: less},
        categories={row["category"]: less},
        cells={row["style"]: {row["category"]: less}},
        splits={split: -1},
        retried=less if json.loads(row["provenance"]).get("attempt") else Tally(),
    )


class _SplitWriter:
    """Collects the rows of one split into files of bounded size."""

    def __init__(self, folder: Path, split: str, file_rows: int) -> None:
        self.folder, self.split, self.file_rows = folder, split, file_rows
        self.rows: list[dict[str, Any]] = []
        self.writer: pq.ParquetWriter | None = None
        self.counts: list[int] = []

    def add(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        written = self.counts[-1] if self.writer else 0
        if written + len(self.rows) >= self.file_rows:
            self._flush()
            self._close()
        elif len(self.rows) >= _BATCH:
            self._flush()

    def finish(self) -> dict[str, FileRecord]:
        """Name the files by their number, known only now, and describe them."""
        if self.rows:
            self._flush()
        self._close()
        files = {}
        for index, rows in enumerate(self.counts):
            path = self.folder / f"{self.split}-{index:05d}-of-{len(self.counts):05d}.parquet"
            self._part(index).replace(path)
            sha256 = file_digest(path) or ""
            files[path.name] = FileRecord(rows=rows, bytes=path.stat().st_size, sha256=sha256)
        return files

    def _part(self, index: int) -> Path:
        return self.folder / f"{self.split}-{index:05d}.part"

    def _flush(self) -> None:
        if self.writer is None:
            self.writer = pq.ParquetWriter(
                self._part(len(self.counts)),
                ROW_SCHEMA,
                compression="zstd",
                write_page_checksum=True,
            )
            self.counts.append(0)
        self.writer.write_table(pa.Table.from_pylist(self.rows, schema=ROW_SCHEMA))
        self.counts[-1] += len(self.rows)
        self.rows = []

    def _close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None
