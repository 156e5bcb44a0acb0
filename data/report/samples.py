"""Which rows a page shows, and how much of each: few enough to open, varied enough to judge by.

Rows are drawn from every style and category, and from every reason of rejection, by their ids:
ids are hashes, so the smallest ones are a fair draw that depends on nothing but the rows.
"""

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

from data.report.text import clean, cut, label, laid_out, pretty
from data.shards import KINDS, Kind, ShardManifest, row_batches, shard_path

KEPT_ROWS, REJECTED_ROWS = 300, 300
"""Most rows shown of each kind."""
_PER_STRATUM = 40
_ROWS_CHARACTERS = 3_000_000
_ROW_CHARACTERS = 12_000
_TOOLS_CHARACTERS = 1_000_000
_TOOL_CHARACTERS = 6_000
_LEAST = 80
"""Characters shown of a text even where a row has used up its share."""
_MESSAGES = _CALLS = 40
_TOOLS = 64

Removals = Mapping[int, tuple[str, str, str]]
"""Place among the kept rows of all shards → stage, reason and detail of those left out later."""

Row = Mapping[str, Any]
Stratum = tuple[str, str]


@dataclass(frozen=True, order=True)
class _Place:
    """Where a row is; ordered by id, then by place, which only copies need."""

    id: str
    shard: int
    kind: Kind
    index: int
    removal: tuple[str, str, str] | None = field(default=None, compare=False)
    """Stage, reason and detail of a row that passed the checks and was left out after them."""


def sampled(
    folder: Path,
    manifests: Sequence[ShardManifest],
    removals: Removals = MappingProxyType({}),
    *,
    kept: int = KEPT_ROWS,
    rejected: int = REJECTED_ROWS,
) -> dict[str, Any]:
    """Draw at most `kept` and `rejected` rows of a run's shards, in the form of `shown`.

    A kept row that `removals` names counts as rejected, with what it says.
    Raises `DamagedShard` where a file cannot be read.
    """
    good: dict[Stratum, list[_Place]] = {}
    bad: dict[Stratum, list[_Place]] = {}
    for place, stratum in _places(folder, manifests, removals):
        strata = bad if place.kind == "rejected" or place.removal else good
        _draw(strata.setdefault(stratum, []), place)
    places = [*_in_turn(good, kept), *_in_turn(bad, rejected)]
    shower = _Shower(len(places))
    # Shown as they are read: a row may hold megabytes, what is shown of it does not.
    rows = {place: shower.row(row) for place, row in _read(folder, places)}
    return {"rows": [rows[place] for place in places], "tools": shower.tools.entries}


