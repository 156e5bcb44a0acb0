"""The JSON schema of one request's answer: the names and arguments of the tools it offers."""

from typing import Any

from api_registry.per_tool import PerTool
from api_registry.types import Tool
from generators.llm.enforceable import Schema, bounded_text, enforceable
from generators.types import DraftPlan

_QUERY, _REPLY, _THOUGHT = 1200, 500, 400
_SPARE_CALLS = 2
"""Calls allowed beyond those planned: a model may need to split one."""


def response_schema(plans: tuple[DraftPlan, ...], *, thoughts: bool) -> Schema:
    """`{"pairs": […]}` with exactly one pair per plan, each with its own tools."""
    pairs = [_pair(plan, thoughts) for plan in plans]
    return _object(
        pairs={
            "type": "array",
            "prefixItems": pairs,
            "items": False,
            "minItems": len(pairs),
            "maxItems": len(pairs),
        }
    )


def probe_schema() -> Schema:
    """A small schema with everything that a response's schema may hold, and one answer only."""
    call = _object(name={"const": "add"}, arguments=_object(a={"type": "integer", **_ONE}))
    pair = _object(
        query={"const": "probe"},
        answers={"type": "array", "items": {"anyOf": [call]}, "minItems": 1, "maxItems": 1},
    )
    return _object(
        pairs={"type": "array", "prefixItems": [pair], "items": False, "minItems": 1, "maxItems": 1}
    )


_ONE: Schema = {"minimum": 1, "maximum": 1}
PROBE_ANSWER = {"pairs": [{"query": "probe", "answers": [{"name": "add", "arguments": {"a": 1}}]}]}
"""What alone fits `probe_schema`."""


def _pair(plan: DraftPlan, thoughts: bool) -> Schema:
    fields: dict[str, Any] = {"query": bounded_text(_QUERY, 1)}
    if thoughts:
        fields["thought"] = bounded_text(_THOUGHT, 1)
    if plan.style in ("irrelevant", "missing_argument"):
        fields["answers"] = {"const": []}
        fields["reply"] = bounded_text(_REPLY, 1)
        return _object(**fields)
    fields["answers"] = {
        "type": "array",
        "items": {"anyOf": [_call(tool) for tool in plan.tools]},
        "minItems": 1,
        "maxItems": len(plan.targets) + _SPARE_CALLS,
    }
    return _object(**fields)


@PerTool
def _call(tool: Tool) -> Schema:
    """A call of one tool."""
    return _object(name={"const": tool.name}, arguments=enforceable(tool.parameters))


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
