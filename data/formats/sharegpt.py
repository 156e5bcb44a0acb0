"""ShareGPT with tools: `conversations`, `system`, `tools`, as LLaMA-Factory and APIGen-MT have it.

https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md. Turns alternate: human or
observation, then gpt or function_call; LLaMA-Factory passes over a row where they do not.
"""

from collections.abc import Mapping
from typing import Any

from data.identity import compact_json
from data.rows import training_view

_FROM = {"user": "human", "assistant": "gpt", "tool": "observation"}


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row; calls of one turn are one turn, and so are their results.

    A turn with calls has no place for words beside them, nor for a thought: they are left out.
    """
    view = training_view(row)
    turns: list[dict[str, str]] = []
    system = ""
    results: list[str] = []
    for message in view["messages"]:
        if message["role"] == "system":
            system = f"{system}\n{message['content']}" if system else message["content"]
            continue
        if message["role"] == "tool":
            results.append(message["content"])
            continue
        turns += _observed(results)
        results = []
        turns.append(_turn(message))
    turns += _observed(results)
    tools = [tool["function"] for tool in view["tools"]]
    return {"conversations": turns, "system": system, "tools": compact_json(tools)}


def _turn(message: Mapping[str, Any]) -> dict[str, str]:
    if "tool_calls" not in message:
        return {"from": _FROM[message["role"]], "value": message["content"]}
    calls = [call["function"] for call in message["tool_calls"]]
    return {"from": "function_call", "value": compact_json(calls[0] if len(calls) == 1 else calls)}


def _observed(results: list[str]) -> list[dict[str, str]]:
    """The results of a turn's calls as one turn: as they are, or as a JSON list of several."""
    if not results:
        return []
    value = results[0] if len(results) == 1 else compact_json(results)
    return [{"from": "observation", "value": value}]
