"""A sample's way into its storage form and back out to what chat templates take."""

import json
from collections.abc import Mapping
from typing import Any

from api_registry.types import CallResult, Tool
from data.identity import canonical_json, compact_json, tool_json
from data.types import Sample, Turn


def sample_row(sample: Sample, *, verified_by: str = "") -> dict[str, Any]:
    """Return the row of `data.schema.ROW_SCHEMA` for a sample.

    The stage, reason and detail are those of its first failed verdict, null for a kept sample.
    `answers` is the list of calls, or one list per assistant turn where there are several.
    """
    rejection = sample.rejected
    calls = sample.calls
    return {
        "id": sample.id,
        "group": sample.group,
        "messages": [_message(turn) for turn in sample.turns],
        "tools": tools_json(sample.tools),
        "query": sample.query,
        "answers": compact_json(_answers(sample)),
        "results": compact_json([result_json(result) for result in sample.results]),
        "style": sample.style,
        "category": sample.category,
        "language": sample.language,
        "origin": sample.origin,
        "license": "",
        "stage": rejection.stage if rejection else None,
        "reason": rejection.reason if rejection else None,
        "detail": rejection.detail if rejection else None,
        "verified_by": verified_by,
        "n_turns": len(sample.turns),
        "n_calls": len(calls),
        "n_tools": len(sample.tools),
        "difficulty": None,
        "environment": sample.environment,
        "annotations": canonical_json(sample.annotations),
        "provenance": canonical_json(sample.provenance),
    }


def training_view(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{"messages", "tools"}` as chat templates render them: the one way out of storage.

    Arguments become objects (string arguments are encoded twice by several official templates),
    absent keys are dropped (a null `tool_calls` or `content` crashes others), and tools take
    OpenAI's form. Works on rows read by datasets, pandas, pyarrow or DuckDB.
    """
    return {
        "messages": [_training_message(message) for message in row["messages"]],
        "tools": [{"type": "function", "function": tool} for tool in json.loads(row["tools"])],
    }


def row_calls(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the calls of all assistant turns of a stored row, in order, as name and arguments."""
    answers = json.loads(row["answers"])
    if answers and isinstance(answers[0], list):
        return [call for turn in answers for call in turn]
    return list(answers)


def tools_json(tools: tuple[Tool, ...]) -> str:
    """Tools as stored: a JSON list of name, description and parameters."""
    return "[" + ",".join(tool_json(tool) for tool in tools) + "]"


def result_json(result: CallResult) -> dict[str, Any]:
    """Return a result as stored: absent keys dropped, but a value of null is a value."""
    value = {"value": result.value} if result.outcome == "ok" else {}
    return result.model_dump(exclude_none=True) | value


def _answers(sample: Sample) -> list[Any]:
    turns = [
        [{"name": call.name, "arguments": call.arguments} for call in turn.calls]
        for turn in sample.turns
        if turn.role == "assistant"
    ]
    return turns[0] if len(turns) == 1 else turns


def _message(turn: Turn) -> dict[str, Any]:
    return {
        "role": turn.role,
        "content": turn.content,
        "reasoning_content": turn.thought,
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": compact_json(call.arguments)},
            }
            for call in turn.calls
        ]
        or None,
        "tool_call_id": turn.call,
        "name": None,
        "train": turn.train,
    }


def _training_message(stored: Mapping[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": stored["role"], "content": stored["content"]}
    for key in ("reasoning_content", "tool_call_id", "name"):
        if stored.get(key) is not None:
            message[key] = stored[key]
    tool_calls = stored.get("tool_calls")
    # pandas hands lists back as arrays, whose truth value is an error: ask for the length.
    if tool_calls is not None and len(tool_calls):
        message["tool_calls"] = [
            {
                "id": call["id"],
                "type": call["type"],
                "function": {
                    "name": call["function"]["name"],
                    "arguments": json.loads(call["function"]["arguments"]),
                },
            }
            for call in tool_calls
        ]
    return message
