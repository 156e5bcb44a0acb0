"""What an importer makes of a row, and why it may make nothing of it."""

from dataclasses import dataclass
from typing import Any, Literal

from api_registry.types import Tool
from data import strict_json
from data.strict_json import BadJson

REASONS: dict[str, str] = {
    "malformed_row": "the row is no JSON object that can be read",
    "row_too_large": "the row is larger than is read",
    "missing_field": "the row lacks a field that its format needs",
    "bad_field": "a field of the row has not the form that its format needs",
    "unmatched_result": "a tool's message that answers no call made before it",
    "bad_tools": "the row's tools are no list of named tools with parameters",
}
"""Reasons of the format stage that reading a row gives; the others are those of the checks."""

_SHOWN = 80


class BadRow(Exception):
    """A row that cannot be read; `reason` is a code of the format stage."""

    def __init__(self, reason: str, detail: str, *, begun: bool = True) -> None:
        super().__init__(reason, detail)  # all arguments: it is sent between processes
        self.reason, self.detail = reason, detail
        self.begun = begun
        """Whether it begins like a row at all, as against a line of some other text."""


Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class ImportedTurn:
    """One message of somebody else's conversation; calls are still to be read strictly."""

    role: Role
    content: str = ""
    calls: tuple[Any, ...] = ()
    """`{"name", "arguments"}` each, arguments an object or its JSON text; nothing is checked."""
    call: int | None = None
    """Tool turns: which call of the conversation, from 0, is answered."""


@dataclass(frozen=True)
class Imported:
    """A row in terms that all formats share. One of `turns` and `completion` says what came."""

    tools: tuple[Tool, ...]
    turns: tuple[ImportedTurn, ...] = ()
    completion: str | None = None
    """`raw` rows: a model's unparsed answer to `query`."""
    query: str | None = None
    """`raw` rows: what was asked, where it is known."""
    results: tuple[Any, ...] | None = None
    """What each call gave back, in order; None where at most the tool turns say."""
    environment: str | None = None
    """What its calls share a state in and start from, as JSON text: `Sample.environment`."""


def field(row: dict[str, Any], name: str) -> Any:
    """Return a field that must be there. Raises `BadRow`."""
    value = row.get(name)
    if value is None:
        there = ", ".join(key for key, held in row.items() if held is not None)
        missing = f"`{name}` is null" if name in row else f"no `{name}`"
        raise BadRow("missing_field", f"{missing}; the row has: {there or 'nothing'}"[:200])
    return value


def text_field(row: dict[str, Any], name: str) -> str:
    """Return a field that must be text. Raises `BadRow`."""
    value = field(row, name)
    if not isinstance(value, str):
        raise BadRow("bad_field", f"`{name}`: expected text, got {shown(value)}")
    return value


def json_field(row: dict[str, Any], name: str) -> Any:
    """Return a field that is JSON, its text, or a list of texts. Raises `BadRow`."""
    value = field(row, name)
    if isinstance(value, list):
        return [
            _decoded(f"{name}[{index}]", item)
            if isinstance(item, str) and item.lstrip().startswith("{")
            else item
            for index, item in enumerate(value)
        ]
    return _decoded(name, value) if isinstance(value, str) else value


def _decoded(name: str, text: str) -> Any:
    try:
        return strict_json.loads(text)
    except BadJson as error:
        raise BadRow("malformed_json", f"`{name}` is not strict JSON: {error}") from None


def shown(value: Any) -> str:
    """Write a value of any kind in a few characters, for a detail."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
