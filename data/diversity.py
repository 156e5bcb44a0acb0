"""How varied rows are: their words, their openings, the APIs they call, the values they give."""

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Any, TypeAlias

import numpy as np
from xxhash import xxh3_64_digest

from api_registry.types import Model
from data.contamination.words import words_of
from data.identity import canonical_json
from data.rows import row_calls

COLUMNS = ("id", "query", "answers", "provenance")
"""What is measured of a row."""
SHOWN = 15
"""Openings and verbs that are shown by name."""
_COMPARED = 600
"""Queries compared pair by pair."""


Words: TypeAlias = "array[int]"
"""A query's words, each by its number: texts of a sample would take megabytes."""


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


def measure(rows: Iterable[Mapping[str, Any]]) -> Diversity:
    """The figures of rows; they depend on how many there are, so compare samples of one size.

    What is measured does not depend on the order of rows: those compared pair by pair are the ones
    of the smallest ids.
    """
    numbers: dict[str, int] = {}
    queries: list[tuple[str, Words]] = []
    openings = Counter[str]()
    apis, verbs = Counter[str](), Counter[str]()
    values, different = 0, set[bytes]()
    for row in rows:
        words = words_of(str(row["query"]))
        queries.append(
            (row["id"], array("I", (numbers.setdefault(w, len(numbers)) for w in words)))
        )
        openings.update([" ".join(words[:2])] if words else ())
        renamed = json.loads(row["provenance"]).get("renamed") or {}
        for call in row_calls(row):
            api = str(renamed.get(call["name"], call["name"]))
            apis[api] += 1
            verbs[
                words_of(api.replace("_", " ").replace("-", " "))[0] if words_of(api) else ""
            ] += 1
            arguments = call["arguments"] if isinstance(call["arguments"], dict) else {}
            values += len(arguments)
            for key, value in arguments.items():
                told = f"{api}.{key}={canonical_json(value)}"
                different.add(xxh3_64_digest(told.encode("utf-8", "surrogatepass")))
    queries.sort()
    asked = [words for _, words in queries]
    similarity, nearest = _alike(asked[:_COMPARED])
    return Diversity(
        rows=len(asked),
        distinct={n: _distinct(asked, n) for n in (1, 2, 3)},
        similarity=similarity,
        nearest=nearest,
        openings=dict(_commonest(openings)),
        distinct_openings=len(openings),
        verbs=dict(_commonest(verbs)),
        distinct_verbs=len(verbs),
        apis=len(apis),
        coverage=evenness(apis.values()),
        values=values,
        distinct_values=len(different),
    )


def evenness(counts: Iterable[int]) -> float:
    """Entropy of counts over the entropy of as many equal ones; 1.0 for one or none."""
    found = [count for count in counts if count]
    total = sum(found)
    if len(found) < 2:
        return 1.0
    entropy = -sum(count / total * log(count / total) for count in found)
    return round(entropy / log(len(found)), 4)


def _distinct(queries: Sequence[Words], n: int) -> float:
    """The share of runs of n words that are different."""
    runs = sum(max(len(words) - n + 1, 0) for words in queries)
    different = {
        words[at : at + n].tobytes() for words in queries for at in range(len(words) - n + 1)
    }
    return round(len(different) / runs, 4) if runs else 0.0


def _alike(queries: Sequence[Words]) -> tuple[float, float]:
    """Mean Jaccard similarity over all pairs, and over each query with its nearest."""
    places: dict[int, int] = {}
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
