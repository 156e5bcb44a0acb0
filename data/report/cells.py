"""Keep rates by category and style, and which of them are too low for chance."""

from bisect import bisect_right
from dataclasses import dataclass
from math import sqrt

from data.funnel import Funnel, Tally
from data.report.sections import ordered_styles, percent
from data.report.text import label

_SHADES = (0.6, 0.8, 0.9, 0.95, 1.0)
"""Keep rates from which a cell is a shade better."""
_CATEGORIES = 60
"""Most categories in the table of cells; the rest are summed up."""
_FEW_DRAFTS = 20
_SIGMAS, _MARGIN = 3.0, 0.05


@dataclass(frozen=True)
class Cell:
    """Keep rate of one style in one category."""

    tally: Tally
    shade: int
    """0 (poor) to 5 (all kept)."""
    low: bool
    """Well under the mean of all drafts."""

    @property
    def rate(self) -> str:
        """The keep rate in per cent."""
        return percent(self.tally.kept, self.tally.drafts)


@dataclass(frozen=True)
class Grid:
    """Keep rates by category and style."""

    styles: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...], Cell], ...]
    """Category, its cells in the order of `styles`, all of it."""
    total: tuple[Cell, ...]
    """All categories, one per style, then all drafts."""
    low: tuple[tuple[str, str, Cell], ...]
    """Style, category and cell of those well under the mean, worst first."""
    left_out: int
    """Categories that are not shown."""


def grid(funnel: Funnel) -> Grid:
    """Keep rates per cell; the largest categories where there are very many."""
    styles = ordered_styles(funnel)
    mean_rate = funnel.kept / funnel.drafts if funnel.drafts else 0.0
    largest = sorted(funnel.categories, key=lambda name: (-funnel.categories[name].drafts, name))
    names = sorted(largest[:_CATEGORIES])

    def cell(tally: Tally) -> Cell:
        rate = tally.kept / tally.drafts if tally.drafts else 0.0
        return Cell(tally, bisect_right(_SHADES, rate), _is_low(tally, mean_rate))

    rows = tuple(
        (
            label(name),
            tuple(
                cell(tally) if (tally := funnel.cells.get(style, {}).get(name)) else None
                for style in styles
            ),
            cell(funnel.categories[name]),
        )
        for name in names
    )
    low = [
        (label(style), label(name), cell(tally))
        for style in styles
        for name, tally in funnel.cells.get(style, {}).items()
        if _is_low(tally, mean_rate)
    ]
    low.sort(key=lambda item: (item[2].tally.kept / item[2].tally.drafts, item[0], item[1]))
    total = [*(funnel.styles[style] for style in styles),
             Tally(drafts=funnel.drafts, kept=funnel.kept)]  # fmt: skip
    return Grid(
        tuple(map(label, styles)),
        rows,
        tuple(map(cell, total)),
        tuple(low),
        len(largest) - len(names),
    )


def _is_low(tally: Tally, mean_rate: float) -> bool:
    """Whether a cell keeps under half of the mean, or less than chance would hardly explain."""
    if tally.drafts < _FEW_DRAFTS:
        return False
    if tally.kept / tally.drafts < mean_rate / 2:
        return True
    spread = sqrt(mean_rate * (1 - mean_rate) / tally.drafts)
    return tally.kept / tally.drafts < mean_rate - max(_SIGMAS * spread, _MARGIN)
