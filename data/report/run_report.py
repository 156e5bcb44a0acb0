"""The report of a run folder, finished or not."""

import json
from pathlib import Path
from typing import Any

from api_registry.errors import StorageError, UsageError
from data.dataset import DatasetManifest, read_dataset_manifest, shards_digest
from data.funnel import merge
from data.judging import read_judging
from data.removed import read_removals
from data.report.page import Page, render
from data.report.samples import sampled
from data.report.sections import Reasons, percent
from data.report.training import trainings
from data.report.variety import variety
from data.run_folder import RunFolder
from data.schema import SCHEMA_VERSION
from data.shards import (
    DamagedShard,
    ShardManifest,
    read_manifest,
    unsteady_of,
    write_atomically,
)
from data.statistics import Statistics, merge_statistics

FILE = "report.html"
_MAKE_AGAIN = "run the command that made it again, which mends it, then ask for the report"


def write_report(path: Path, meanings: Reasons) -> Path:
    """Write `report.html` into a run's folder, from what its manifests say; return its path.

    Raises `UsageError` where the folder is no run, `StorageError` where something in it is broken.
    """
    page = run_page(path, meanings)
    target = path / FILE
    try:
        write_atomically(target, render(page).encode("utf-8", "replace"))
    except OSError as error:
        raise StorageError(f"`{target}` cannot be written: {error.strerror}") from error
    return target


def run_page(path: Path, meanings: Reasons) -> Page:
    """Gather what the report of a run shows."""
    folder = RunFolder(path)
    record = _run_record(path)
    manifests = _finished_shards(folder, str(record.get("identity", "")))
    if not manifests:
        raise StorageError(
            f"run `{path.name}` has no finished shard yet: let it finish one, then ask again"
        )
    dataset = read_dataset_manifest(folder.dataset)
    if dataset is not None and dataset.shards != shards_digest(manifests):
        dataset = None
    removals = read_removals(path / "removed.parquet") if dataset else {}
    statistics = (
        dataset.statistics
        if dataset
        else merge_statistics(shard.statistics or Statistics() for shard in manifests)
    )
    return Page(
        title=path.resolve().name,
        lead=(
            "Verified function-calling records, each a query, the tools offered and the calls that "
            "answer it: what was drafted, what was kept, and why not all."
        ),
        funnel=dataset.funnel if dataset else merge(shard.funnel for shard in manifests),
        meanings=meanings,
        sample=sampled(folder.shards, manifests, removals),
        statistics=statistics,
        skeletons=dataset.skeletons if dataset else None,
        notes=() if dataset else (_unfinished(manifests),),
        figures=(*_run_calls(statistics), *_figures(dataset)),
        facts=_facts(record, manifests, dataset),
        command=dataset.command if dataset else "",
        variety=variety(dataset),
        judging=read_judging(path),
        trainings=trainings(path),
    )


def _run_record(path: Path) -> dict[str, Any]:
    record_path = path / "run.json"
    try:
        record = json.loads(record_path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(
            f"`{path}` is not a run's folder: it has no run.json; expected one that "
            "`callforge generate` made"
        ) from None
    except (OSError, ValueError) as error:
        raise StorageError(f"`{record_path}` is damaged ({error}): {_MAKE_AGAIN}") from error
    if not isinstance(record, dict) or not isinstance(record.get("facts"), dict):
        raise StorageError(f"`{record_path}` is damaged: {_MAKE_AGAIN}")
    if record.get("schema_version") != SCHEMA_VERSION:
        raise StorageError(
            f"`{path}` was written under schema version {record.get('schema_version')}, this is "
            f"version {SCHEMA_VERSION}: use the Callforge that wrote it"
        )
    return record


def _finished_shards(folder: RunFolder, identity: str) -> list[ShardManifest]:
    """The finished shards in order; gaps are those that an interrupted run has still to make."""
    indices = sorted(
        int(file.stem) for file in folder.shards.glob("*.json") if file.stem.isdecimal()
    )
    try:
        found = [read_manifest(folder.shards, index) for index in indices]
    except DamagedShard as error:
        raise DamagedShard(f"{error}: {_MAKE_AGAIN}") from error
    return [manifest for manifest in found if manifest and manifest.identity == identity]


def _unfinished(manifests: list[ShardManifest]) -> str:
    drafts = sum(manifest.drafts for manifest in manifests)
    return (
        f"This run has no data set of these shards yet: the figures count the {drafts:,} drafts of "
        f"{len(manifests):,} finished shards, before copies are taken out. "
        "The command that made it finishes it."
    )


def _run_calls(statistics: Statistics) -> tuple[tuple[str, str], ...]:
    """How many of the kept rows with calls were verified by running these."""
    with_calls = sum(rows for calls, rows in statistics.calls.items() if calls)
    marks = statistics.verified_by.items()
    run = sum(rows for names, rows in marks if "executed" in names.split(","))
    return ((percent(run, with_calls), "of rows with calls were run"),) if with_calls else ()


def _figures(dataset: DatasetManifest | None) -> tuple[tuple[str, str], ...]:
    if dataset is None:
        return ()
    figures = [(f"{dataset.apis:,}", "APIs")]
    usage, kept = dataset.usage, dataset.funnel.kept
    if usage and kept:
        figures.append((f"{usage.tokens / kept:,.0f}", "tokens per kept row"))
        if dataset.cost is not None:
            figures.append((f"{1000 * dataset.cost / kept:,.2f}", "cost of 1,000 kept rows"))
    return tuple(figures)


def _answers(dataset: DatasetManifest | None) -> str:
    """What models answered, and what it came to."""
    usage = dataset.usage if dataset else None
    if dataset is None or usage is None:
        return ""
    cost = "" if dataset.cost is None else f", cost {dataset.cost:,.2f}"
    tokens = f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens"
    surplus = f", {dataset.funnel.surplus:,} pairs beyond those asked for"
    return f"{usage.answers:,} with {tokens}{cost}" + (surplus if dataset.funnel.surplus else "")


def _tiers(manifests: list[ShardManifest]) -> str:
    return ", ".join(sorted({manifest.sandbox for manifest in manifests} - {""})) or "unknown"


def _facts(
    record: dict[str, Any], manifests: list[ShardManifest], dataset: DatasetManifest | None
) -> tuple[tuple[str, str], ...]:
    facts = record["facts"]
    config = record.get("config", {})
    splits = dataset.funnel.splits if dataset else {}
    values = {
        "generator": facts.get("generator_version", ""),
        "APIs from": ", ".join(map(str, config.get("apis", ()))),
        "sandbox": _tiers(manifests),
        "results that vary": ", ".join(
            f"{name} ({kind})" for name, kind in unsteady_of(manifests).items()
        ),
        "seed": facts.get("seed", ""),
        "shards": f"{len(manifests):,} of {facts.get('shard_size', 0):,} drafts",
        "answers": _answers(dataset),
        "splits": " · ".join(f"{name} {rows:,}" for name, rows in splits.items() if rows),
        "made with": ", ".join(
            f"{name} {version}" for name, version in (dataset.versions if dataset else {}).items()
        ),
        "identity": record.get("identity", ""),
    }
    return tuple((name, str(value)) for name, value in values.items() if value != "")
