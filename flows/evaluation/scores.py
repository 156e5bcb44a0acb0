"""Scores with their intervals, over all questions and over each kind of them."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flows.evaluation.outcomes import Outcome

_Z = 1.959964
"""Of the normal distribution, for 95 %."""


@dataclass(frozen=True)
class Score:
    """A share of `n` questions, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"


@dataclass(frozen=True)
class Metric:
    """A score's name, the questions it concerns, and what each of them counts for, 0 to 1."""

    name: str
    meaning: str
    concerns: Callable[[Outcome], bool]
    value: Callable[[Outcome], float]


METRICS: tuple[Metric, ...] = (
    Metric("exact", "exact call match: the right calls and no others, or rightly none",
           lambda outcome: True, lambda outcome: float(outcome.valid)),
    Metric("execution", "the calls, run, give back what the right ones do",
           lambda outcome: outcome.same_results is not None,
           lambda outcome: float(bool(outcome.same_results))),
    Metric("tool_names", "the right tools are called, each as often as it should be",
           lambda outcome: outcome.calls_expected, lambda outcome: float(outcome.names_right)),
    Metric("arguments", "share of arguments that are right, of those given or needed",
           lambda outcome: bool(outcome.question.expected),
           lambda outcome: outcome.right / outcome.of if outcome.of else float(outcome.valid)),
    Metric("valid_json", "an answer that can be read: calls in strict JSON, or plain words",
           lambda outcome: True,
           lambda outcome: float(outcome.prediction.kind in ("calls", "words"))),
    Metric("irrelevance", "nothing is called where nothing is to be called",
           lambda outcome: not outcome.calls_expected, lambda outcome: float(outcome.valid)),
    Metric("hallucinated", "a tool is called that was not offered",
           lambda outcome: True, lambda outcome: float(outcome.hallucinated)),
)  # fmt: skip


@dataclass(frozen=True)
class Scores:
    """Scores of one set of questions, and of its parts."""

    total: dict[str, Score]
    """Metric → score; a metric that concerns no question is left out."""
    parts: dict[str, dict[str, dict[str, Score]]]
    """`category`, `style` or `split` → its value → metric → score."""
    errors: dict[str, int]
    """Error type → how often, commonest first."""


def score(outcomes: Sequence[Outcome]) -> Scores:
    """Add outcomes up."""
    parts: dict[str, dict[str, dict[str, Score]]] = {}
    for kind in ("category", "style", "split"):
        values = sorted({getattr(outcome.question, kind) for outcome in outcomes} - {""})
        if values:
            parts[kind] = {
                value: _scores(o for o in outcomes if getattr(o.question, kind) == value)
                for value in values
            }
    errors = Counter(outcome.error_type for outcome in outcomes if outcome.error_type)
    return Scores(_scores(outcomes), parts, dict(errors.most_common()))


def _scores(outcomes: Iterable[Outcome]) -> dict[str, Score]:
    listed = list(outcomes)
    found = {}
    for metric in METRICS:
        values = [metric.value(outcome) for outcome in listed if metric.concerns(outcome)]
        if values:
            found[metric.name] = interval(values)
    return found


def interval(values: Sequence[float]) -> Score:
    """The mean and its interval: Wilson's for shares of yes and no, else the normal one."""
    n = len(values)
    mean = math.fsum(values) / n
    if all(value in (0.0, 1.0) for value in values):
        spread = _Z * math.sqrt(mean * (1 - mean) / n + _Z**2 / (4 * n * n))
        centre = mean + _Z**2 / (2 * n)
        low, high = (centre - spread) / (1 + _Z**2 / n), (centre + spread) / (1 + _Z**2 / n)
    else:
        variance = math.fsum((value - mean) ** 2 for value in values) / max(n - 1, 1)
        spread = _Z * math.sqrt(variance / n)
        low, high = mean - spread, mean + spread
    return Score(mean, max(0.0, low), min(1.0, high), n)
