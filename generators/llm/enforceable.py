"""A tool's argument schema, reduced to what structured-output backends take and enforce.

xgrammar refuses a whole request over one keyword that it does not know, and a weak model never
stops in an unbounded string, number, key or array. So everything is bounded and only known keywords
are left; what is lost here (`uniqueItems`, `not`, most of `pattern`, …) the format check
still asks for. `make test-vllm` tries the result with the real xgrammar.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

_STRING = 200
_ITEMS = 12
_KEYS, _KEY = 8, 64
_CHOICES = 100
_LARGEST_INTEGER = 2**53 - 1
_LARGEST_WHOLE = 2**63 - 1
"""The largest that xgrammar can count with."""
_LARGEST_NUMBER = 1e12
_NARROW = 1e-4
"""xgrammar writes bounded numbers with six decimals, which leaves nothing of a narrow range."""
_DEPTH = 8
_FORMATS = frozenset({"date", "uuid"})
_SAFE = r"[^\"\\\x00-\x1f]"
_REPEATS = 128
"""xgrammar (0.2.8, with the cache that vLLM keeps) fails on a pattern that repeats more often."""

_PLAIN_PATTERN = re.compile(
    r"\^(?:\[[A-Za-z0-9_ .,:;#@/+-]+\]|\\[d.]|[A-Za-z0-9_ ,:;#@/-]"
    r"|\((?:\?:)?|[)|?]|\{\d{1,2}(?:,\d{1,2})?\})+\$"
)
"""Anchored, of ASCII that JSON leaves as it is, and without anything that repeats for ever."""

Schema = dict[str, Any]


def bounded_text(longest: int, shortest: int = 0) -> Schema:
    """Text in one line, of at most so many characters, without what JSON must escape.

    Beyond what can be written as a pattern it is bounded by its length, where xgrammar lets control
    characters through; no model writes them but one without any sense.
    """
    if longest <= _REPEATS:
        return {"type": "string", "pattern": f"^{_SAFE}{{{shortest},{longest}}}$"}
    return {"type": "string", "minLength": shortest, "maxLength": longest}


_SCALARS: Schema = {
    "anyOf": [
        bounded_text(_STRING),
        {"type": "number", "minimum": -_LARGEST_NUMBER, "maximum": _LARGEST_NUMBER},
        {"type": "boolean"},
        {"type": "null"},
    ]
}
"""Where a schema says nothing that can be enforced."""


def enforceable(schema: Mapping[str, Any]) -> Schema:
    """Return a bounded schema without references that admits no less than most right values."""
    return _reduce(schema, schema, 0)


def _reduce(schema: Any, root: Mapping[str, Any], depth: int) -> Schema:
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return _SCALARS
    if isinstance(reference := schema.get("$ref"), str):
        return _reduce(_resolve(reference, root), root, depth + 1)
    if "const" in schema:
        return {"const": schema["const"]}
    if isinstance(choices := schema.get("enum"), list) and choices:
        return {"enum": list(choices)}
    for key in ("anyOf", "oneOf"):
        if isinstance(branches := schema.get(key), list) and branches:
            # What stands beside the branches holds for each of them.
            beside = {k: v for k, v in schema.items() if k != key and k != "default"}
            return _any_of([_merged(beside, branch) for branch in branches], root, depth)
    if isinstance(parts := schema.get("allOf"), list) and parts:
        whole: Any = {key: value for key, value in schema.items() if key != "allOf"}
        for part in parts:
            whole = _merged(whole, _followed(part, root))
        return _reduce(whole, root, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        return _any_of([{**schema, "type": each} for each in kind], root, depth)
    return _typed(kind or _implied(schema), schema, root, depth)


def _typed(kind: Any, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Schema:
    if kind == "string":
        return _string(schema)
    if kind == "integer":
        return _number(schema, "integer", -_LARGEST_INTEGER, _LARGEST_INTEGER)
    if kind == "number":
        return _number(schema, "number", -_LARGEST_NUMBER, _LARGEST_NUMBER)
    if kind in ("boolean", "null"):
        return {"type": kind}
    if kind == "array":
        return _array(schema, root, depth)
    if kind == "object":
        return _object(schema, root, depth)
    return _SCALARS


def _string(schema: Mapping[str, Any]) -> Schema:
    if schema.get("format") in _FORMATS:
        return {"type": "string", "format": schema["format"]}
    if _is_plain(pattern := schema.get("pattern")):
        # A length beside it is refused; the format check sees to that.
        return {"type": "string", "pattern": pattern}
    shortest = _count(schema, "minLength", 0)
    longest = max(min(_count(schema, "maxLength", _STRING), 10 * _STRING), shortest)
    return bounded_text(longest, shortest)


def _number(schema: Mapping[str, Any], kind: str, lowest: float, highest: float) -> Schema:
    low = [schema[key] for key in ("minimum", "exclusiveMinimum") if _is_number(schema.get(key))]
    high = [schema[key] for key in ("maximum", "exclusiveMaximum") if _is_number(schema.get(key))]
    least, most = max(low, default=min([lowest, *high])), min(high, default=max([highest, *low]))
    if kind == "number" and most - least < _NARROW and most != least:
        return {"type": kind}
    bounds: Schema = {"type": kind, "minimum": least, "maximum": most}
    for key, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if _is_number(schema.get(key)) and bounds[bound] == schema[key]:
            bounds[key] = bounds.pop(bound)
    if kind == "number":
        return bounds
    return _multiples(schema.get("multipleOf"), least, most, schema) or _whole(bounds)


def _multiples(step: Any, least: float, most: float, schema: Mapping[str, Any]) -> Schema | None:
    """A few multiples as choices, as no backend knows `multipleOf`; None where there are many."""
    if not isinstance(step, int) or step < 1 or (most - least) / step > _CHOICES:
        return None
    first = math.ceil(least / step) * step
    without = (schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum"))
    choices = [n for n in range(first, math.floor(most) + 1, step) if n not in without]
    return {"enum": choices} if choices else None


def _whole(bounds: Schema) -> Schema:
    """The bounds of an integer as integers that xgrammar can count to."""
    for key, round_inwards in (
        ("minimum", math.ceil),
        ("exclusiveMinimum", math.floor),
        ("maximum", math.floor),
        ("exclusiveMaximum", math.ceil),
    ):
        if key in bounds:
            bounds[key] = min(max(round_inwards(bounds[key]), -_LARGEST_WHOLE), _LARGEST_WHOLE)
    return bounds


def _array(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Schema:
    fewest = _count(schema, "minItems", 0)
    most = max(min(_count(schema, "maxItems", _ITEMS), 10 * _ITEMS), fewest)
    reduced: Schema = {"type": "array"}
    items = schema.get("items", {})
    fixed = schema.get("prefixItems")
    if isinstance(fixed, list) and fixed:
        reduced["prefixItems"] = [_reduce(item, root, depth + 1) for item in fixed]
        if "items" not in schema or items is False:
            return reduced | {"items": False, "minItems": min(fewest, len(fixed)) or len(fixed)}
    reduced["items"] = _reduce(items, root, depth + 1)
    return reduced | {"minItems": fewest, "maxItems": most}


def _object(schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Schema:
    properties = schema.get("properties") or {}
    reduced: Schema = {
        "type": "object",
        "properties": {name: _reduce(inner, root, depth + 1) for name, inner in properties.items()},
        "required": [name for name in schema.get("required", ()) if name in properties],
        "additionalProperties": False,
    }
    rest = schema.get("additionalProperties")
    if properties or rest is False:
        return reduced
    # An open object: with `properties` beside them, names are not held to anything.
    fewest = min(_count(schema, "minProperties", 0), _KEYS)
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^{_SAFE}{{1,{_KEY}}}$"},
        "additionalProperties": _reduce(rest, root, depth + 1),
        "minProperties": fewest,
        "maxProperties": max(min(_count(schema, "maxProperties", _KEYS), _KEYS), fewest),
    }


def _any_of(branches: Sequence[Any], root: Mapping[str, Any], depth: int) -> Schema:
    reduced: list[Schema] = []
    for branch in branches:
        each = _reduce(branch, root, depth + 1)
        reduced += [each] if each not in reduced else []
    return reduced[0] if len(reduced) == 1 else {"anyOf": reduced}


def _merged(schema: Mapping[str, Any], part: Any) -> Schema:
    """Both at once, as far as that can be written as one schema."""
    if not isinstance(part, Mapping):
        return dict(schema)
    merged = {**schema, **part}
    if "properties" in schema and "properties" in part:
        merged["properties"] = {**schema["properties"], **part["properties"]}
    if "required" in schema and "required" in part:
        merged["required"] = list(dict.fromkeys([*schema["required"], *part["required"]]))
    return merged


def _followed(schema: Any, root: Mapping[str, Any]) -> Any:
    if isinstance(schema, Mapping) and isinstance(reference := schema.get("$ref"), str):
        return _resolve(reference, root)
    return schema


def _resolve(reference: str, root: Mapping[str, Any]) -> Any:
    """What a local reference names; an empty schema for any other."""
    if not reference.startswith("#"):
        return {}
    found: Any = root
    for part in filter(None, reference[1:].split("/")):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return {}
        found = found[name]
    return found


def _implied(schema: Mapping[str, Any]) -> str | None:
    """The type that other keywords speak of."""
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_plain(pattern: Any) -> bool:
    """Whether a pattern can be handed on as it is: bounded, and read alike by everybody."""
    if not isinstance(pattern, str) or not _PLAIN_PATTERN.fullmatch(pattern):
        return False
    outside, groups = re.subn(r"\([^()]*\)", "", pattern)
    while groups:
        outside, groups = re.subn(r"\([^()]*\)", "", outside)
    try:
        re.compile(pattern)
    except re.error:
        return False
    # Outside of groups an alternative would leave the anchors.
    return "|" not in outside


def _count(schema: Mapping[str, Any], key: str, default: int) -> int:
    """A number of items or characters; the default where the schema gives none that is one."""
    value = schema.get(key)
    return max(int(value), 0) if _is_number(value) and math.isfinite(value) else default
