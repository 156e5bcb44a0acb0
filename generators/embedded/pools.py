"""Realistic values out of JSON Schemas: what a person would plausibly ask with."""

import random
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from api_registry.types import JsonSchema
from generators.embedded.number_pools import sample_number
from generators.embedded.text_pools import sample_text
from generators.embedded.topics import POOLS

_PAIRS: tuple[tuple[str, str], ...] = (
    ("start", "end"),
    ("from", "to"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("lower", "upper"),
    ("low", "high"),
    ("check_in", "check_out"),
    ("earlier", "later"),
    ("departure", "arrival"),
    ("first", "last"),
    ("birth", "on"),
    ("open", "close"),
    ("source", "target"),
    ("old", "new"),
    ("before", "after"),
    ("begin", "end"),
    ("home", "other"),
    ("origin", "destination"),
)
_MAX_DEPTH = 6
_TRIES = 20


def sample_value(
    schema: JsonSchema,
    rng: random.Random,
    *,
    about: str = "",
    seen: tuple[Any, ...] = (),
    today: date | None = None,
    root: JsonSchema | None = None,
    depth: int = 0,
) -> Any:
    """Draw a value that fits a schema.

    Args:
        schema: Schema of the value; `$ref` is looked up in `root`.
        rng: Source of all randomness.
        about: `name: description`, and the API's description on a second line, to choose a pool.
        seen: Values of this parameter in the API's examples.
        today: Date near which dates are drawn.
        root: Schema that holds `$defs`.
        depth: How deep in a nested schema this is.
    """
    root = root if root is not None else schema
    schema = _resolved(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        # Nobody asks for nothing by name.
        return rng.choice([option for option in schema["enum"] if option is not None] or [None])
    if schema.get("examples"):
        return rng.choice(schema["examples"])
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            options = _likely(schema[key])
            return sample_value(
                rng.choice(options or schema[key]),
                rng,
                about=about,
                seen=seen,
                today=today,
                root=root,
                depth=depth + 1,
            )
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next((item for item in kind if item != "null"), "null")
    if kind == "boolean":
        return rng.random() < 0.5
    if kind in ("integer", "number"):
        return sample_number(schema, rng, about, [item for item in seen if _is_number(item)], kind)
    if kind == "array":
        return _array(schema, rng, about, seen, today, root, depth)
    if kind == "object":
        return _object(schema, rng, seen, today, root, depth)
    if kind == "null":
        return None
    return sample_text(schema, rng, about, [item for item in seen if isinstance(item, str)], today)


def relate(values: dict[str, Any]) -> dict[str, Any]:
    """Put pairs such as start and end in order: numbers, dates and times come out ascending."""
    for first, second in related(values):
        low, high = values[first], values[second]
        if type(low) is type(high) or (_is_number(low) and _is_number(high)):
            comparable = _is_number(low) or (isinstance(low, str) and _ISO.match(low))
            if comparable and low > high:
                values[first], values[second] = high, low
    return values


def same_length(values: dict[str, Any]) -> dict[str, Any]:
    """Cut lists of numbers to one length: `x` and `y`, data and weights belong together."""
    series = [name for name, value in values.items() if _is_series(value)]
    if len(series) > 1:
        length = min(len(values[name]) for name in series)
        return {name: value[:length] if name in series else value for name, value in values.items()}
    return values


def _is_series(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(map(_is_number, value))


def clashes(values: Mapping[str, Any]) -> set[str]:
    """Second parameters of pairs whose two values are equal: nobody converts miles to miles."""
    return {second for first, second in related(values) if values[first] == values[second]}


def related(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of parameters whose names say that they are two ends of one thing."""
    found = []
    for name in values:
        parts = name.split("_")
        for first, second in _PAIRS:
            other = "_".join(second if part == first else part for part in parts)
            if name.startswith(first) or first in parts or name == first:
                for candidate in (other, name.replace(first, second, 1)):
                    if candidate != name and candidate in values:
                        found.append((name, candidate))
                        break
    return list(dict.fromkeys(found))


_ISO = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")


def _likely(options: list[JsonSchema]) -> list[JsonSchema]:
    """The alternatives that people use: a value rather than null, a figure rather than text of it.

    `Decimal` and `float | str` take both a number and text, and the text has to be a number too.
    """
    kinds = [option.get("type") for option in options]
    if {"number", "integer"} & set(kinds) and "string" in kinds:
        return [option for option in options if option.get("type") in ("number", "integer")]
    if {"number", "integer"} & set(kinds) and "boolean" in kinds:
        options = [option for option in options if option.get("type") != "boolean"]
    return [option for option in options if option.get("type") != "null"]


def _resolved(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    for _ in range(_MAX_DEPTH):
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        target: Any = root
        for part in reference[2:].split("/"):
            target = target.get(part, {})
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _array(
    schema: JsonSchema,
    rng: random.Random,
    about: str,
    seen: tuple[Any, ...],
    today: date | None,
    root: JsonSchema,
    depth: int,
) -> list[Any]:
    if schema.get("prefixItems"):
        return [
            sample_value(item, rng, about=about, today=today, root=root, depth=depth + 1)
            for item in schema["prefixItems"]
        ]
    low = schema.get("minItems", 1 if depth < _MAX_DEPTH else 0)
    high = min(schema.get("maxItems", low + 4), low + 5)
    items = schema.get("items", {"type": "string"})
    inner = tuple(value for values in seen if isinstance(values, list) for value in values)
    length = rng.randint(max(low, min(2, high)), max(high, low))
    plain = _resolved(items, root)
    if plain.get("type") == "object" and not plain.get("properties") and not inner:
        # The rows of a table have the same columns.
        keys = rng.sample(POOLS["column"], 2)
        kind = plain.get("additionalProperties")
        kind = kind if isinstance(kind, dict) and kind else {"type": "integer"}
        items = {"type": "object", "properties": dict.fromkeys(keys, kind), "required": keys}
    result: list[Any] = []
    for _ in range(length * _TRIES):
        value = sample_value(
            items, rng, about=about, seen=inner, today=today, root=root, depth=depth + 1
        )
        # People do not repeat themselves in a list, but a small enum leaves no choice.
        if value not in result or (len(result) < low and not schema.get("uniqueItems")):
            result.append(value)
        if len(result) == length:
            break
    return result


def _object(
    schema: JsonSchema,
    rng: random.Random,
    seen: tuple[Any, ...],
    today: date | None,
    root: JsonSchema,
    depth: int,
) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    extra = schema.get("additionalProperties", True)
    if not properties and extra is not False:
        keys = rng.sample(POOLS["word"], rng.randint(2, 3))
        # Where anything goes, figures do.
        kind = extra if isinstance(extra, dict) and extra else {"type": "integer"}
        return {
            key: sample_value(kind, rng, today=today, root=root, depth=depth + 1) for key in keys
        }
    wanted = [
        name
        for name in properties
        if name in required or (depth < _MAX_DEPTH and rng.random() < 0.5)
    ]
    examples = [value for value in seen if isinstance(value, dict)]
    values = {
        name: sample_value(
            properties[name],
            rng,
            about=f"{name}: {properties[name].get('description', '')}",
            seen=tuple(value[name] for value in examples if name in value),
            today=today,
            root=root,
            depth=depth + 1,
        )
        for name in wanted
    }
    return relate(values)
