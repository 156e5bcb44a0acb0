"""The Prefect flow `finetune-fc`: a training in its own process, with its losses as artifacts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from api_registry.errors import UsageError
from data.run_folder import find_data
from flows.announcing import announce
from flows.training.config import FinetuneConfig
from flows.training.dress import dress
from flows.training.finetune import default_out, finetune
from flows.training.record import TrainingRecord

_RUNS = "runs"
"""Where a run is looked for that the data names."""


@flow(name="finetune-fc", persist_result=False)
def finetune_fc(config: FinetuneConfig, command: str = "callforge finetune") -> TrainingRecord:
    """Train a model on verified rows; a retry goes on from the last checkpoint.

    Args:
        config: What to train, and on what.
        command: The command line that trains, for the record.
    """
    logger = get_run_logger()
    stages = len(config.whole_stages())
    progress = create_progress_artifact(0.0, key="training", description="Training")
    assert isinstance(progress, UUID), "called in a flow that is not async"  # noqa: S101
    shown = 0.0

    def hear(event: Mapping[str, Any]) -> None:
        nonlocal shown
        done = (
            100 * (event["stage"] + event.get("step", 0) / max(event.get("steps", 1), 1)) / stages
        )
        if done >= shown + 1:  # a request to the server for each per cent at most
            shown = done
            update_progress_artifact(progress, min(done, 100.0))

    record = finetune(config, command=command, say=logger.info, hear=hear)
    update_progress_artifact(progress, 100.0)
    dress(Path(config.out or default_out(config)), record)
    create_table_artifact(loss_table(record), key="losses", description="Losses by step")
    create_markdown_artifact(
        training_markdown(record, Path(config.out or default_out(config))),
        key="finetune",
        description=f"{config.model} on {', '.join(data.path for data in record.data)}",
    )
    _announce(config, record)
    return record


def _announce(config: FinetuneConfig, record: TrainingRecord) -> None:
    """Say what was trained on which run; a data set on the Hub is none of this machine's."""
    if not record.data:
        return
    try:
        data = find_data(record.data[0].path, Path(_RUNS))
    except UsageError:
        return
    result = Path(config.out or default_out(config)) / record.result
    announce("finetuned", data, model=config.model, result=str(result.absolute()))


def loss_table(record: TrainingRecord) -> list[dict[str, str | int | float]]:
    """The losses as table rows: those of the steps, and of held-out rows with calls apart."""
    rows: list[dict[str, str | int | float]] = []
    for number, stage in enumerate(record.stages):
        for part, points in (("training", stage.losses), ("held out", stage.held_out_losses)):
            rows += [
                {
                    "stage": f"{number} ({stage.kind})",
                    "rows": part,
                    "step": point.step,
                    "loss": round(point.loss, 4),
                    "calls": "" if point.calls is None else round(point.calls, 4),
                    "chat": "" if point.chat is None else round(point.chat, 4),
                }
                for point in points
            ]
    return rows


def training_markdown(record: TrainingRecord, out: Path) -> str:
    """A training in a few lines."""
    lines = [f"# {record.model}", "", f"`{record.command}`", ""]
    for stage in record.stages:
        lines.append(
            f"- {stage.kind}: {stage.steps:,} steps, {stage.train.examples:,} examples, "
            f"{stage.tokens_seen:,} tokens, {stage.seconds:,.0f} s; checkpoint of step "
            f"{stage.chosen_step:,}"
        )
    checks = [f"| {name} | {found} |" for name, found in record.preflight.items()]
    lines += ["", "| check | found |", "|---|---|", *checks, "", f"Result: `{out / record.result}`"]
    return "\n".join(lines)
