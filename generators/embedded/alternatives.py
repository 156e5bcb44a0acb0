"""Which of a schema's alternatives a value belongs to."""

import re
from collections.abc import Mapping
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
    "boolean": (bool,),
}
_FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(r"\d\d:\d\d(:\d\d)?.*"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[T ].+"),
}
_MAX_DEPTH = 6


def fitting_schema(
    schema: Mapping[str, Any], value: Any, root: Mapping[str, Any]
) -> dict[str, Any]:
    """Follow references and alternatives to the plain schema that a value was drawn from."""
    found = dict(schema)
    for _ in range(_MAX_DEPTH):
        reference = found.get("$ref")
        if isinstance(reference, str):
            rest = {key: item for key, item in found.items() if key != "$ref"}
            found = {**root.get("$defs", {}).get(reference.rpartition("/")[2], {}), **rest}
            continue
        options = found.get("anyOf") or found.get("oneOf")
        if not options:
            break
        plain = [fitting_schema(option, value, root) for option in options]
        fitting = [option for option in plain if _may_be(option, value)]
        return fitting[0] if fitting else plain[0]
    return found


def _may_be(schema: Mapping[str, Any], value: Any) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema.get("type")
    if isinstance(kind, str) and (
        isinstance(value, bool) != (kind == "boolean") or not isinstance(value, _KINDS[kind])
    ):
        return False
    pattern = _FORMATS.get(str(schema.get("format")))
    return pattern is None or (isinstance(value, str) and pattern.fullmatch(value) is not None)
