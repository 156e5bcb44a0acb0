"""A data set for another trainer: its configuration, and the rows of training and validation."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from api_registry.errors import StorageError, UsageError
from api_registry.types import Model
from data.dataset import DatasetManifest
from data.export import stored_rows
from data.identity import json_line
from data.trainers import TRAINERS
from data.trainers.settings import Misfit, Trainer, TrainerSettings
from data.whole_files import appearing

SPLITS = ("train", "validation")


class TrainerExport(Model):
    """What was written."""

    rows: dict[str, int]
    """Split → rows in its file."""
    left_out: dict[str, int]
    """Why the trainer's format cannot hold them → rows of both splits."""
    files: tuple[str, ...]
    """Names in the folder, the configuration first."""
    command: str
    """What starts the training there."""


def export_for_trainer(
    dataset: Path, manifest: DatasetManifest, trainer: str, settings: TrainerSettings, out: Path
) -> TrainerExport:
    """Write rows and configuration to a folder, made if need be; its other files are left alone.

    Raises `UsageError` for what the trainer cannot be told, a set without training rows, or none
    that its format holds, and `StorageError` where the folder cannot be written.
    """
    there = TRAINERS[trainer]
    splits = [split for split in SPLITS if split in manifest.splits]
    if "train" not in splits:
        raise UsageError(
            f"`{dataset}` has no split `train`: there are {', '.join(manifest.splits)}"
        )
    files = {split: f"{split}.jsonl" for split in splits}
    written = there.config(settings, files)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"--out `{out}` cannot be made: {error.strerror}") from error
    left_out: Counter[str] = Counter()
    rows: dict[str, int] = {}
    for split, name in files.items():
        stored = stored_rows(dataset, manifest.splits[split])
        rows[split] = 0
        with appearing(out / name, "--out") as file:
            for made in _fitting(stored, there, left_out):
                file.write(json_line(made).encode() + b"\n")
                rows[split] += 1
    if not rows["train"]:
        why = ", ".join(left_out) or "there are none"
        raise UsageError(f"no training row fits {trainer}'s format: {why}")
    for name, text in written.items():
        with appearing(out / name, "--out") as file:
            file.write(text.encode())
    return TrainerExport(
        rows=rows,
        left_out=dict(left_out),
        files=(*written, *files.values()),
        command=f"cd {out} && {there.run}",
    )


def _fitting(
    rows: Iterator[Mapping[str, Any]], trainer: Trainer, left_out: Counter[str]
) -> Iterator[dict[str, Any]]:
    for stored in rows:
        try:
            yield trainer.row(stored)
        except Misfit as misfit:
            left_out[str(misfit)] += 1
