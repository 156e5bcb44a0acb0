"""Arguments against a tool's JSON Schema: first problem as reason, path and what was expected.

The validator is `jsonschema-rs`: exact on booleans, large integers and decimals, ECMAScript's
patterns with a bound on backtracking, 2 µs a check and 10 µs a schema, so that tools which differ
from row to row cost nothing. Nothing is fetched, wherever a reference points.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError

from api_registry.dialects import modernised
from api_registry.per_tool import PerTool
from api_registry.types import JsonSchema, Tool

REASONS: dict[str, str] = {
    "missing_argument": "a required argument is not given",
    "unknown_argument": "an argument that the tool does not have",
    "wrong_type": "a value of another JSON type than the schema's",
    "not_in_enum": "a value that is none of those allowed",
    "out_of_range": "a number outside its bounds",
    "bad_length": "text or a list that is too short or too long",
    "bad_pattern": "text that does not match the schema's pattern",
    "bad_format": "text that is not of the schema's format, such as a date",
    "duplicate_items": "a list that must not repeat its items",
    "no_alternative": "a value that fits none of the alternatives",
    "schema": "a value that the schema refuses for another reason",
    "bad_schema": "the tool's own schema cannot be used",
}

_REASON_OF = {
    "required": "missing_argument",
    "additionalProperties": "unknown_argument",
    "unevaluatedProperties": "unknown_argument",
    "type": "wrong_type",
    "enum": "not_in_enum",
    "const": "not_in_enum",
    "minimum": "out_of_range",
    "maximum": "out_of_range",
    "exclusiveMinimum": "out_of_range",
    "exclusiveMaximum": "out_of_range",
    "multipleOf": "out_of_range",
    "minLength": "bad_length",
    "maxLength": "bad_length",
    "minItems": "bad_length",
    "maxItems": "bad_length",
    "pattern": "bad_pattern",
    "format": "bad_format",
    "uniqueItems": "duplicate_items",
    "anyOf": "no_alternative",
    "oneOf": "no_alternative",
    "$ref": "bad_schema",
}
_UNDECIDED = (
    jsonschema_rs.ValidationErrorKind.BacktrackLimitExceeded,
    jsonschema_rs.ValidationErrorKind.RegexEngineFailure,
)
_LIMITS = ("limit", "options", "expected_value", "multiple_of", "pattern", "format")
"""Under which names the validator says what it expected."""
_SHOWN = 80
_BACKTRACKS = 100_000
"""Steps of one match; a pattern that needs more is undecided after about 10 ms."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a value."""

    reason: str
    path: str
    """Where, such as `.stops[2].name`; empty for the arguments as a whole."""
    message: str
    """`expected number, got string "five"`."""


Validator = jsonschema_rs.Validator


def check_arguments(tool: Tool, arguments: dict[str, Any]) -> Problem | None:
    """Return the first problem of the arguments, None when they fit."""
    validator = _validator_of(tool)
    if isinstance(validator, Problem):
        return validator
    try:
        if validator.is_valid(arguments):
            return None
        error = next(validator.iter_errors(arguments))
    except ValueError as broken:  # endless nesting, text that is no Unicode
        return Problem("schema", "", f"cannot be checked: {broken}"[:200])
    return _problem(error, tool.parameters)


def make_validator(schema: JsonSchema) -> "Validator | Problem":
    """Compile a schema, its dialect by `$schema`; a `Problem` when it is no usable schema."""
    try:
        kind = _DIALECTS.get(str(schema.get("$schema", "")).rstrip("#"))
        if kind is None:
            kind = jsonschema_rs.Draft202012Validator
            schema = modernised({key: schema[key] for key in schema if key != "$schema"})
        return kind(
            schema,
            validate_formats=True,
            formats=_FORMATS,
            offline=True,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACKS),
        )
    except (ValidationError, ValueError, RecursionError) as error:
        line = (str(error).splitlines() or ["no reason given"])[0]
        return Problem("bad_schema", "", f"the tool's schema is not usable: {line}"[:200])


@PerTool
def _validator_of(tool: Tool) -> "Validator | Problem":
    return make_validator(tool.parameters)


_DIALECTS: dict[str, Any] = {
    "http://json-schema.org/draft-04/schema": jsonschema_rs.Draft4Validator,
    "http://json-schema.org/draft-06/schema": jsonschema_rs.Draft6Validator,
    "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
    "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
}


def _problem(error: ValidationError, schema: JsonSchema) -> Problem:
    keyword, said = error.kind.name, error.kind.as_dict()
    undecided = isinstance(error.kind, _UNDECIDED)
    reason = "bad_schema" if undecided else _REASON_OF.get(keyword, "schema")
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}"[:_SHOWN]
        for part in error.instance_path
    )
    value: Any = error.instance
    if reason == "missing_argument":
        return Problem(reason, f"{path}.{said['property']}", "required, not given")
    if reason == "unknown_argument":
        known = _known(schema, error.schema_path)
        extra = said["unexpected"][0]
        return Problem(reason, f"{path}.{extra}"[:_SHOWN], f"unknown; known: {_short(known)}")
    if reason == "wrong_type":
        got = "null" if value is None else f"{_kind(value)} {_short(value)}"
        return Problem(reason, path, f"expected {_types(error)}, got {got}")
    if reason == "no_alternative":
        wanted = _alternatives(error)
        but = f", expected {wanted}" if wanted else ""
        return Problem(reason, path, f"fits none of the alternatives{but}: {_short(value)}")
    if reason == "bad_schema":
        return Problem(reason, path, f"the schema cannot be applied: {error.message}"[:200])
    limit = next((said[name] for name in _LIMITS if name in said), None)
    expected = keyword if limit is None else f"{keyword} {_short(limit)}"
    return Problem(reason, path, f"expected {expected}, got {_short(value)}")


def _types(error: ValidationError) -> str:
    return " or ".join(sorted(error.kind.as_dict()["types"], key=lambda kind: kind == "null"))


def _alternatives(error: ValidationError) -> str:
    """The types that the alternatives would take, where it is the type that each refuses."""
    context = error.kind.as_dict().get("context", [])
    firsts = [errors[0] for errors in context if errors]
    if any(e.kind.name != "type" or e.instance_path != error.instance_path for e in firsts):
        return ""
    return " or ".join(_types(first) for first in firsts)


def _known(schema: Any, path: list[str | int]) -> list[str]:
    """The names that an object may have, where its schema is found on the path of the error."""
    for part in path[:-1]:
        if isinstance(schema, Mapping) and "$ref" in schema and part == "$ref":
            return []
        try:
            schema = schema[part]
        except (KeyError, IndexError, TypeError):
            return []
    known = schema.get("properties") if isinstance(schema, Mapping) else None
    return list(known) if isinstance(known, Mapping) else []


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _kind(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


_TIME = re.compile(
    r"([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?", re.ASCII
)


def _is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None


def _is_date_time(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return text[4:5] == "-" and text[10:11] in ("T", "t", " ") and _is_time(text[11:])


_FORMATS = {"time": _is_time, "date-time": _is_date_time}
"""Local times are allowed: RFC 3339 wants an offset on every time, but Python's, Java's and most
people's schemas say `time` for local ones as well, and a model that answers `14:30:00` is right."""
