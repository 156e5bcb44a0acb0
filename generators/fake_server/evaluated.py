"""The fake endpoint as a model that is evaluated: it knows the right answers, and errs as told.

Tools are known by what they say of themselves and arguments by their place, so that it answers
under other names as well. Where the tool that it needs is not offered, it calls nothing.
"""

import json
import random
from typing import Any

from api_registry.types import Model


class KnownCall(Model):
    """One call of a right answer."""

    about: str
    """The description of the tool."""
    arguments: dict[int, Any]
    """Values by the place of their parameter among the tool's own."""


ANSWER_FAULTS = ("wrong_value", "no_such_tool", "extra_call", "words", "broken", "call_anyway")
"""What it can do wrong; `call_anyway` where nothing is to be called, the others where something is.
"""


def evaluated(
    asked: dict[str, Any],
    rng: random.Random,
    known: dict[str, tuple[KnownCall, ...]],
    faults: dict[str, float],
) -> dict[str, Any] | None:
    """The message that answers a known question; None for one that is not known."""
    users = [turn for turn in asked.get("messages", ()) if turn.get("role") == "user"]
    query = str(users[-1].get("content")) if users else ""
    if query not in known:
        return None
    tools = [tool["function"] for tool in asked.get("tools", ())]
    offered = {tool.get("description"): tool for tool in tools}
    wanted = known[query] if all(call.about in offered for call in known[query]) else ()
    calls = [_call(offered[call.about], call) for call in wanted]
    fault = _fault(rng, faults, bool(calls))
    if fault == "wrong_value":
        name, arguments = calls[0]
        first = next(iter(arguments), "value")
        calls[0] = (name, {**arguments, first: f"{arguments.get(first)} or other"})
    elif fault == "no_such_tool":
        calls[0] = ("no_such_tool", calls[0][1])
    elif fault == "extra_call":
        calls.append((calls[0][0], {}))
    elif fault == "call_anyway" and tools:
        calls = [(tools[0]["name"], {})]
    elif fault == "words":
        calls = []
    elif fault == "broken":
        return _said(f'{{"name": "{calls[0][0]}", "arguments": {{')
    return _called(calls) if calls else _said("None of these tools can do that.")


def _fault(rng: random.Random, faults: dict[str, float], calls: bool) -> str | None:
    """Each fault with its share of the questions that it is possible for."""
    drawn = rng.random()
    for kind, share in faults.items():
        if (kind == "call_anyway") is calls:
            continue
        if drawn < share:
            return kind
        drawn -= share
    return None


def _call(tool: dict[str, Any], known: KnownCall) -> tuple[str, dict[str, Any]]:
    names = list(tool.get("parameters", {}).get("properties", {}))
    return tool["name"], {names[place]: value for place, value in known.arguments.items()}


def _said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def _called(calls: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for number, (name, arguments) in enumerate(calls)
        ],
    }
