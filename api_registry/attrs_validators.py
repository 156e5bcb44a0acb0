"""What attrs' validators ask for, in the words of JSON Schema: `ge(1)` is a minimum of 1.

attrs itself is not imported: its validators are told by their class's name and their fields, which
are the same since attrs 21.3. One that JSON Schema cannot say (`instance_of`, a function) is left
to the class, which still refuses what it does not like.
"""

import re
from collections.abc import Iterable
from typing import Any

_COMPARED = {
    ">=": "minimum",
    ">": "exclusiveMinimum",
    "<=": "maximum",
    "<": "exclusiveMaximum",
}
_FOR = {
    "minimum": ("integer", "number"),
    "exclusiveMinimum": ("integer", "number"),
    "maximum": ("integer", "number"),
    "exclusiveMaximum": ("integer", "number"),
    "minLength": ("string",),
    "maxLength": ("string",),
    "minItems": ("array",),
    "maxItems": ("array",),
    "pattern": ("string",),
    "enum": ("string", "integer", "number"),
}
"""Keyword → the types that it says something of."""


def constraints(validator: object) -> dict[str, Any]:
    """Return the keywords that a validator comes to; empty for none and for those without words."""
    kind = type(validator).__name__
    if kind == "_AndValidator":
        found: dict[str, Any] = {}
        for part in _parts(validator, "_validators"):
            found |= constraints(part)
        return found
    if kind == "_OptionalValidator":
        return constraints(getattr(validator, "validator", None))
    if kind == "_NumberValidator":
        keyword = _COMPARED.get(str(getattr(validator, "compare_op", "")))
        bound = getattr(validator, "bound", None)
        plain = isinstance(bound, int | float) and not isinstance(bound, bool)
        return {keyword: bound} if keyword and plain else {}
    if kind == "_MaxLengthValidator":
        length = getattr(validator, "max_length", None)
        return {"maxLength": length, "maxItems": length} if isinstance(length, int) else {}
    if kind == "_MinLengthValidator":
        length = getattr(validator, "min_length", None)
        return {"minLength": length, "minItems": length} if isinstance(length, int) else {}
    if kind == "_MatchesReValidator":
        return _pattern(validator)
    if kind == "_InValidator":
        options: Any = _parts(validator, "options")
        options = (
            sorted(options, key=str) if isinstance(options, set | frozenset) else list(options)
        )
        return {"enum": options} if options and all(map(_is_plain, options)) else {}
    return {}


def add_constraints(schema: dict[str, Any], asked: dict[str, Any]) -> None:
    """Write keywords into a schema, in the alternatives of whose type they speak."""
    for option in schema.get("anyOf", (schema,)):
        for keyword, value in asked.items():
            if option.get("type") not in _FOR[keyword] or keyword in option:
                continue
            option[keyword] = value


def _parts(validator: object, field: str) -> Iterable[Any]:
    parts = getattr(validator, f"_original_{field}", None) or getattr(validator, field, ())
    return parts if isinstance(parts, Iterable) else ()


def _pattern(validator: object) -> dict[str, Any]:
    pattern = getattr(validator, "pattern", None)
    if not isinstance(pattern, re.Pattern) or not isinstance(pattern.pattern, str):
        return {}
    if pattern.flags & ~re.UNICODE:
        return {}  # JSON Schema has no flags
    where = getattr(getattr(validator, "match_func", None), "__name__", "fullmatch")
    text = pattern.pattern
    if where in ("fullmatch", "match"):
        text = f"^(?:{text}){'$' if where == 'fullmatch' else ''}"
    return {"pattern": text}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
