"""Before and after: the difference between two sets of answers to the same questions.

The bootstrap is paired, as both answered the same, and draws whole clusters: questions to the same
API stand and fall together, and counting them as independent would make the interval too narrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flows.evaluation.outcomes import Outcome
from flows.evaluation.scores import METRICS

_DRAWS = 4000


@dataclass(frozen=True)
class Difference:
    """A score after less the score before, with its 95 % interval."""

    before: float
    after: float
    value: float
    low: float
    high: float
    n: int
    """Questions."""
    clusters: int
    """Sets of APIs that are to be called; the interval is worth little below about 20."""

    def __str__(self) -> str:
        return (
            f"{100 * self.before:.1f} → {100 * self.after:.1f}, {100 * self.value:+.1f} "
            f"[{100 * self.low:+.1f}, {100 * self.high:+.1f}]"
        )


def differences(
    before: Sequence[Outcome], after: Sequence[Outcome], seed: int = 0
) -> dict[str, Difference]:
    """Metric → difference, over the questions of both, which must be the same ones in order.

    Raises `ValueError` where they are not.
    """
    if [o.question.id for o in before] != [o.question.id for o in after]:
        raise ValueError("differences are of answers to the same questions")
    found = {}
    for metric in METRICS:
        pairs = [(b, a) for b, a in zip(before, after, strict=True) if metric.concerns(a)]
        if pairs:
            olds = np.array([metric.value(old) for old, _ in pairs])
            news = np.array([metric.value(new) for _, new in pairs])
            found[metric.name] = _difference(
                olds, news, [a.question.cluster for _, a in pairs], seed
            )
    return found


def _difference(
    olds: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    news: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    names: Sequence[str],
    seed: int,
) -> Difference:
    _, cluster = np.unique(np.array(names), return_inverse=True)
    gains = np.bincount(cluster, weights=news - olds)
    sizes = np.bincount(cluster).astype(float)
    rng = np.random.default_rng(seed)
    count = len(sizes)
    # How often each cluster is drawn: as many draws as there are clusters, with replacement.
    times = rng.multinomial(count, np.full(count, 1 / count), size=_DRAWS)
    drawn = (times @ gains) / (times @ sizes)
    low, high = np.percentile(drawn, (2.5, 97.5))
    before, after = float(olds.mean()), float(news.mean())
    return Difference(before, after, after - before, float(low), float(high), len(olds), count)
