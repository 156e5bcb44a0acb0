"""The losses of a training as a picture."""

import io
import logging
from collections.abc import Sequence

from flows.training.record import Point, StageRecord

PLOT = "loss.png"
_TRAIN, _CALLS, _CHAT, _ALL = "#8a8f98", "#1f77b4", "#ff7f0e", "#2b2f36"


def draw(stages: Sequence[StageRecord]) -> bytes:
    """Draw the losses of each stage over its steps, as PNG."""
    import matplotlib
    from matplotlib.figure import Figure

    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        figure = Figure(figsize=(7.2 * len(stages), 4.2), layout="constrained")
        for number, stage in enumerate(stages, 1):
            axes = figure.add_subplot(1, len(stages), number)
            axes.plot(*_line(stage.losses), color=_TRAIN, linewidth=1, label="training")
            held = stage.held_out_losses
            if held:
                axes.plot(*_line(held), "o-", color=_ALL, markersize=3, label="held out")
            if any(point.chat is not None for point in held):
                for name, colour in (("calls", _CALLS), ("chat", _CHAT)):
                    known = [point for point in held if getattr(point, name) is not None]
                    axes.plot(
                        [point.step for point in known],
                        [getattr(point, name) for point in known],
                        "o--", color=colour, markersize=3, linewidth=1, label=f"held out: {name}",
                    )  # fmt: skip
            if held:
                axes.axvline(stage.chosen_step, color=_ALL, linewidth=0.6, linestyle=":")
            axes.set_title(f"{stage.kind}, {stage.steps:,} steps", fontsize=11)
            axes.set_xlabel("step")
            axes.set_ylabel("loss per token" if stage.kind == "sft" else "loss per pair")
            axes.grid(alpha=0.25)
            axes.legend(frameon=False, fontsize=9)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()


def _line(points: Sequence[Point]) -> tuple[list[int], list[float]]:
    return [point.step for point in points], [point.loss for point in points]
