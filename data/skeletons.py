"""The skeleton of a query: what is left when its values are masked; equal skeletons, one template.

It is worked out from the stored row alone, so it means the same for queries that a grammar, a model
or a person wrote. Values that a query words differently (`half past three`) stay in the skeleton.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api_registry.types import Model

MASK = "▢"
TOP = 10
"""Skeletons shown by name."""
_SHOWN = 300
_QUERY = 4000
"""Characters of a query that are looked at; pasted documents are no templates."""
_VALUES = 200
"""Argument values of a row that are looked for in its query."""

# Not "one" and "may", which are other words more often than a number and a month.
_UNITS = "two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = (
    "january february march april june july august september october november december".split()
)
_WORDS = "|".join([*_TEENS, *_UNITS, *_TENS, *_DAYS, *_MONTHS])
_OBVIOUS = re.compile(
    # Quoted text, anything with a digit in it, number words, days and months.
    r"\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w)|(?<![^\s,;()])[^\s,;()\d]*\d(?:[^\s,;()]*[^\s,;().?!])?"
    rf"|\b(?:{_WORDS})s?\b"
)
_SEQUENCE = re.compile(rf"{MASK}(?:(?:\s*[,;:/×x&+-]\s*|\s+)(?:and |or |to |by )?{MASK})+")


class TopSkeleton(Model):
    """One skeleton and how many rows have it."""

    text: str
    rows: int


class Skeletons(Model):
    """How varied the queries of the rows with calls are."""

    rows: int = 0
    """Kept rows with calls; the others have no arguments to mask."""
    distinct: int = 0
    repeats: dict[int, int] = {}
    """Rows that share a skeleton → skeletons shared by so many."""
    top: tuple[TopSkeleton, ...] = ()
    """The commonest ones, by rows."""


def skeleton(row: Mapping[str, Any]) -> str:
    """Mask in a row's query its argument values, numbers, dates and quoted text."""
    query = " ".join(str(row["query"])[:_QUERY].lower().split())
    values = sorted(
        set(_texts(json.loads(row["answers"]), [])), key=lambda text: (-len(text), text)
    )
    for value in values:
        query = _masked(query, value)
    query = _OBVIOUS.sub(MASK, query)
    return _SEQUENCE.sub(MASK, query)


class SkeletonCounter:
    """Counts skeletons by 8-byte hashes, so that memory does not hold the texts."""

    COLUMNS = ("query", "answers", "n_calls")
    """What it reads of a row."""

    def __init__(self) -> None:
        self._rows: Counter[bytes] = Counter()

    def add(self, row: Mapping[str, Any]) -> None:
        """Count a kept row; one without calls is passed over."""
        if row["n_calls"]:
            self._rows[_key(skeleton(row))] += 1

    def finish(self, rows: Iterable[Mapping[str, Any]]) -> Skeletons:
        """Return the figures; `rows` are the same rows again, read until all texts are found."""
        top = sorted(self._rows, key=lambda key: (-self._rows[key], key))[:TOP]
        texts: dict[bytes, str] = {}
        for text in _until(rows):
            key = _key(text)
            if key in top:
                texts[key] = text
                if len(texts) == len(top):
                    break
        repeats = Counter(self._rows.values())
        return Skeletons(
            rows=self._rows.total(),
            distinct=len(self._rows),
            repeats=dict(sorted(repeats.items())),
            top=tuple(
                TopSkeleton(text=texts[key][:_SHOWN], rows=self._rows[key])
                for key in top
                if key in texts
            ),
        )


def _until(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        if row["n_calls"]:
            yield skeleton(row)


def _key(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=8).digest()


def _masked(query: str, value: str) -> str:
    """Mask a value where it stands as words of its own; a pattern per row would cost twice."""
    start = query.find(value)
    while start >= 0:
        end = start + len(value)
        alone = not (query[start - 1 : start].isalnum() or query[end : end + 1].isalnum())
        if alone:
            query = f"{query[:start]}{MASK}{query[end:]}"
            end = start + 1
        start = query.find(value, end)
    return query


def _texts(value: Any, found: list[str]) -> list[str]:
    """All argument values as a query would hold them, in lower case."""
    if len(found) >= _VALUES:
        return found
    if isinstance(value, str):
        text = " ".join(value.lower().split())
        if text and len(text) <= _QUERY:
            found.append(text)
            if "_" in text:
                found.append(text.replace("_", " "))
    elif isinstance(value, list):
        for item in value:
            _texts(item, found)
    elif isinstance(value, dict):
        # A call's own name is no value; its arguments are.
        inner = value["arguments"] if value.keys() == {"name", "arguments"} else value
        for item in inner.values() if isinstance(inner, dict) else ():
            _texts(item, found)
    return found
