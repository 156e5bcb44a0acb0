"""From finished shards to a data set: selection, splits, files, manifest, card.

Rows stream from the shards in draft order, so memory does not grow with the run, and which of two
like rows stays depends on nothing but their order in the plan.
"""

import hashlib
import json
import platform
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import count, islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.card import card_text
from data.dataset_config import DatasetConfig
from data.dataset_manifest import SPLITS, DatasetManifest, read_dataset_manifest
from data.funnel import Funnel, Tally, count_row, draft_of, facets_of, merge, split_of
from data.judging import read_judging
from data.memory import give_all_back
from data.proof import never_worked
from data.quota import Quota, Taken, take_rows
from data.removed import RemovedRows
from data.review.marks import read_review
from data.row_sample import RowSample, rows_at
from data.selection import Looked, Removal, select
from data.set_figures import figures_of
from data.shards import (
    KINDS,
    ShardManifest,
    arrow_batches,
    row_batches,
    shard_path,
    unsteady_of,
    write_atomically,
)
from data.skeletons import SkeletonCounter
from data.split_files import SplitWriter
from data.statistics import Statistics, StatisticsCounter, count_rows
from data.usage import Usage, merge_usage

_LOOKED_AT = (*SkeletonCounter.COLUMNS, "id", "license", "provenance")
"""What deciding on a row needs of it; the rest goes from file to file as it is."""

__all__ = ["SPLITS", "DatasetManifest", "build_dataset", "read_dataset_manifest", "shards_digest"]


def shards_digest(manifests: Sequence[ShardManifest]) -> str:
    """Hash the content of shards, in order."""
    lines = [manifest.files["kept"].sha256 for manifest in manifests]
    lines += [manifest.funnel.model_dump_json() for manifest in manifests]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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
    facts: Mapping[str, Any] | None = None,
    quota: Quota | None = None,
    price: Callable[[Usage], float | None] = lambda usage: None,
    looked: Sequence[Looked] | None = None,
) -> DatasetManifest:
    """Write `<split>-00000-of-N.parquet`, the card and the manifest, replacing what was there.

    `command`, `apis` (how many there were to draft about), `facts` and `price` are for the
    manifest's readers; `held_out` names the APIs of the unseen splits. With a `quota`, which is
    used up by this, rows are taken until it is full, and drafts after the last of them do not
    count. `looked`, for data sets without a quota, is what workers found out of all the rows, in
    the order of `manifests`. Rows left out go to `removed.parquet` beside the folder, each with
    stage, reason and detail.
    """

    def batches(columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        for shard in manifests:
            yield from arrow_batches(shard_path(shards, "kept", shard.shard), columns)

    def read(columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        for batch in batches(columns):
            yield from batch.to_pylist()

    barred = [name for names in held_out.values() for name in names]
    taken = take_rows(read, quota)
    used = [shard for shard in manifests if taken.last is None or shard.first <= taken.last]
    broken = never_worked(shard.proof for shard in used)
    selected = select(lambda columns: taken.rows(read(columns)), settings, barred, broken, looked)
    removals = _removals(selected, taken)
    give_all_back()
    work = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    writers = {split: SplitWriter(work, split, file_rows) for split in SPLITS}
    counter, skeletons, sample = StatisticsCounter(), SkeletonCounter(), RowSample()
    licenses: Counter[str] = Counter()
    less = Funnel()
    shard_counts = [_until(shards, shard, taken.last) for shard in used]
    for _, statistics in shard_counts:
        counter.merge(statistics)
    with RemovedRows(folder.with_name("removed.parquet"), removals) as removed:
        for first, batch in taken.batches(batches()):
            places: dict[str, list[int]] = {split: [] for split in SPLITS}
            for index, row in enumerate(batch.select(_LOOKED_AT).to_pylist()):
                place = first + index
                whole = batch.slice(index, 1).to_pylist()[0] if removed.needs(place) else None
                if whole is not None:
                    removed.see(place, whole)
                if whole is not None and place in removals:
                    less = merge([less, _as_removed(whole, removals[place])])
                    counter.add(whole, -1)
                else:
                    skeletons.add(row)
                    sample.add(place, row["id"])
                    licenses[row["license"] or settings.license] += 1
                    places[split_of(row)].append(index)
            for split, chosen in places.items():
                writers[split].add(batch.take(pa.array(chosen, pa.int32())))

    def drawn(columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        return rows_at(batches(list(dict.fromkeys(columns))), sample.places())

    give_all_back()
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
        licenses=dict(sorted(licenses.items())),
        generator=str((facts or {}).get("generator_version", "")),
        facts=dict(facts or {}),
        sandbox=tuple(sorted({shard.sandbox for shard in used} - {""})),
        unsteady=unsteady_of(used),
        figures=figures_of(drawn),
        judging=read_judging(folder.parent),
        review=read_review(folder.parent, shards_digest(manifests)),
        splits={split: files for split in SPLITS if (files := writers[split].finish())},
    )
    rewrite_card(work, manifest)
    shutil.rmtree(folder, ignore_errors=True)
    work.replace(folder)
    return manifest


def rewrite_card(folder: Path, manifest: DatasetManifest) -> None:
    """Write manifest and card of a data set, whose files stay as they are."""
    write_atomically(folder / "README.md", card_text(manifest).encode())
    write_atomically(folder / "manifest.json", manifest.model_dump_json(indent=1).encode() + b"\n")


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
    provenance = json.loads(row["provenance"])
    facets = facets_of(row, provenance)
    return Funnel(
        kept=-1,
        rejected={removal.stage: {removal.reason: 1}},
        styles={row["style"]: less},
        categories={row["category"]: less},
        cells={row["style"]: {row["category"]: less}},
        facets={facet: {value: less} for facet, value in facets.items()},
        splits={split_of(row): -1},
        retried=less if provenance.get("attempt") else Tally(),
    )
