"""The losses of a training, out of what its trainer logged."""

from collections.abc import Iterable, Mapping
from typing import Any

from flows.training.record import Point


def points(logged: Iterable[Mapping[str, Any]]) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Return the losses of the steps, and those of held-out rows, in order."""
    losses: list[Point] = []
    held_out: dict[int, dict[str, float]] = {}
    for line in logged:
        step = int(line.get("step", 0))
        if "loss" in line:
            losses.append(
                Point(
                    step=step,
                    loss=line["loss"],
                    rate=line.get("learning_rate"),
                    accuracy=line.get("rewards/accuracies"),
                )
            )
        found = {name: line[key] for key, name in _HELD_OUT.items() if key in line}
        if found:
            held_out.setdefault(step, {}).update(found)
    whole = tuple(
        Point.model_validate({"step": step, **found})
        for step, found in sorted(held_out.items())
        if "loss" in found
    )
    return tuple(losses), whole


_HELD_OUT = {
    "eval_loss": "loss",
    "eval_calls_loss": "calls",
    "eval_chat_loss": "chat",
    "eval_rewards/accuracies": "accuracy",
}
