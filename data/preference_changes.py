"""Changes that make a right answer wrong beyond doubt: a schema or the query contradicts each."""

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping
from typing import Any

from data.rows import training_view

Calls = list[dict[str, Any]]
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def changes(row: Mapping[str, Any]) -> Iterator[tuple[str, Calls]]:
    """Yield reason and calls, as a message holds them; which ones depends on the row alone."""
    view = training_view(row)
    calls: Calls = next(
        message["tool_calls"] for message in view["messages"] if message.get("tool_calls")
    )
    tools = {tool["function"]["name"]: tool["function"] for tool in view["tools"]}
    rng = random.Random(row["id"])
    place = rng.randrange(len(calls))
    function = calls[place]["function"]
    name, arguments = function["name"], function["arguments"]
    if name not in tools or not isinstance(arguments, dict):
        return
    schema = tools[name]["parameters"]
    for reason, changed in (
        *_values(row, rng, place, arguments),
        *_shapes(rng, schema, arguments),
        *_others(rng, tools, name, arguments),
    ):
        other = copy.deepcopy(calls)
        other[place]["function"] = {"name": name, "arguments": arguments, **changed}
        yield reason, other


def _values(
    row: Mapping[str, Any], rng: random.Random, place: int, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A number that the conversation gives nowhere, in place of one copied from the query."""
    derivation = json.loads(row["annotations"]).get("derivation") or {}
    said = {number.replace(",", "") for number in _NUMBER.findall(str(row["query"]))}
    copied = [
        key
        for key, value in arguments.items()
        if derivation.get(f"call_{place}.{key}") == "verbatim"
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ]
    if not copied:
        return
    key = rng.choice(copied)
    for digits in range(1, 4):
        value = _other_number(rng, arguments[key], digits)
        if str(abs(value)) not in said and abs(value) > 1:
            yield "semantic/ungrounded_number", {"arguments": {**arguments, key: value}}
            return


def _other_number(rng: random.Random, value: float, more: int) -> int | float:
    """Another number of about as many digits."""
    spread = max(abs(int(value)), 7) * more
    other = int(value) + rng.choice((-1, 1)) * rng.randint(1, spread) + rng.choice((11, 13, 17))
    return other if isinstance(value, int) else other + 0.5


def _shapes(
    rng: random.Random, schema: Mapping[str, Any], arguments: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Arguments that the tool's schema refuses."""
    properties = schema.get("properties", {})
    required = [key for key in schema.get("required", ()) if key in arguments]
    if required:
        gone = rng.choice(required)
        rest = {key: value for key, value in arguments.items() if key != gone}
        yield "format/missing_argument", {"arguments": rest}
    numbers = [
        key
        for key, value in arguments.items()
        if isinstance(value, int | float)
        and not isinstance(value, bool)
        and properties.get(key, {}).get("type") in ("number", "integer")
    ]
    if numbers:
        key = rng.choice(numbers)
        quoted = {**arguments, key: str(arguments[key])}
        yield "format/wrong_type", {"arguments": quoted}
    chosen = [key for key in arguments if "enum" in properties.get(key, {})]
    if chosen:
        key = rng.choice(chosen)
        value = str(arguments[key])
        other = value[:-1] if rng.random() < 0.5 and len(value) > 3 else f"{value}s"
        if other not in properties[key]["enum"]:
            yield "format/not_in_enum", {"arguments": {**arguments, key: other}}
    if schema.get("additionalProperties") is False and required:
        key = rng.choice(required)
        wrong = key[:-1] if len(key) > 2 and key[:-1] not in properties else f"{key}_value"
        renamed = {(wrong if own == key else own): value for own, value in arguments.items()}
        if wrong not in properties:
            yield "format/unknown_argument", {"arguments": renamed}


def _others(
    rng: random.Random,
    tools: Mapping[str, Mapping[str, Any]],
    name: str,
    arguments: Mapping[str, Any],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Calls to a tool that does not take these arguments, or that nobody offered."""
    unfit = [
        other
        for other, tool in tools.items()
        if other != name
        and tool["parameters"].get("additionalProperties") is False
        and set(arguments) - set(tool["parameters"].get("properties", {}))
    ]
    if unfit:
        yield "format/unknown_argument", {"name": rng.choice(unfit)}
    parts = name.split("_")
    other = "_".join(parts[:-1]) if len(parts) > 2 else f"{name}_info"
    if other not in tools:
        yield "format/unknown_tool", {"name": other}
