"""Unparsed model output: `tools`, `completion`, optionally `query`, as a generator's log has it."""

from typing import Any

from data.formats.imported import Imported, json_field, text_field
from data.formats.results import read_results
from data.formats.tools import read_tools

KEYS = frozenset({"tools", "completion"})
OPTIONAL = frozenset({"query", "results"})


def read(row: dict[str, Any]) -> Imported:
    """Read a row; what its completion holds is for the parser to say. Raises `BadRow`."""
    return Imported(
        tools=read_tools(json_field(row, "tools")),
        completion=text_field(row, "completion"),
        query=text_field(row, "query") if row.get("query") is not None else None,
        results=read_results(row.get("results")),
    )
