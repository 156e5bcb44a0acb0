"""How far two opinions agree, and how sure a share is."""

from collections.abc import Iterable
from math import sqrt

from api_registry.types import Model

_Z = 1.959963984540054
"""Standard deviations that hold 95 % of a normal distribution."""


class Rate(Model):
    """A share with its Wilson interval at 95 %: usable for few cases and for shares near 0 or 1."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share itself; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    def holds(self, share: float) -> bool:
        """Whether a share lies within the interval."""
        return self.low <= share <= self.high


def rate(hits: int, of: int) -> Rate:
    """A share and its interval (Wilson 1927); of nothing, anything is possible."""
    if not of:
        return Rate(hits=0, of=0, low=0.0, high=1.0)
    share, square = hits / of, _Z * _Z
    middle = share + square / (2 * of)
    spread = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    whole = 1 + square / of
    return Rate(
        hits=hits,
        of=of,
        low=round(max((middle - spread) / whole, 0.0), 6),
        high=round(min((middle + spread) / whole, 1.0), 6),
    )


def gwet_ac1(pairs: Iterable[tuple[bool, bool]]) -> float | None:
    """Agreement of two raters beyond chance (Gwet 2008), 1 for perfect; None without pairs.

    Unlike Cohen's kappa it stays meaningful where nearly all answers are the same.
    """
    counted = list(pairs)
    if not counted:
        return None
    agreed = sum(first == second for first, second in counted) / len(counted)
    positive = sum(first + second for first, second in counted) / (2 * len(counted))
    chance = 2 * positive * (1 - positive)
    return round((agreed - chance) / (1 - chance), 6)
