"""JSON Schema types in Python's words, as xLAM's tools have them."""

from typing import Any

from api_registry.types import JsonSchema

_WORDS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}


def flat_parameters(schema: JsonSchema) -> dict[str, Any]:
    """Return `{name: {"type": "int, optional", "description", "default"?}}` of an object schema.

    What the words cannot say is said in the description: the values of an enum, and bounds.
    """
    required = schema.get("required", ())
    definitions = schema.get("$defs", {})
    flat = {}
    for name, inner in schema.get("properties", {}).items():
        entry = {
            "type": type_hint(inner, definitions),
            "description": _description(inner, definitions),
        }
        if "default" in inner:
            entry["default"] = inner["default"]
        elif name not in required:
            entry["type"] += ", optional"
        flat[name] = entry
    return flat


def type_hint(schema: Any, definitions: dict[str, Any], depth: int = 0) -> str:
    """Write a schema's type; `Any` where Python has no word for it."""
    if depth > 10 or not isinstance(schema, dict):
        return "Any"
    schema = _followed(schema, definitions)
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return _union([type_hint(option, definitions, depth + 1) for option in alternatives])
    if "type" not in schema and "enum" in schema:
        return _union([_WORDS.get(_kind(value), "Any") for value in schema["enum"]])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return _union([type_hint({**schema, "type": kind}, definitions, depth) for kind in kinds])
    if kinds == "array":
        return _array(schema, definitions, depth)
    if kinds == "object":
        values = schema.get("additionalProperties")
        typed = isinstance(values, dict) and values and "properties" not in schema
        return f"Dict[str, {type_hint(values, definitions, depth + 1) if typed else 'Any'}]"
    return _WORDS.get(str(kinds), "Any")


def _array(schema: JsonSchema, definitions: dict[str, Any], depth: int) -> str:
    places = schema.get("prefixItems")
    if places:
        return f"Tuple[{', '.join(type_hint(p, definitions, depth + 1) for p in places)}]"
    items = schema.get("items")
    return f"List[{type_hint(items, definitions, depth + 1)}]" if items else "List[Any]"


def _union(hints: list[str]) -> str:
    unique = list(dict.fromkeys(hints))
    if "Any" in unique:
        return "Any"
    rest = [hint for hint in unique if hint != "None"]
    if not rest:
        return "None"
    inner = rest[0] if len(rest) == 1 else f"Union[{', '.join(rest)}]"
    return f"Optional[{inner}]" if len(rest) < len(unique) else inner


def _description(schema: JsonSchema, definitions: dict[str, Any]) -> str:
    text = str(schema.get("description", ""))
    values = _followed(schema, definitions).get("enum")
    if values and not all(str(value) in text for value in values):
        text = f"{text} One of: {', '.join(map(str, values))}.".strip()
    return text


def _followed(schema: JsonSchema, definitions: dict[str, Any]) -> JsonSchema:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    target = definitions.get(reference.rpartition("/")[2], {})
    return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return kinds.get(type(value), "object")
