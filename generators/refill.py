"""Making up for what was rejected: the shares of drafts that bring the kept rows to their shares.

A function of what earlier shards kept and of nothing else, so a resumed run plans as an undisturbed
one. What lacks is spread over a few shards: those in between were planned without knowing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from data.types import STYLES, Style

_PRIOR = 5.0
"""Drafts by which a keep rate leans to the mean: few drafts say little."""
_LOWEST_RATE = 0.05
"""However little of a cell is kept, its share grows twentyfold at most."""

Counts = Mapping[str, tuple[int, int]]
"""Style or category → drafts, kept."""


@dataclass(frozen=True)
class Coverage:
    """What a plan aims at; both sum to 1."""

    styles: dict[str, float]
    categories: dict[str, float]


@dataclass(frozen=True)
class Refill:
    """Shares of the drafts of one shard."""

    styles: dict[Style, float]
    accepted: dict[str, float]
    """Category → share of its drafts that stay; the others go to another category."""
    categories: tuple[str, ...]
    ends: tuple[float, ...]
    """Upper end of each category's share of [0, 1), for those that are moved."""

    def category(self, planned: str, stays: float, drawn: float) -> str | None:
        """Where a draft of a planned category goes; None where it stays. Both numbers uniform."""
        if stays < self.accepted.get(planned, 1.0):
            return None
        return next((c for c, end in zip(self.categories, self.ends, strict=True) if drawn < end))


def refill(aim: Coverage, styles: Counts, categories: Counts, horizon: int) -> Refill:
    """The shares for a shard, from what is known of the shards before it.

    Args:
        aim: What the kept rows are to come to.
        styles: Drafts and kept rows of each style until now.
        categories: The same of each category.
        horizon: Drafts over which what lacks is made up for.
    """
    by_style = _shares(aim.styles, styles, horizon)
    by_category = _shares(aim.categories, categories, horizon)
    ratios = {name: by_category[name] / share for name, share in aim.categories.items()}
    most = max(ratios.values())
    ends = tuple(accumulate(by_category.values()))
    return Refill(
        styles={style: by_style[style] for style in STYLES if style in by_style},
        accepted={name: ratio / most for name, ratio in ratios.items()},
        categories=tuple(by_category),
        ends=(*ends[:-1], 1.0),
    )


def _shares(aim: Mapping[str, float], counts: Counts, horizon: int) -> dict[str, float]:
    """Shares of drafts: what is wanted of each over the horizon, by how much of it is kept."""
    drafts = sum(counts.get(key, (0, 0))[0] for key in aim)
    kept = sum(counts.get(key, (0, 0))[1] for key in aim)
    mean = max(kept / drafts if drafts else 1.0, _LOWEST_RATE)
    needs = {}
    for key, share in aim.items():
        made, good = counts.get(key, (0, 0))
        rate = max((good + _PRIOR * mean) / (made + _PRIOR), _LOWEST_RATE)
        lacking = share * kept - good
        needs[key] = max(share * horizon * mean + lacking, 0.0) / rate
    total = sum(needs.values())
    return {key: need / total if total else aim[key] for key, need in needs.items()}
