"""Small rewrites of JSON Schemas that tell keywords from names and from values.

A property may be called `title`, and a default may be an object with a key `title`: neither is the
keyword, so a plain walk over the decoded JSON would damage both.
"""

import math
from collections.abc import Callable
from typing import Any

JsonSchema = dict[str, Any]
"""A JSON Schema (draft 2020-12) as decoded JSON."""

_SCHEMAS_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_VALUES = ("default", "const", "enum", "examples", "example", "required", "dependentRequired")


def without_titles(schema: JsonSchema) -> JsonSchema:
    """Drop the titles, which pydantic makes up from names that stand there already.

    The places of a named tuple have their names nowhere else, so there they become descriptions.
    """
    result: JsonSchema = _filtered(_named_places(schema), lambda key, value: key != "title")
    return result


def _named_places(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_named_places(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    copied = {
        key: value if key in _VALUES else _named_places(value) for key, value in schema.items()
    }
    places = copied.get("prefixItems")
    if isinstance(places, list) and all(isinstance(place, dict) for place in places):
        copied["prefixItems"] = [
            {"description": place["title"].lower(), **place} if "title" in place else place
            for place in places
        ]
    return copied


def without_examples(schema: JsonSchema) -> JsonSchema:
    """Drop the example values, which would give answers away."""
    result: JsonSchema = _filtered(schema, lambda key, value: key not in ("examples", "example"))
    return result


def finite(schema: JsonSchema) -> JsonSchema:
    """Drop defaults that JSON cannot hold, such as infinity; the function still has them."""
    result: JsonSchema = _filtered(
        schema, lambda key, value: key != "default" or not _has_infinity(value)
    )
    return result


def _filtered(schema: Any, keep: Callable[[str, Any], bool]) -> Any:
    """Copy a schema with the keywords that `keep(keyword, value)` wants, at every depth."""
    if isinstance(schema, list):
        return [_filtered(item, keep) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, value in schema.items():
        if not keep(key, value):
            continue
        if key in _VALUES:
            result[key] = value
        elif key in _SCHEMAS_BY_NAME and isinstance(value, dict):
            result[key] = {name: _filtered(inner, keep) for name, inner in value.items()}
        else:
            result[key] = _filtered(value, keep)
    return result


def _has_infinity(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_infinity(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_infinity(item) for item in value)
    return isinstance(value, float) and not math.isfinite(value)
