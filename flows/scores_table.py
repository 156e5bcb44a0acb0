"""Scores as a table in the terminal."""

from rich import box
from rich.console import Console
from rich.table import Table

from flows.evaluation.scores import METRICS, Score, Scores

_SHOWN_ERRORS = 12
_WIDE = 110
"""Columns of a table that goes to a file."""


def print_scores(console: Console, scores: Scores, title: str = "scores") -> None:
    """Print one table in per cent: a line for each category, style and split, and one for all."""
    shown = [metric for metric in METRICS if metric.name in scores.total]
    table = Table(
        title=f"{title.capitalize()}: per cent, with half of the 95 % interval",
        title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0),
    )  # fmt: skip
    if not console.is_terminal:
        console.width = max(console.width, _WIDE)
    table.add_column("", no_wrap=True)
    table.add_column("asked", justify="right")
    for metric in shown:
        table.add_column(metric.name.replace("_", " "), justify="right")

    def add(name: str, found: dict[str, Score], style: str = "") -> None:
        cells = [_cell(found[metric.name]) if metric.name in found else "" for metric in shown]
        table.add_row(name, f"{found['exact'].n:,}", *cells, style=style)

    for kind, values in scores.parts.items():
        if len(values) > 1 or kind == "split":
            for value, found in values.items():
                add(value if kind == "category" else f"{kind} {value}", found)
            table.add_section()
    add("all", scores.total, "bold")
    console.print(table)
    if scores.errors:
        listed = list(scores.errors.items())
        said = ", ".join(f"{kind} {count:,}" for kind, count in listed[:_SHOWN_ERRORS])
        console.print(f"Wrong: {said}{', …' if len(listed) > _SHOWN_ERRORS else ''}")


def _cell(score: Score) -> str:
    half = max(score.high - score.value, score.value - score.low)
    return f"{100 * score.value:.1f} ±{100 * half:.1f}"
