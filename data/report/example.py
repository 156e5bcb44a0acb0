"""One record for the top of the page, so that a reader sees at once what was made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST_QUERY = 200
_LONGEST_VALUE = 400
_READABLE = re.compile(r"[A-Za-z]+(?:[_-][A-Za-z]+)*")
"""Names as people give them; those that a plan makes up to hide a tool hold digits."""


@dataclass(frozen=True)
class ExampleCall:
    """A call and what it returned."""

    name: str
    arguments: str
    value: str
    ran: bool


@dataclass(frozen=True)
class Example:
    """A kept record with calls, short enough to take in at a glance."""

    query: str
    calls: tuple[ExampleCall, ...]
    tools: int
    """How many were offered."""

    @property
    def ran(self) -> bool:
        """Whether every call was run."""
        return all(call.ran for call in self.calls)


def example_of(rows: Sequence[Mapping[str, Any]]) -> Example | None:
    """The most telling of the rows shown: the longest query of those that fit; None without any.

    Args:
        rows: Rows as `samples.shown` returns them.
    """
    found = [example for row in rows if (example := _example(row))]
    return max(found, key=lambda example: (example.ran, len(example.query)), default=None)


def _example(row: Mapping[str, Any]) -> Example | None:
    calls = [call for message in row["messages"] for call in message["calls"]]
    if row["stage"] or len(calls) != 1 or not 0 < len(row["query"]) <= _LONGEST_QUERY:
        return None
    if row["messages"][-1]["role"] != "assistant" or not _READABLE.fullmatch(calls[0]["name"]):
        return None
    results = {result["call"]: result for result in row["results"]}
    shown = tuple(_call(call, results.get(call["id"])) for call in calls)
    if any(max(len(call.arguments), len(call.value)) > _LONGEST_VALUE for call in shown):
        return None
    return Example(row["query"], shown, len(row["tools"]))


def _call(call: Mapping[str, Any], result: Mapping[str, Any] | None) -> ExampleCall:
    ran = result is not None and result["outcome"] == "ok"
    value = str(result["value"]) if result is not None and ran else ""
    return ExampleCall(call["name"], call["arguments"], value, ran)
