"""Preference pairs: a verified answer, and another one to the same query that is certainly wrong.

Rejected answers are drafts that a check rejected for something decidable, where the same query and
tools also have a verified answer; and verified answers with one change that a schema or the query
contradicts. What only a judge disliked is in no pair.

Which of two answers is longer must not tell which is right, so pairs are chosen until longer and
shorter rejected answers balance, at every difference of length.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api_registry.types import Model
from data.identity import canonical_json, compact_json, digest
from data.preference_changes import changes
from data.rows import row_calls, training_view

CERTAIN: dict[str, frozenset[str]] = {
    "format": frozenset(
        {"unknown_tool", "missing_argument", "unknown_argument", "wrong_type", "not_in_enum",
         "out_of_range", "bad_length", "bad_pattern", "bad_format"}
    ),
    "execution": frozenset({"raised", "http_error", "error_result", "null_result"}),
    "semantic": frozenset(
        {"ungrounded_number", "ungrounded_date", "ungrounded_time", "ungrounded_identifier",
         "duplicate_call"}
    ),
}  # fmt: skip
"""Stage → reasons for which a rejected draft is wrong beyond doubt."""
_BUCKET = 6
"""Differences of length, in characters, that count as one."""

Row = Mapping[str, Any]


class Pair(Model):
    """One pair before it is written."""

    row: dict[str, Any]
    """The stored row of the verified answer."""
    rejected: dict[str, Any]
    """The assistant's message that is wrong."""
    reason: str
    lean: int
    """Characters that the rejected answer is longer, negative where it is shorter."""


def pairs(kept: Iterable[Row], rejected: Iterable[Row] = ()) -> list[dict[str, Any]]:
    """Return rows of TRL's preference format: `prompt`, `chosen`, `rejected`, `tools`, `reason`.

    https://huggingface.co/docs/trl/dataset_formats; in the order of the kept rows, at most one pair
    for each.
    """
    drafts: dict[str, list[Row]] = {}
    for row in rejected:
        if row["reason"] in CERTAIN.get(row["stage"], ()) and _answer(row) is not None:
            drafts.setdefault(_key(row), []).append(row)
    chosen: list[Pair] = []
    balance: Counter[int] = Counter()
    for row in kept:
        own = [pair for draft in drafts.get(_key(row), ()) if (pair := _drafted(row, draft))]
        candidates = own or list(_changed(row))
        if not candidates:
            continue
        best = min(candidates, key=lambda pair: _cost(pair, balance))
        balance[_bucket(best.lean)] += 1
        chosen.append(best)
    return [_written(pair) for pair in _balanced(chosen)]


def message_length(message: Mapping[str, Any]) -> int:
    """Characters of an assistant's message as a template would write it: content and calls."""
    calls = [call["function"] for call in message.get("tool_calls", ())]
    return len(message["content"]) + sum(len(compact_json(call)) for call in calls)


def _drafted(row: Row, draft: Row) -> Pair | None:
    answer = _answer(draft)
    if answer is None or answer == _answer(row):
        return None
    return _pair(row, answer, f"{draft['stage']}/{draft['reason']}")


def _changed(row: Row) -> Iterator[Pair]:
    """Pairs of a row's answer with itself, changed in one way each."""
    answer = _answer(row)
    if answer is None or not row_calls(row):
        return
    for reason, calls in changes(row):
        message = {**answer, "tool_calls": calls}
        if message["tool_calls"] != answer["tool_calls"]:
            yield _pair(row, message, reason)


def _pair(row: Row, answer: dict[str, Any], reason: str) -> Pair:
    right = _answer(row)
    lean = message_length(answer) - message_length(right or {"content": ""})
    return Pair(row=dict(row), rejected=answer, reason=reason, lean=lean)


def _cost(pair: Pair, balance: Counter[int]) -> tuple[int, int, str]:
    """What a pair adds to the imbalance; then a small difference, then chance."""
    bucket = _bucket(pair.lean)
    surplus = balance[bucket] - balance[-bucket] if bucket else 0
    return max(surplus, 0), abs(bucket), digest(f"{pair.row['id']}{pair.reason}")


def _balanced(chosen: list[Pair]) -> list[Pair]:
    """Leave out the last pairs of a difference that the other sign has too few of."""
    counts = Counter(_bucket(pair.lean) for pair in chosen)
    room = {
        bucket: count if bucket == 0 else min(count, counts[-bucket] + 1)
        for bucket, count in counts.items()
    }
    kept = []
    for pair in chosen:
        bucket = _bucket(pair.lean)
        if room[bucket] > 0:
            room[bucket] -= 1
            kept.append(pair)
    return kept


def _bucket(lean: int) -> int:
    size = (abs(lean) + _BUCKET - 1) // _BUCKET
    return size if lean > 0 else -size


def _written(pair: Pair) -> dict[str, Any]:
    view = training_view(pair.row)
    last = max(n for n, message in enumerate(view["messages"]) if message["role"] == "assistant")
    first = min(n for n, message in enumerate(view["messages"]) if message["role"] == "assistant")
    assert first == last, "rows of one answer only"  # noqa: S101 - `_answer` saw to it
    return {
        "prompt": view["messages"][:first],
        "chosen": [view["messages"][first]],
        "rejected": [pair.rejected],
        "tools": view["tools"],
        "reason": pair.reason,
    }


def _answer(row: Row) -> dict[str, Any] | None:
    """The assistant's message of a row that ends with the only one it has."""
    try:
        messages = training_view(row)["messages"]
    except (KeyError, TypeError, ValueError):
        return None
    turns = [message for message in messages if message["role"] == "assistant"]
    if len(turns) != 1 or messages[-1] is not turns[0]:
        return None
    return dict(turns[0])


def _key(row: Row) -> str:
    return digest(canonical_json([row["query"], json.loads(row["tools"])]))
