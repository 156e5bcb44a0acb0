"""Realistic values out of JSON Schemas: what a person would plausibly ask with."""

import random
import re
from datetime import date
from typing import Any

from api_registry.types import JsonSchema
from generators.embedded.number_pools import sample_number
from generators.embedded.relations import is_number, relate
from generators.embedded.text_pools import sample_mapping, sample_text

_MAX_DEPTH = 6
_DEEP = 3
"""From here on lists of objects that need not hold anything are empty."""
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
            options = _likely(schema[key], deep=depth >= _DEEP)
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
        return sample_number(schema, rng, about, [item for item in seen if is_number(item)], kind)
    if kind == "array":
        return _array(schema, rng, about, seen, today, root, depth)
    if kind == "object":
        return _object(schema, rng, about, seen, today, root, depth)
    if kind == "null":
        return None
    return sample_text(schema, rng, about, [item for item in seen if isinstance(item, str)], today)


def _likely(options: list[JsonSchema], *, deep: bool) -> list[JsonSchema]:
    """The alternatives that people use: a value rather than null, a figure rather than text of it.

    `Decimal` and `float | str` take both a number and text, and the text has to be a number too.
    """
    kinds = [option.get("type") for option in options]
    if deep and "null" in kinds and any("$ref" in option for option in options):
        return [option for option in options if option.get("type") == "null"]
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
            sample_value(
                item,
                rng,
                about=f"{item['description']}:" if "description" in item else about,
                today=today,
                root=root,
                depth=depth + 1,
            )
            for item in schema["prefixItems"]
        ]
    items = schema.get("items", {"type": "string"})
    plain = _resolved(items, root)
    nests = depth >= _DEEP and plain.get("type") == "object" and bool(plain.get("properties"))
    low = schema.get("minItems", 0 if nests else 1)
    high = min(schema.get("maxItems", low + 4), low + 5)
    if nests and low == 0:
        return []  # a type that holds itself has to end somewhere
    if plain.get("type") in ("number", "integer") and low == 1 and high >= 3:
        low = 3  # fewer numbers make no series
    inner = tuple(value for values in seen if isinstance(values, list) for value in values)
    length = rng.randint(max(low, min(2, high)), max(high, low))
    if plain.get("type") == "object" and not plain.get("properties") and not inner:
        # The rows of a table have the same columns.
        columns = _columns(plain.get("additionalProperties"), rng)
        items = {"type": "object", "properties": columns, "required": list(columns)}
    # Nobody names the same thing twice by its number.
    distinct = schema.get("uniqueItems") or re.search(r"\bids\b|_ids?\b", about.partition(":")[0])
    result: list[Any] = []
    again: list[Any] = []
    for _ in range(length * _TRIES):
        value = sample_value(
            items, rng, about=about, seen=inner, today=today, root=root, depth=depth + 1
        )
        # People do not repeat themselves in a list, but a small enum leaves no choice.
        (again if value in result else result).append(value)
        if len(result) == length:
            break
    if distinct:
        return result
    result += again[: max(low - len(result), 0)]
    about_repeats = _REPEATS.search(about.partition("\n")[2])
    if result and about_repeats and len(result) < schema.get("maxItems", 9):
        result.insert(rng.randint(1, len(result)), rng.choice(result))
    return result


_REPEATS = re.compile(
    r"duplicat|\bdistinct|\bunique\b|occurrences|how often|most (?:common|frequent)|\brepeated"
    r"|\bthe mode of",
    re.IGNORECASE,
)
"""What is said of functions that are about values which come more than once."""


_FIGURES = ("price", "quantity", "score", "age", "visits")
_NAMES = {"region": ("north", "south", "west"), "product": ("tea", "coffee", "juice")}


def _columns(kind: Any, rng: random.Random) -> dict[str, JsonSchema]:
    """Two columns of a table: a name and a figure, where its cells may be both."""
    kind = kind if isinstance(kind, dict) else {}
    figures = rng.sample(_FIGURES, 2)
    if kind and "string" not in str(kind):
        return dict.fromkeys(figures, kind)
    named = rng.choice(sorted(_NAMES))
    number = {"type": "integer", "minimum": 1, "maximum": 90}
    if kind and kind.get("type") == "string":
        number = {"type": "string", "enum": ["12", "7", "30"]}
    return {named: {"type": "string", "enum": list(_NAMES[named])}, figures[0]: number}


def _object(
    schema: JsonSchema,
    rng: random.Random,
    about: str,
    seen: tuple[Any, ...],
    today: date | None,
    root: JsonSchema,
    depth: int,
) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    extra = schema.get("additionalProperties", True)
    if not properties and extra is not False:
        # Where anything goes, figures do.
        kind = extra if isinstance(extra, dict) and extra else {"type": "integer"}
        return {
            key: text
            if text is not None and kind.get("type") == "string"
            else sample_value(kind, rng, about=about, today=today, root=root, depth=depth + 1)
            for key, text in sample_mapping(about, rng)
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
    return relate(values, rng)
