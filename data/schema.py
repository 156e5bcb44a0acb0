"""The storage form of a record: one explicit Arrow schema for kept and rejected rows alike.

Tools, answers, results and other heterogeneous values are JSON strings, because Arrow structs fill
every missing key with null: stored naively, each tool would come back with the parameters of all.
"""

import pyarrow as pa

SCHEMA_VERSION = "1"
"""Raised when a column changes meaning; older runs are refused, not guessed at."""

_FUNCTION = pa.struct(
    [pa.field("name", pa.string(), False), pa.field("arguments", pa.string(), False)]
)
_TOOL_CALL = pa.struct(
    [
        pa.field("id", pa.string(), False),
        pa.field("type", pa.string(), False),
        pa.field("function", _FUNCTION, False),
    ]
)
_MESSAGE = pa.struct(
    [
        pa.field("role", pa.string(), False),
        pa.field("content", pa.string(), False),
        pa.field("reasoning_content", pa.string()),
        pa.field("tool_calls", pa.list_(_TOOL_CALL)),
        pa.field("tool_call_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("train", pa.bool_(), False),
    ]
)

ROW_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), False),
        pa.field("group", pa.string(), False),
        pa.field("messages", pa.list_(_MESSAGE), False),
        pa.field("tools", pa.string(), False),
        pa.field("query", pa.string(), False),
        pa.field("answers", pa.string(), False),
        pa.field("results", pa.string(), False),
        pa.field("style", pa.string(), False),
        pa.field("category", pa.string(), False),
        pa.field("language", pa.string(), False),
        pa.field("origin", pa.string(), False),
        pa.field("license", pa.string(), False),
        pa.field("stage", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("verified_by", pa.string(), False),
        pa.field("n_turns", pa.int32(), False),
        pa.field("n_calls", pa.int32(), False),
        pa.field("n_tools", pa.int32(), False),
        pa.field("difficulty", pa.float64()),
        pa.field("environment", pa.string()),
        pa.field("annotations", pa.string(), False),
        pa.field("provenance", pa.string(), False),
    ],
    metadata={"callforge.schema_version": SCHEMA_VERSION},
)
"""Column names that trainers reserve (`prompt`, `labels`, `input_ids`, `images`) are never used."""
SAID = ("messages.list.element.role", "messages.list.element.content")
"""Who says what, of `messages` alone: parts of a column as Parquet's readers name them."""
