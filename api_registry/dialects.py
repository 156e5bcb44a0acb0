"""Brings schemas as they are found to one dialect, JSON Schema 2020-12.

Tools come with drafts 4 to 2020-12, with OpenAPI 3.0's mixture, and mostly without a `$schema` that
says which. A schema that names its draft is left to that draft's rules; in every other one the
keywords of older drafts, which 2020-12 would ignore or refuse, are put as 2020-12 has them.
"""

from typing import Any

from api_registry.types import JsonSchema

_MAPS = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))
"""Keywords whose values are objects of schemas by name: the keys in them are no keywords."""
_VERBATIM = frozenset(("enum", "const", "default", "examples", "example"))
"""Keywords whose values are data."""

_ALTERNATIVES = ("$ref", "allOf", "anyOf", "oneOf", "enum")


def modernised(schema: JsonSchema) -> JsonSchema:
    """Return the schema in 2020-12; the same meaning, and the same object where nothing changes."""
    result: JsonSchema = _schema(schema)
    return result


def _schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return _unless_same(schema, [_schema(item) for item in schema])
    if not isinstance(schema, dict):
        return schema
    new = {}
    for key, value in schema.items():
        if key in _VERBATIM:
            new[key] = value
        elif key in _MAPS and isinstance(value, dict):
            parts = {name: _schema(part) for name, part in value.items()}
            same = all(parts[name] is part for name, part in value.items())
            new[key] = value if same else parts
        elif isinstance(value, dict | list):
            new[key] = _schema(value)
        else:
            new[key] = value
    _mend(new)
    if len(new) == len(schema) and all(schema.get(key) is value for key, value in new.items()):
        return schema
    return new


def _unless_same(old: list[Any], new: list[Any]) -> list[Any]:
    return old if all(a is b for a, b in zip(old, new, strict=True)) else new


def _mend(schema: dict[str, Any]) -> None:
    """Rewrite the older keywords of one schema, in place."""
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)
    if isinstance(schema.get("items"), list):
        schema["prefixItems"] = schema.pop("items")
        if "additionalItems" in schema:
            schema["items"] = schema.pop("additionalItems")
    if isinstance(schema.get("dependencies"), dict):
        for name, needs in schema.pop("dependencies").items():
            keyword = "dependentRequired" if isinstance(needs, list) else "dependentSchemas"
            schema[keyword] = {**schema.get(keyword, {}), name: needs}
    if isinstance(schema.get("required"), bool):
        # Swagger 2 marks a parameter so; its parent object has a list as well, or does not care.
        del schema["required"]
    if schema.get("nullable") is True:
        _allow_null(schema)
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and ("\\Z" in pattern or "\\A" in pattern):
        schema["pattern"] = pattern.replace("\\A", "^").replace("\\Z", "$")


def _allow_null(schema: dict[str, Any]) -> None:
    """OpenAPI 3.0's `nullable`.

    By its letter it only says something beside a type; generators of specifications write it beside
    references and alternatives as well, and mean the same.
    """
    kind = schema.get("type")
    if kind is None:
        parts = {key: schema.pop(key) for key in _ALTERNATIVES if key in schema}
        if parts:
            schema["anyOf"] = [parts, {"type": "null"}]
        return
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    elif isinstance(kind, list) and "null" not in kind:
        schema["type"] = [*kind, "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
