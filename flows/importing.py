"""Somebody else's rows as a run: checked, split, and made into a data set as any other.

The rows of the file are the drafts. They pass the checks of an audit that need no code to run, are
written to shards, and from there on nothing knows where they came from: copies, benchmark
questions, rows on two sides of a split, card and publishing are those of every run.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, count, islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from api_registry.errors import UsageError
from api_registry.types import Model, Tool
from data.bindings import bindings_of
from data.card import IMPORTED
from data.dataset import DatasetManifest, build_dataset
from data.dataset_config import DatasetConfig
from data.formats.imported import BadRow
from data.funnel import count_row, merge
from data.identity import completion_id, sample_id
from data.output_config import OutputConfig
from data.reading.files import Rows, open_rows
from data.report import write_report
from data.rows import sample_row
from data.run_folder import RunFolder
from data.schema import SCHEMA_VERSION
from data.shards import (
    DamagedShard,
    Kind,
    ShardManifest,
    file_digest,
    read_manifest,
    write_shard,
)
from data.statistics import count_rows
from data.types import Sample, Verdict
from flows.audit import RowFormat
from generators.imported_splits import ImportedSplitConfig, ImportedSplits
from verifiers.audit import Auditor
from verifiers.base import verified_by
from verifiers.format_check import FormatVerifier
from verifiers.reasons_page import REASONS
from verifiers.semantic import SemanticVerifier

Advance = Callable[[int, int], None]
"""Told of rows read and kept, as they are."""


class ImportConfig(Model):
    """Everything that `callforge import` takes."""

    file: str
    """JSON lines, a JSON array, either gzipped, or Parquet."""
    name: str
    """Name of the run that it becomes."""
    format: RowFormat | None = None
    """Format of the rows; without it, the fields of each row say."""
    license: str = "unknown"
    """Licence of the rows, as the Hub writes it; without it the set cannot be published."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Decides on splits and held-out tools."""
    splits: ImportedSplitConfig = ImportedSplitConfig()
    output: OutputConfig = OutputConfig()
    dataset: DatasetConfig = DatasetConfig()


def import_rows(
    config: ImportConfig, advance: Advance, *, command: str = "callforge import"
) -> tuple[RunFolder, DatasetManifest]:
    """Make a run of a file's rows; finished shards of an earlier, interrupted import are kept.

    Raises `UsageError` for a file that holds no rows, or a name that another run has.
    """
    path = Path(config.file)
    sha256 = file_digest(path)
    if sha256 is None:
        raise UsageError(f"`{path}` cannot be read: name a file of rows, JSON lines or Parquet")
    if config.output.url:
        raise UsageError(
            f"--out `{config.output.url}`: rows are imported into a folder; "
            "`callforge publish` sends a data set to a URL"
        )
    folder = RunFolder(Path(config.output.folder) / config.name)
    splits = ImportedSplits(_tools(config), config.splits, config.seed)
    facts = {
        "schema_version": SCHEMA_VERSION,
        "seed": config.seed,
        "generator_version": IMPORTED + path.name,
        "file": {"name": path.name, "sha256": sha256, "format": config.format},
        "splits": config.splits.model_dump(mode="json"),
        "license": config.license,
        "shard_size": config.output.shard_size,
    }
    with folder.opened(facts, config.model_dump(mode="json")) as identity:
        manifests = list(_shards(config, splits, folder, identity, advance))
        manifest = build_dataset(
            folder.dataset,
            folder.shards,
            manifests,
            file_rows=config.output.file_rows,
            command=command,
            apis=splits.apis,
            settings=config.dataset.model_copy(update={"license": config.license}),
            held_out=splits.held_out,
            facts=facts,
        )
        write_report(folder.path, REASONS)
    return folder, manifest


def _tools(config: ImportConfig) -> Iterator[Tool]:
    """The tools of all rows that can be read, the first of each name."""
    names: set[str] = set()
    with open_rows(Path(config.file), config.format) as rows:
        auditor = Auditor((), config.format, rows.format)
        for row in _decoded(rows):
            with suppress(BadRow):
                for tool in () if isinstance(row, BadRow) else auditor.read(row).tools:
                    if tool.name not in names:
                        names.add(tool.name)
                        yield tool


