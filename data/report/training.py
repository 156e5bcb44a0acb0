"""The report's section on what was trained on a run: its losses, out of the training's record."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.report.figures import lines
from data.report.sections import Figure

FILE = "training.json"
"""The record of a training, in a folder of its own within the run's."""
_LINES = (("held out", "loss"), ("calls", "calls"), ("other turns", "chat"))
_TABLE_ROWS = 40


def trainings(run: Path) -> tuple[Figure, ...]:
    """A figure of losses for each stage of each training in a run's folder; none without any.

    What cannot be read is passed over: the report is of the run, and the training has its own.
    """
    found = []
    for path in sorted(run.glob(f"*/{FILE}")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            stages = record["stages"]
            found += [
                _figure(f"{path.parent.name}-{number}", str(record["model"]), number, stage)
                for number, stage in enumerate(stages)
            ]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return tuple(found)


def _figure(name: str, model: str, number: int, stage: Mapping[str, Any]) -> Figure:
    losses, held_out = stage["losses"], stage["held_out_losses"]
    series = [("training", _points(losses, "loss"))]
    series += [(label, _points(held_out, key)) for label, key in _LINES]
    drawn = [(label, points) for label, points in series if points]
    title = f"{Path(model).name}, stage {number} ({stage['kind']})"
    chosen = stage["chosen_loss"]
    best = "" if chosen is None else f", where the held-out loss is {chosen:.4f}"
    return Figure(
        title,
        f"{stage['train']['examples']:,} examples, {stage['steps']:,} steps, "
        f"{stage['tokens_seen']:,} tokens; the result is the checkpoint of step "
        f"{stage['chosen_step']:,}{best}.",
        lines(f"training-{name}", f"Losses of {title}", drawn, across="step", up="loss"),
        ("step", *(label for label, _ in drawn)),
        tuple(_rows([dict(points) for _, points in drawn])),
    )


def _points(points: Sequence[Mapping[str, Any]], key: str) -> list[tuple[float, float]]:
    return [(point["step"], point[key]) for point in points if point.get(key) is not None]


def _rows(columns: Sequence[Mapping[float, float]]) -> Iterator[tuple[str, ...]]:
    """The losses by step, thinned out evenly where there are many."""
    steps = sorted({step for column in columns for step in column})
    thin = -(-len(steps) // _TABLE_ROWS)
    held = {step for column in columns[1:] for step in column}
    for step in (step for place, step in enumerate(steps) if place % thin == 0 or step in held):
        cells = (f"{column[step]:.4f}" if step in column else "" for column in columns)
        yield (f"{step:,}", *cells)
