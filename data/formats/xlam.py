"""The format of xlam-function-calling-60k: `query`, `tools`, `answers`, optionally `results`.

https://huggingface.co/datasets/Salesforce/xlam-function-calling-60k. All but the query are JSON, or
the JSON text of it. Tools have types in Python's words (`List[int]`) or a JSON Schema.
"""

import json
from collections.abc import Mapping
from typing import Any

from data.formats.hints import flat_parameters
from data.formats.imported import BadRow, Imported, ImportedTurn, json_field, shown, text_field
from data.formats.results import read_results
from data.formats.tool_texts import tools_field
from data.identity import compact_json
from data.rows import row_calls

KEYS = frozenset({"query", "tools", "answers"})
OPTIONAL = frozenset({"results"})


def read(row: dict[str, Any]) -> Imported:
    """Read a row. Raises `BadRow`."""
    query = text_field(row, "query")
    if not query.strip():
        raise BadRow("missing_field", "`query` is empty")
    tools = tools_field(row)
    answers = json_field(row, "answers")
    if not isinstance(answers, list):
        raise BadRow("bad_field", f"`answers`: expected a list of calls, got {shown(answers)}")
    turns = (
        ImportedTurn(role="user", content=query),
        ImportedTurn(role="assistant", calls=tuple(answers)),
    )
    return Imported(tools=tools, turns=turns, results=read_results(row.get("results")))


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as the published set has it: types in Python's words.

    All calls of a conversation stand in one list; the turns between them have no place there.
    """
    tools = [
        {**tool, "parameters": flat_parameters(tool["parameters"])}
        for tool in json.loads(row["tools"])
    ]
    return write_with_schema({**row, "tools": compact_json(tools)})


def write_with_schema(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the same keys, with the tools' JSON Schemas as they are."""
    return {
        "id": row["id"],
        "query": row["query"],
        "answers": compact_json(row_calls(row)),
        "tools": row["tools"],
    }
