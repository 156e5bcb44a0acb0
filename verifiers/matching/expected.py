"""What is allowed, made out of the answers of a row; and calls in the shape that matching takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api_registry.types import Call, Tool


def predicted_of(calls: Iterable[Call]) -> list[dict[str, dict[str, Any]]]:
    """Calls in the shape `[{name: {argument: value}}]`."""
    return [{call.name: call.arguments} for call in calls]


def expected_of(
    calls: Iterable[Call], tools: Sequence[Tool] = ()
) -> list[dict[str, dict[str, list[Any]]]]:
    """The right calls of a row in the shape `[{name: {argument: [allowed values]}}]`.

    Each value is the only one allowed, objects in it value by value. With `tools`, an optional
    parameter may be left out where it has its default, and may be given with it where it is left
    out: both calls do the same.
    """
    schemas = {tool.name: tool.parameters for tool in tools}
    expected = []
    for call in calls:
        schema = schemas.get(call.name, {})
        allowed = {name: [_wrapped(value)] for name, value in call.arguments.items()}
        for name, default in _defaults(schema):
            if name not in allowed:
                allowed[name] = [_wrapped(default), ""]
            elif call.arguments[name] == default:
                allowed[name].append("")
        expected.append({call.name: allowed})
    return expected


def _defaults(schema: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Name and default of each optional parameter that has one."""
    properties = schema.get("properties")
    required = schema.get("required") or ()
    for name, part in (properties if isinstance(properties, Mapping) else {}).items():
        if name not in required and isinstance(part, Mapping) and "default" in part:
            yield name, part["default"]


def _wrapped(value: Any) -> Any:
    """A value with the values of its objects as lists of the one that is allowed."""
    if isinstance(value, Mapping):
        return {key: [_wrapped(part)] for key, part in value.items()}
    if isinstance(value, list):
        return [_wrapped(part) for part in value]
    return value
