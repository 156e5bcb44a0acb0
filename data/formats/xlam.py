"""The format of xlam-function-calling-60k: `query`, `tools`, `answers`, optionally `results`.

https://huggingface.co/datasets/Salesforce/xlam-function-calling-60k. All but the query are JSON, or
the JSON text of it. Tools have types in Python's words (`List[int]`) or a JSON Schema.
"""

from typing import Any

from data.formats.imported import BadRow, Imported, ImportedTurn, json_field, shown, text_field
from data.formats.results import read_results
from data.formats.tools import read_tools

KEYS = frozenset({"query", "tools", "answers"})
OPTIONAL = frozenset({"results"})


def read(row: dict[str, Any]) -> Imported:
    """Read a row. Raises `BadRow`."""
    query = text_field(row, "query")
    tools = read_tools(json_field(row, "tools"))
    answers = json_field(row, "answers")
    if not isinstance(answers, list):
        raise BadRow("bad_field", f"`answers`: expected a list of calls, got {shown(answers)}")
    turns = (
        ImportedTurn(role="user", content=query),
        ImportedTurn(role="assistant", calls=tuple(answers)),
    )
    return Imported(tools=tools, turns=turns, results=read_results(row.get("results")))