def _decoded(rows: Rows) -> Iterator[dict[str, Any] | BadRow]:
    for batch in rows.batches:
        yield from batch.decode()


def _shards(
    config: ImportConfig,
    splits: ImportedSplits,
    folder: RunFolder,
    identity: str,
    advance: Advance,
) -> Iterator[ShardManifest]:
    """Yield the shards in order, those that are there as they are; each is of so many rows."""
    first = 0
    with open_rows(Path(config.file), config.format) as rows, asyncio.Runner() as loop:
        auditor = Auditor((FormatVerifier(), SemanticVerifier()), config.format, rows.format)
        decoded = _decoded(rows)
        for index in count():
            started = time.monotonic()
            part = list(islice(decoded, config.output.shard_size))
            if not part:
                return
            manifest = _finished(folder, index)
            if manifest is None:
                number = index * config.output.shard_size
                samples = loop.run(_samples(auditor, splits, number, part))
                stored = _rows(config, splits, first, samples)
                manifest = write_shard(
                    folder.shards,
                    ShardManifest(
                        identity=identity,
                        shard=index,
                        first=first,
                        drafts=len(samples),
                        files={},
                        funnel=merge(map(count_row, chain(*stored.values()))),
                        statistics=count_rows(stored["kept"]),
                        seconds=round(time.monotonic() - started, 3),
                    ),
                    stored,
                )
            first += manifest.drafts
            advance(manifest.drafts, manifest.funnel.kept)
            yield manifest


def _finished(folder: RunFolder, index: int) -> ShardManifest | None:
    try:
        return read_manifest(folder.shards, index)
    except DamagedShard:
        return None


async def _samples(
    auditor: Auditor, splits: ImportedSplits, first: int, rows: Sequence[dict[str, Any] | BadRow]
) -> list[Sample]:
    """What some rows hold, checked; one that cannot be read is a rejected sample without turns."""
    samples: list[Sample] = []
    for number, row in enumerate(rows, first):
        try:
            if isinstance(row, BadRow):
                raise row
            held = [_complete(sample) for sample in await auditor.samples(row)]
        except BadRow as problem:
            held = [_unread(number, problem)]
        samples += [
            sample.model_copy(update={"provenance": {"row": number, **bindings_of(sample.tools)}})
            for sample in held
        ]
    return samples


def _complete(sample: Sample) -> Sample:
    """A sample with its id, loss on its answers, and a question and an answer at least."""
    turns = tuple(
        turn.model_copy(update={"train": turn.role == "assistant"}) for turn in sample.turns
    )
    sample = sample.model_copy(
        update={"turns": turns, "id": sample_id(sample.tools, turns, sample.environment)}
    )
    lacking = {"user", "assistant"} - {turn.role for turn in turns}
    if sample.rejected or not lacking:
        return sample
    return sample.with_verdict(_failed("missing_field", f"no turn of the {min(lacking)}"))


def _unread(number: int, problem: BadRow) -> Sample:
    return Sample(
        id=completion_id(f"{number}\n{problem.detail}"),
        group="",
        turns=(),
        tools=(),
        style="imported",
        category="imported",
        language="und",
        verdicts=(_failed(problem.reason, problem.detail),),
    )


def _failed(reason: str, detail: str) -> Verdict:
    return Verdict(stage="format", passed=False, reason=reason, detail=detail)


def _rows(
    config: ImportConfig, splits: ImportedSplits, first: int, samples: Sequence[Sample]
) -> dict[Kind, list[dict[str, Any]]]:
    """The rows of both files of a shard; `first` is the number of the first draft."""
    origin = Path(config.file).name
    rows: dict[Kind, list[dict[str, Any]]] = {"kept": [], "rejected": []}
    for draft, sample in enumerate(samples, first):
        planned = {"draft": draft, "split": splits.split(sample)}
        whole = sample.model_copy(
            update={
                "group": splits.group(sample),
                "origin": origin,
                "provenance": {**sample.provenance, **planned},
            }
        )
        row = sample_row(whole, verified_by=verified_by(whole)) | {"license": config.license}
        rows["rejected" if whole.rejected else "kept"].append(row)
    return rows
