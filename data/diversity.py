"""How varied rows are: their words, their openings, the APIs they call, the values they give."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Any

import numpy as np

from api_registry.types import Model
from data.contamination.words import words_of
from data.identity import canonical_json
from data.rows import row_calls

COLUMNS = ("query", "answers", "provenance")
"""What is measured of a row."""
SHOWN = 15
"""Openings and verbs that are shown by name."""
_COMPARED = 600
"""Queries compared pair by pair."""


class Diversity(Model):
    """Figures of a sample of rows."""

    rows: int
    distinct: dict[int, float]
    """n → share of the word n-grams of all queries that are different (Li et al. 2016)."""
    similarity: float
    """Mean Jaccard similarity of the words of two queries."""
    nearest: float
    """The same with the query that is most alike."""
    openings: dict[str, int]
    """First two words of a query → rows, the commonest; `distinct_openings` counts all."""
    distinct_openings: int
    verbs: dict[str, int]
    """First word of a called tool's API → calls, the commonest; `distinct_verbs` counts all."""
    distinct_verbs: int
    apis: int
    """APIs called."""
    coverage: float
    """Entropy of the calls by API, over its maximum: 1.0 when each is called as often."""
    values: int
    """Arguments given."""
    distinct_values: int
    """Different ones, by API, parameter and value."""


def measure(rows: Sequence[Mapping[str, Any]]) -> Diversity:
    """The figures of rows; they depend on how many there are, so compare samples of one size."""
    queries = [words_of(str(row["query"])) for row in rows]
    openings = Counter(" ".join(words[:2]) for words in queries if words)
    apis, verbs, values = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        renamed = json.loads(row["provenance"]).get("renamed") or {}
        for call in row_calls(row):
            api = str(renamed.get(call["name"], call["name"]))
            apis[api] += 1
            verbs[
                words_of(api.replace("_", " ").replace("-", " "))[0] if words_of(api) else ""
            ] += 1
            arguments = call["arguments"] if isinstance(call["arguments"], dict) else {}
            values.update(f"{api}.{key}={canonical_json(v)}" for key, v in arguments.items())
    similarity, nearest = _alike(queries[:_COMPARED])
    return Diversity(
        rows=len(rows),
        distinct={n: _distinct(queries, n) for n in (1, 2, 3)},
        similarity=similarity,
        nearest=nearest,
        openings=dict(_commonest(openings)),
        distinct_openings=len(openings),
        verbs=dict(_commonest(verbs)),
        distinct_verbs=len(verbs),
        apis=len(apis),
        coverage=evenness(apis.values()),
        values=values.total(),
        distinct_values=len(values),
    )


def evenness(counts: Iterable[int]) -> float:
    """Entropy of counts over the entropy of as many equal ones; 1.0 for one or none."""
    found = [count for count in counts if count]
    total = sum(found)
    if len(found) < 2:
        return 1.0
    entropy = -sum(count / total * log(count / total) for count in found)
    return round(entropy / log(len(found)), 4)


def _distinct(queries: Sequence[Sequence[str]], n: int) -> float:
    grams = [tuple(words[at : at + n]) for words in queries for at in range(len(words) - n + 1)]
    return round(len(set(grams)) / len(grams), 4) if grams else 0.0


def _alike(queries: Sequence[Sequence[str]]) -> tuple[float, float]:
    """Mean Jaccard similarity over all pairs, and over each query with its nearest."""
    places: dict[str, int] = {}
    for words in queries:
        for word in words:
            places.setdefault(word, len(places))
    if len(queries) < 2 or not places:
        return 0.0, 0.0
    has = np.zeros((len(queries), len(places)), dtype=np.float32)
    for row, words in enumerate(queries):
        has[row, [places[word] for word in words]] = 1.0
    common = has @ has.T
    sizes = has.sum(axis=1)
    unions = np.maximum(sizes[:, None] + sizes[None, :] - common, 1)
    similarity = common / unions
    np.fill_diagonal(similarity, 0)
    pairs = len(queries) * (len(queries) - 1)
    return round(float(similarity.sum() / pairs), 4), round(float(similarity.max(axis=1).mean()), 4)


def _commonest(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:SHOWN]
