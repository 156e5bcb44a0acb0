"""From finished shards to a data set: selection, splits, files, manifest, card.

Rows stream from the shards in draft order, so memory does not grow with the run, and which of two
like rows stays depends on nothing but their order in the plan.
"""

import hashlib
import json
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import count, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from api_registry.types import Model
from data.card import card_text
from data.dataset_config import DatasetConfig
from data.funnel import Funnel, Tally, count_row, draft_of, merge, split_of
from data.quota import Quota, Taken, take_rows
from data.removed import Example, RemovedRows
from data.schema import SCHEMA_VERSION
from data.selection import Removal, select
from data.shards import (
    KINDS,
    FileRecord,
    ShardManifest,
    file_digest,
    row_batches,
    shard_path,
    write_atomically,
)
from data.skeletons import SkeletonCounter, Skeletons
from data.split_files import SplitWriter
from data.statistics import Statistics, StatisticsCounter, count_rows
from data.usage import Usage, merge_usage

SPLITS: tuple[str, ...] = (
    "train",
    "validation",
    "test",
    "unseen_api",
    "unseen_category",
    "unseen_phrasing",
)


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
    wanted: int | None = None
    """Rows that were asked for; None where drafts were."""
    usage: Usage | None = None
    """What the answers of models cost; None where no model was asked."""
    cost: float | None = None
    """In the currency of the prices that were given; None without prices."""
    versions: dict[str, str]
    """What it was made with: `callforge`, `python`, and the library that wrote the files."""
    settings: DatasetConfig = DatasetConfig()
    """What counted as a copy and as a benchmark's question."""
    held_out: dict[str, tuple[str, ...]] = {}
    """Split → the APIs that no other split offers."""
    removed: dict[str, dict[str, tuple[Example, ...]]] = {}
    """Stage → reason → a few of the rows left out, which `removed.parquet` of the run holds all."""
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
    settings: DatasetConfig,
    held_out: Mapping[str, tuple[str, ...]],
    quota: Quota | None = None,
    price: Callable[[Usage], float | None] = lambda usage: None,
) -> DatasetManifest:
    """Write `<split>-00000-of-N.parquet`, the card and the manifest, replacing what was there.

    `command`, `apis` (how many there were to draft about) and `price` are for the manifest's
    readers; `held_out` names the APIs of the unseen splits. With a `quota`, which is used up by
    this, rows are taken until it is full, and drafts after the last of them do not count. Rows left
    out go to `removed.parquet` beside the folder, each with stage, reason and detail.
    """

    def read(columns: Sequence[str] | None) -> Iterator[dict[str, Any]]:
        for shard in manifests:
            yield from _kept_rows(shards, shard.shard, columns)

    barred = [name for names in held_out.values() for name in names]
    taken = take_rows(read, quota)
    removals = _removals(select(lambda columns: taken.rows(read(columns)), settings, barred), taken)
    work = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    writers = {split: SplitWriter(work, split, file_rows) for split in SPLITS}
    counter, skeletons = StatisticsCounter(), SkeletonCounter()
    less = Funnel()
    used = [shard for shard in manifests if taken.last is None or shard.first <= taken.last]
    shard_counts = [_until(shards, shard, taken.last) for shard in used]
    for _, statistics in shard_counts:
        counter.merge(statistics)
    with RemovedRows(folder.with_name("removed.parquet"), removals) as removed:
        for place, row in taken.until_end(read(None)):
            removed.see(place, row)
            if place in removals:
                less = merge([less, _as_removed(row, removals[place])])
                counter.add(row, -1)
            else:
                skeletons.add(row)
                writers[split_of(row)].add(row)
    usages = [shard.usage for shard in used if shard.usage]
    usage = merge_usage(usages) if usages else None
    manifest = DatasetManifest(
        identity=manifests[0].identity,
        shards=shards_digest(manifests),
        funnel=merge([*(funnel for funnel, _ in shard_counts), less]),
        statistics=counter.statistics(),
        skeletons=skeletons.finish(read(SkeletonCounter.COLUMNS)),
        command=command,
        apis=apis,
        wanted=quota.wanted if quota else None,
        usage=usage,
        cost=price(usage) if usage else None,
        versions=_versions(),
        settings=settings,
        held_out=dict(held_out),
        removed=removed.examples(),
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


def _removals(selected: Mapping[int, Removal], taken: Taken) -> dict[int, Removal]:
    """What is left out, by place among all kept rows: over the quota, or by the selection."""
    if not taken.over:
        return dict(selected)
    removals = {
        place: Removal(stage="quota", reason="style_full", detail="") for place in taken.over
    }
    last = max([*selected, *(r.of for r in selected.values() if r.of is not None)], default=-1)
    places = list(islice((p for p in count() if p not in taken.over), last + 1))
    for place, removal in selected.items():
        of = None if removal.of is None else places[removal.of]
        removals[places[place]] = removal.model_copy(update={"of": of})
    return dict(sorted(removals.items()))


def _until(shards: Path, shard: ShardManifest, last: int | None) -> tuple[Funnel, Statistics]:
    """The counts of a shard's drafts up to the last one that counts."""
    if last is None or shard.first + shard.drafts - 1 <= last:
        return shard.funnel, shard.statistics or Statistics()
    rows = {
        kind: [
            row
            for batch in row_batches(shard_path(shards, kind, shard.shard))
            for row in batch
            if draft_of(row) <= last
        ]
        for kind in KINDS
    }
    funnel = merge(count_row(row) for kind in KINDS for row in rows[kind])
    return funnel, count_rows(rows["kept"])


def _as_removed(row: dict[str, Any], removal: Removal) -> Funnel:
    """What changes in the funnel when a kept row is left out: no draft is added."""
    less = Tally(drafts=0, kept=-1)
    return Funnel(
        kept=-1,
        rejected={removal.stage: {removal.reason: 1}},
        styles={row["style"]: less},
        categories={row["category"]: less},
        cells={row["style"]: {row["category"]: less}},
        splits={split_of(row): -1},
        retried=less if json.loads(row["provenance"]).get("attempt") else Tally(),
    )
