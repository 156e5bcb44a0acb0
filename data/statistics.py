"""What kept rows look like, in figures that add up: a shard's are counted once, a run's are sums.

Every figure is a count by a small set of keys, so merging is exact, order does not matter, and a
manifest stays small however many rows it speaks of.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from api_registry.types import Model

Histogram = dict[int, int]
"""Number → rows that have it; keys sorted."""

_EXACT = 100
_KEY = 40
"""Characters of a free-form key, such as a language that somebody else's data names."""
# Writing without spaces: a character is the nearest thing to a word.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\s{_IDEOGRAPHS}]+")


class Statistics(Model):
    """Figures of kept rows."""

    rows: int = 0
    query_words: Histogram = {}
    """Words in the query; from 100 on rounded down to two digits."""
    calls: Histogram = {}
    tools: Histogram = {}
    """Tools offered."""
    turns: Histogram = {}
    derivation: dict[str, int] = {}
    """How an argument follows from the query → arguments, where the semantic check said so."""
    languages: dict[str, int] = {}
    tones: dict[str, int] = {}
    """Tone of the query, where provenance has it."""
    verified_by: dict[str, int] = {}
    """What vouches for a row, e.g. `executed,rules` → rows."""


_FIELDS = tuple(name for name in Statistics.model_fields if name != "rows")


class StatisticsCounter:
    """Counts rows, or takes them back."""

    def __init__(self) -> None:
        self.rows = 0
        self._counts: dict[str, Counter[Any]] = {field: Counter() for field in _FIELDS}

    def add(self, row: Mapping[str, Any], by: int = 1) -> None:
        """Count one kept row; -1 takes back one that turned out to be a copy."""
        counts = self._counts
        self.rows += by
        counts["query_words"][_rounded(word_count(row["query"]))] += by
        counts["calls"][row["n_calls"]] += by
        counts["tools"][row["n_tools"]] += by
        counts["turns"][row["n_turns"]] += by
        counts["languages"][row["language"][:_KEY]] += by
        counts["verified_by"][row["verified_by"][:_KEY]] += by
        if '"tone"' in row["provenance"]:
            tone = json.loads(row["provenance"]).get("tone")
            if isinstance(tone, str):
                counts["tones"][tone[:_KEY]] += by
        if '"derivation"' in row["annotations"]:
            classes = json.loads(row["annotations"]).get("derivation")
            for kind in classes.values() if isinstance(classes, dict) else ():
                counts["derivation"][str(kind)[:_KEY]] += by

    def merge(self, other: Statistics) -> None:
        """Add figures counted elsewhere."""
        self.rows += other.rows
        for field, counts in self._counts.items():
            for key, count in getattr(other, field).items():
                counts[key] += count

    def statistics(self) -> Statistics:
        """Return the figures; keys sorted and without zeros, so equal counts are equal bytes."""
        counted = {
            field: {key: counts[key] for key in sorted(counts) if counts[key]}
            for field, counts in self._counts.items()
        }
        return Statistics(rows=self.rows, **counted)


def count_rows(rows: Iterable[Mapping[str, Any]]) -> Statistics:
    """The figures of some kept rows."""
    counter = StatisticsCounter()
    for row in rows:
        counter.add(row)
    return counter.statistics()


def merge_statistics(parts: Iterable[Statistics]) -> Statistics:
    """Add figures up."""
    counter = StatisticsCounter()
    for part in parts:
        counter.merge(part)
    return counter.statistics()


def word_count(text: str) -> int:
    """Words between spaces; a Chinese or Japanese character counts as one."""
    return len(text.split()) if text.isascii() else len(_WORD.findall(text))


def quantile(histogram: Mapping[int, int], share: float) -> int:
    """The smallest number that at least `share` of the rows do not exceed; 0 without rows."""
    wanted, seen = share * sum(histogram.values()), 0
    for number in sorted(histogram):
        seen += histogram[number]
        if seen >= wanted:
            return number
    return 0


def mean(histogram: Mapping[int, int]) -> float:
    """The mean number; 0.0 without rows."""
    total = sum(histogram.values())
    return sum(number * count for number, count in histogram.items()) / total if total else 0.0


def _rounded(number: int) -> int:
    """Round down to two digits from 100 on: a bound on keys that costs a tenth at most."""
    if number < _EXACT:
        return number
    step: int = 10 ** (len(str(number)) - 2)
    return number // step * step
