"""What is trained on: the train and validation rows of runs, folders, files and Hub data sets.

Rows of the other splits are never opened: they are what the result is tested on.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from api_registry.errors import StorageError, UsageError
from data.dataset_manifest import SPLITS, DatasetManifest, read_dataset_manifest
from data.formats import detect
from data.formats.imported import BadRow
from data.funnel import split_of
from data.identity import digest
from data.reading.files import ANY, open_rows
from data.rows import sample_row
from data.shards import file_digest
from flows.training.config import Source
from flows.training.record import DataRecord
from verifiers.audit import Auditor

Part = Literal["train", "validation"]
PARTS: tuple[Part, ...] = ("train", "validation")
Row = Mapping[str, Any]
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_NUMBERED = re.compile(r"(\w+)-\d{5}-of-\d{5}")
_ROWS = ("*.parquet", "*.jsonl", "*.jsonl.gz")


@dataclass(frozen=True)
class Unreadable:
    """A row that cannot be trained on as it is, and why."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Found:
    """A source and where its rows are."""

    source: Source
    parts: Mapping[Part, tuple[Path, ...]]
    """Files of rows; no `validation` where the source has no such split."""
    record: DataRecord
    run: Path | None = None
    """Folder of the run, which also has what was rejected."""
    manifest: DatasetManifest | None = None

    def rows(self, part: Part) -> Iterator[Row | Unreadable]:
        """Yield each row in its stored form, in order. Raises `UsageError` for a broken file."""
        for path in self.parts.get(part, ()):
            with open_rows(path, ANY) as rows:
                for batch in rows.batches:
                    for row in batch.decode():
                        yield _stored(row, part)


def find_source(source: Source) -> Found:
    """Find the files of a source. Raises `UsageError` where there is none, or no rows to train on.

    A data set on the Hub is downloaded into its cache.
    """
    place = Path(source.path).expanduser()
    if place.is_file():
        return _found(source, {"train": (place,)})
    if place.is_dir():
        if (place / "run.json").is_file():
            return _run(source, place)
        return _found(source, _split_files(place))
    if is_hub_name(source.path):
        folder, commit = _downloaded(source)
        return _found(source, _split_files(folder), commit=commit)
    raise UsageError(
        f"`{source.path}`: expected a run, a folder or file of rows, or USER/NAME on the Hub; "
        "there is no such file or folder"
    )


def is_hub_name(path: str) -> bool:
    """Whether a path has the form of a data set's name on the Hub."""
    return _HUB_NAME.fullmatch(path) is not None and not path.startswith(".")


def _run(source: Source, run: Path) -> Found:
    manifest = read_dataset_manifest(run / "dataset")
    if manifest is None:
        raise StorageError(
            f"`{run / 'dataset'}` is missing or damaged: the run's own command makes it again"
        )
    parts: dict[Part, tuple[Path, ...]] = {
        part: tuple(run / "dataset" / name for name in manifest.splits[part])
        for part in PARTS
        if part in manifest.splits
    }
    return _found(source, parts, run=run, manifest=manifest)


def _found(
    source: Source,
    parts: Mapping[Part, tuple[Path, ...]],
    *,
    commit: str | None = None,
    run: Path | None = None,
    manifest: DatasetManifest | None = None,
) -> Found:
    if not parts.get("train"):
        raise UsageError(f"`{source.path}` has no rows of a split `train`: nothing to train on")
    files = {path.name: file_digest(path) or "" for paths in parts.values() for path in paths}
    record = DataRecord(
        path=source.path,
        weight=source.weight,
        digest=digest("\n".join(f"{name} {sha256}" for name, sha256 in sorted(files.items()))),
        run=str(run) if run else None,
        identity=manifest.identity if manifest else None,
        commit=commit,
        files=files,
    )
    return Found(source, parts, record, run, manifest)


def _split_files(folder: Path) -> dict[Part, tuple[Path, ...]]:
    """The files by split; where no name says one, all are to train on."""
    folders = [place for place in (folder / "dataset", folder / "data", folder) if place.is_dir()]
    for place in folders:
        files = sorted(path for kind in _ROWS for path in place.glob(kind))
        named = [(_split_of_name(path), path) for path in files]
        if any(split for split, _ in named):
            return {part: found for part in PARTS if (found := _of(named, part))}
        if files:
            return {"train": tuple(files)}
    raise UsageError(
        f"`{folder}` holds no rows: expected Parquet or JSON lines, as train-00000-of-00001.parquet"
    )


def _of(named: list[tuple[str, Path]], part: Part) -> tuple[Path, ...]:
    return tuple(path for split, path in named if split == part)


def _split_of_name(path: Path) -> str:
    stem = path.name.partition(".")[0]
    match = _NUMBERED.fullmatch(stem)
    split = match.group(1) if match else stem
    return split if match or split in SPLITS else ""


def _downloaded(source: Source) -> tuple[Path, str]:
    """Folder of a data set of the Hub, and its commit. Raises `UsageError`."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            source.path,
            repo_type="dataset",
            revision=source.revision,
            allow_patterns=[f"{place}{kind}" for place in ("", "data/") for kind in _ROWS],
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise UsageError(
            f"`{source.path}` is neither a run nor a folder here, and the Hub does not give it "
            f"({type(error).__name__}): for a private one set HF_TOKEN"
        ) from error
    return Path(folder), Path(folder).name


def _stored(row: dict[str, Any] | BadRow, part: Part) -> Row | Unreadable:
    """A row in the storage form, as it is or read from another format."""
    if isinstance(row, BadRow):
        return Unreadable(row.reason, row.detail)
    if _is_stored(row):
        if "provenance" in row and split_of(row) != part:
            raise StorageError(
                f"row `{row['id']}` is of the split `{split_of(row)}` and stands among those of "
                f"`{part}`: it must not be trained on"
            )
        return row
    return _imported(row)


def _is_stored(row: Mapping[str, Any]) -> bool:
    """Whether each message says if it is trained on, which only Callforge's do."""
    messages = row.get("messages")
    return (
        isinstance(row.get("tools"), str)
        and isinstance(messages, list)
        and bool(messages)
        and all(isinstance(message, dict) and "train" in message for message in messages)
    )


def _imported(row: dict[str, Any]) -> Row | Unreadable:
    """A row of somebody else's; all of its answers are trained on."""
    shown = detect(row.keys())
    if shown is None:
        return Unreadable("bad_field", f"fields {', '.join(row)[:200]}")
    try:
        [sample] = Auditor((), shown, shown).unchecked(row)
    except BadRow as problem:
        return Unreadable(problem.reason, problem.detail)
    except ValueError:
        return Unreadable("bad_field", "several answers in one row")
    if sample.rejected:
        return Unreadable(sample.rejected.reason or "", sample.rejected.detail or "")
    turns = tuple(
        turn.model_copy(update={"train": turn.role == "assistant"}) for turn in sample.turns
    )
    return sample_row(sample.model_copy(update={"turns": turns}))
