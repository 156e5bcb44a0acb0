"""What `callforge finetune` does, apart from how it is typed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from api_registry.errors import ConfigError, UsageError
from data.publishing.adapter import CARD
from data.publishing.config import PublishConfig
from data.run_folder import find_data
from flows.after_run import sent
from flows.config import read_config
from flows.publishing import publish_any
from flows.signals import ended_by_signal
from flows.training.dress import dress
from flows.training.finetune import check, default_out, finetune
from flows.training.record import StageRecord, TrainingRecord
from flows.training.sources import is_hub_name


def finetune_model(
    settings: dict[str, Any],
    file: Path | None,
    *,
    data: Sequence[str],
    weights: str | None,
    runs: str,
    check_only: bool,
    prefect: bool,
    command: str,
    publish: dict[str, Any],
) -> None:
    """Train, and print what came of it and where it is."""
    if data:
        settings = settings | {"data": _weighted([_place(each, runs) for each in data], weights)}
    told = read_config(file, {"finetune": settings, "publish": publish})
    config = told.finetune

    def say(line: str) -> None:
        typer.echo(line, err=True)

    if check_only:
        check(config, typer.echo)
        typer.echo("All checks passed: the same command without --check trains.")
        return
    with ended_by_signal() as ending:
        try:
            if prefect:
                from flows.by_command import by_command
                from flows.finetune_fc import finetune_fc

                with by_command():
                    record = finetune_fc(config, command)
            else:
                record = finetune(config, command=command, say=say)
        except KeyboardInterrupt:
            typer.echo("interrupted; the same command goes on from the last checkpoint", err=True)
            raise typer.Exit(ending.code) from None
    out = Path(config.out or default_out(config))
    print_training(record, out)
    typer.echo(f"Card:    {dress(out, record) / CARD}")
    if (repo := told.publish.adapter) is not None:
        place = PublishConfig(run=str(out), repo=repo, private=told.publish.private)
        typer.echo(sent("the adapter", publish_any(place)))


def print_training(record: TrainingRecord, out: Path) -> None:
    """Print the stages of a training, and what is where."""
    for stage in record.stages:
        first, last = stage.losses[0].loss, stage.losses[-1].loss
        typer.echo(
            f"{stage.kind}: {stage.steps:,} steps over {stage.train.examples:,} examples "
            f"({stage.tokens_seen:,} tokens) in {stage.seconds:,.0f} s; loss {first:.4f} → "
            f"{last:.4f}{_held_out(stage)}"
        )
    typer.echo(f"{record.result.capitalize()}: {out / record.result}")
    if record.merged:
        typer.echo(f"Merged:  {out / record.merged}")
    typer.echo(f"Record:  {out / 'training.json'}, losses in {out / 'loss.png'}")


def _held_out(stage: StageRecord) -> str:
    """The held-out losses of the checkpoint that was chosen."""
    chosen = next((p for p in stage.held_out_losses if p.step == stage.chosen_step), None)
    if chosen is None:
        return ""
    parts = [(name, getattr(chosen, name)) for name in ("calls", "chat")]
    apart = ", ".join(f"{name} {loss:.4f}" for name, loss in parts if loss is not None)
    return f"; held out {chosen.loss:.4f} at step {chosen.step:,}" + (
        f" ({apart})" if apart else ""
    )


def _place(data: str, runs: str) -> str:
    """The path of a data set, which may be named by its run; a name on the Hub stays one."""
    try:
        return str(find_data(data, Path(runs)))
    except UsageError:
        if is_hub_name(data):
            return data
        raise


def _weighted(places: Sequence[str], weights: str | None) -> list[dict[str, Any]]:
    """Sources with their weights. Raises `ConfigError` unless there is one for each."""
    if weights is None:
        return [{"path": place} for place in places]
    try:
        numbers = [float(part) for part in weights.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != len(places):
        raise ConfigError(
            f"--weights `{weights}`: expected {len(places)} numbers separated by commas, one for "
            "each data set"
        )
    return [{"path": p, "weight": weight} for p, weight in zip(places, numbers, strict=True)]