def shown(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what the page's script gets: `{"tools": […], "rows": […]}`, text cut to fit.

    Tools stand once, however many rows offer them; a row refers to them by number.
    """
    shower = _Shower(len(rows))
    return {"rows": [shower.row(row) for row in rows], "tools": shower.tools.entries}


def _places(
    folder: Path, manifests: Sequence[ShardManifest], removals: Removals
) -> Iterator[tuple[_Place, Stratum]]:
    """Every row's place and stratum, by reading three columns."""
    before = 0
    for manifest in manifests:
        for kind in KINDS:
            keys = ("style", "category") if kind == "kept" else ("stage", "reason")
            path = shard_path(folder, kind, manifest.shard)
            rows = (row for batch in row_batches(path, ["id", *keys]) for row in batch)
            for index, row in enumerate(rows):
                removal = removals.get(before + index) if kind == "kept" else None
                stratum = removal[:2] if removal else (str(row[keys[0]]), str(row[keys[1]]))
                yield _Place(row["id"], manifest.shard, kind, index, removal), stratum
        before += manifest.funnel.kept


def _draw(places: list[_Place], place: _Place) -> None:
    """Keep the smallest few of a stratum."""
    places.append(place)
    if len(places) >= 2 * _PER_STRATUM:
        places[:] = heapq.nsmallest(_PER_STRATUM, places)


def _in_turn(strata: Mapping[Stratum, list[_Place]], limit: int) -> list[_Place]:
    """Take one of each stratum, then a second of each, and so on, up to the limit."""
    drawn = [heapq.nsmallest(_PER_STRATUM, strata[key]) for key in sorted(strata)]
    turns = zip_longest(*drawn)
    return [place for turn in turns for place in turn if place is not None][:limit]


def _read(folder: Path, places: Iterable[_Place]) -> Iterator[tuple[_Place, Row]]:
    """Read the chosen rows, each file once and no further than its last chosen row."""
    wanted: dict[tuple[int, Kind], dict[int, _Place]] = {}
    for place in places:
        wanted.setdefault((place.shard, place.kind), {})[place.index] = place
    for (shard, kind), chosen in sorted(wanted.items()):
        index, last = 0, max(chosen)
        for batch in row_batches(shard_path(folder, kind, shard)):
            for row in batch:
                if index in chosen:
                    yield chosen[index], _as_counted(row, chosen[index])
                index += 1
            if index > last:
                break


def _as_counted(row: dict[str, Any], place: _Place) -> Row:
    if place.removal is None:
        return row
    stage, reason, detail = place.removal
    return {**row, "stage": stage, "reason": reason, "detail": detail}


class _ToolTable:
    """Each tool once."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []
        self._numbers: dict[str, int] = {}
        self._left = _TOOLS_CHARACTERS

    def number(self, tool: Any) -> int:
        fields = tool if isinstance(tool, dict) else {"name": str(tool)}
        key = json.dumps(fields, sort_keys=True)
        if key not in self._numbers:
            limit = min(_TOOL_CHARACTERS, max(self._left, _LEAST))
            entry = {
                "name": label(str(fields.get("name", ""))),
                "description": cut(str(fields.get("description", "")), limit),
                "parameters": cut(laid_out(fields.get("parameters")), limit),
            }
            self._left -= sum(map(len, entry.values()))
            self._numbers[key] = len(self.entries)
            self.entries.append(entry)
        return self._numbers[key]


class _Allowance:
    """How many characters of a row may still be shown."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def limit(self) -> int:
        return max(self._left, _LEAST)

    def text(self, text: str | None) -> str:
        return self._spent(cut(text or "", self.limit()))

    def json(self, text: str) -> str:
        return self._spent(pretty(text, self.limit()))

    def _spent(self, text: str) -> str:
        self._left -= len(text)
        return text


class _Shower:
    """Turns rows into what the page's script gets."""

    def __init__(self, rows: int) -> None:
        self.tools = _ToolTable()
        self._limit = min(_ROW_CHARACTERS, _ROWS_CHARACTERS // max(rows, 1))

    def row(self, row: Row) -> dict[str, Any]:
        allowance = _Allowance(self._limit)
        provenance, annotations = _object(row["provenance"]), _object(row["annotations"])
        labels = ("style", "category", "stage", "reason", "language", "origin")
        return {
            "id": clean(row["id"]),
            **{key: label(row[key] or "") for key in labels},
            "split": label(str(provenance.get("split", ""))),
            "verdicts": verdicts(row),
            "detail": allowance.text(row["detail"]),
            "query": allowance.text(row["query"]),
            "messages": [_message(message, allowance) for message in row["messages"][:_MESSAGES]],
            "more_messages": max(len(row["messages"]) - _MESSAGES, 0),
            "results": [_result(result, allowance) for result in _list(row["results"])[:_CALLS]],
            "completion": allowance.text(str(annotations.pop("completion", ""))),
            "annotations": allowance.json(laid_out(annotations)) if annotations else "",
            "provenance": allowance.json(row["provenance"]),
            "tools": [self.tools.number(tool) for tool in _list(row["tools"])[:_TOOLS]],
        }


def verdicts(row: Row) -> list[tuple[str, str]]:
    """Say what each stage found, as `(stage, finding)`.

    A draft goes through the stages in order and stops at its first failure, so a rejected row has
    passed those before; of a kept one `verified_by` says what vouches for it.
    """
    marks = row["verified_by"].split(",")
    executed = "no call to run" if not row["n_calls"] else "passed"
    if row["stage"] is None:
        if row["n_calls"] and "executed" not in marks:
            executed = "not executed"
        judges = [mark for mark in marks if mark not in ("executed", "not_executed", "rules", "")]
        semantic = ["rules"] * ("rules" in marks) + judges
        return [
            ("format", "passed"),
            ("execution", executed),
            ("semantic", f"passed: {', '.join(map(label, semantic))}" if semantic else "not run"),
        ]
    stages = [("format", "passed"), ("execution", executed), ("semantic", "passed")]
    names = [name for name, _ in stages]
    failed = (label(row["stage"]), f"failed: {label(row['reason'] or '')}")
    before = stages[: names.index(row["stage"])] if row["stage"] in names else []
    if row["stage"] not in (*names, "generation"):
        before = stages
    return [*before, failed]


def _message(message: Row, allowance: _Allowance) -> dict[str, Any]:
    calls = message["tool_calls"] or []
    return {
        "role": label(message["role"]),
        "content": allowance.text(message["content"]),
        "thought": allowance.text(message["reasoning_content"]),
        "answers": label(message["tool_call_id"] or ""),
        "calls": [
            {
                "id": label(call["id"]),
                "name": label(call["function"]["name"]),
                "arguments": allowance.json(call["function"]["arguments"]),
            }
            for call in calls[:_CALLS]
        ],
        "more_calls": max(len(calls) - _CALLS, 0),
    }


def _result(result: Any, allowance: _Allowance) -> dict[str, str]:
    if not isinstance(result, dict):
        return {"call": "", "outcome": "", "value": allowance.text(str(result))}
    error = ": ".join(str(result[key]) for key in ("error_type", "error") if result.get(key))
    ok = result.get("outcome") == "ok"
    value = allowance.text(laid_out(result.get("value")) if ok else error)
    return {
        "call": label(str(result.get("call", ""))),
        "outcome": label(str(result.get("outcome", ""))),
        "value": value,
    }


def _object(text: str) -> dict[str, Any]:
    value = _decoded(text)
    return value if isinstance(value, dict) else {}


def _list(text: str) -> list[Any]:
    value = _decoded(text)
    return value if isinstance(value, list) else []


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
