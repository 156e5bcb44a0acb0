"""What `callforge export` does, apart from how it is typed."""

from collections.abc import Sequence
from pathlib import Path

import typer

from api_registry.errors import StorageError, UsageError
from data.dataset import DatasetManifest, read_dataset_manifest
from data.export import FORMATS, export_rows
from data.run_folder import RunFolder, find_run
from data.trainer_export import export_for_trainer
from data.trainers import TRAINERS
from data.trainers.settings import TrainerSettings


def export_run(
    run: str, *, row_format: str | None, out: Path, splits: Sequence[str], runs: str
) -> None:
    """Write a run's data set to a file in another format."""
    if row_format is None:
        raise UsageError("name --format for rows, or --config-for for a trainer's configuration")
    if row_format not in FORMATS:
        raise UsageError(f"--format `{row_format}`: expected one of {', '.join(FORMATS)}")
    dataset, manifest = _dataset(run, runs)
    chosen = list(manifest.splits) if "all" in splits else splits or ("train",)
    count = export_rows(dataset, manifest, row_format=row_format, splits=chosen, out=out)
    typer.echo(f"{count:,} rows ({', '.join(chosen)}) written to {out}")


def export_config(
    run: str, *, trainer: str, model: str | None, template: str | None, out: Path, runs: str
) -> None:
    """Write a trainer's configuration and its rows to a folder."""
    if trainer not in TRAINERS:
        raise UsageError(f"--config-for `{trainer}`: expected one of {', '.join(TRAINERS)}")
    if not model:
        raise UsageError(f"--config-for {trainer}: name the --model that is to be trained")
    if template is not None and trainer != "llamafactory":
        raise UsageError(f"--template is LLaMA-Factory's: {trainer} takes the model's own")
    dataset, manifest = _dataset(run, runs)
    settings = TrainerSettings(model=_absolute(model), template=template)
    made = export_for_trainer(dataset, manifest, trainer, settings, out)
    counts = ", ".join(f"{split} {rows:,}" for split, rows in made.rows.items())
    typer.echo(f"{', '.join(made.files)} written to {out} (rows: {counts})")
    for reason, count in made.left_out.items():
        typer.echo(f"{count:,} rows are left out: {reason}")
    typer.echo(f"Train with: {made.command}")


def _dataset(run: str, runs: str) -> tuple[Path, DatasetManifest]:
    folder = RunFolder(find_run(run, Path(runs)))
    manifest = read_dataset_manifest(folder.dataset)
    if manifest is None:
        raise StorageError(
            f"`{folder.dataset}` is missing or damaged: the run's own command makes it again"
        )
    return folder.dataset, manifest


def _absolute(model: str) -> str:
    """A folder as an absolute path, since the trainer starts elsewhere; a name as it is."""
    folder = Path(model).expanduser()
    return str(folder.resolve()) if folder.is_dir() else model
