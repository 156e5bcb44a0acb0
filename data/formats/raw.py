"""Unparsed model output: `tools`, `completion`, optionally `query`, as a generator's log has it."""

from typing import Any

from data.formats.imported import BadRow, Imported, field, shown, text_field
from data.formats.results import read_results
from data.formats.tool_texts import tools_field
from data.identity import compact_json

KEYS = frozenset({"tools", "completion"})
OPTIONAL = frozenset({"query", "results"})


def read(row: dict[str, Any]) -> Imported:
    """Read a row; what its completion holds is for the parser to say. Raises `BadRow`."""
    completion = field(row, "completion")
    if isinstance(completion, dict | list):
        completion = compact_json(completion)  # a message or its calls, logged as JSON
    if not isinstance(completion, str):
        raise BadRow("bad_field", f"`completion`: expected text, got {shown(completion)}")
    return Imported(
        tools=tools_field(row),
        completion=completion,
        query=text_field(row, "query") if row.get("query") is not None else None,
        results=read_results(row.get("results")),
    )
