"""Arguments against a tool's JSON Schema: first problem as reason, path and what was expected."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend, validator_for
from referencing import Registry

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
}
_SHOWN = 80
_CACHED = 20_000


@dataclass(frozen=True)
class Problem:
    """What is wrong with a value."""

    reason: str
    path: str
    """Where, such as `.stops[2].name`; empty for the arguments as a whole."""
    message: str
    """`expected number, got string "five"`."""


_validators: dict[int, tuple[Tool, Any]] = {}


def check_arguments(tool: Tool, arguments: dict[str, Any]) -> Problem | None:
    """Return the first problem of the arguments, None when they fit."""
    entry = _validators.get(id(tool))
    if entry is None or entry[0] is not tool:
        if len(_validators) >= _CACHED:
            _validators.clear()
        entry = (tool, make_validator(tool.parameters))
        _validators[id(tool)] = entry
    validator = entry[1]
    if isinstance(validator, Problem):
        return validator
    try:
        error = next(_errors(validator, arguments), None)
    except Exception as broken:  # dangling $ref, impossible pattern: the schema's fault
        return Problem("bad_schema", "", f"the schema cannot be applied: {broken}"[:200])
    return None if error is None else _problem(error)


def make_validator(schema: JsonSchema) -> Any:
    """Compile a schema, its dialect by `$schema`; a `Problem` when it is no usable schema."""
    kind = validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except Exception as error:
        line = str(error).splitlines()[0]
        return Problem("bad_schema", "", f"the tool's schema is not usable: {line}"[:200])
    # An empty registry: validators fetch remote references otherwise.
    return _strict(kind)(schema, format_checker=FORMATS, registry=Registry())


def _errors(validator: Any, arguments: dict[str, Any]) -> Iterator[ValidationError]:
    errors: Iterator[ValidationError] = validator.iter_errors(arguments)
    return errors


def _strict(kind: Any) -> Any:
    """Mend three laxities of the Python validator: `$` before a newline, Unicode digits, 19.99."""
    if kind not in _STRICT:
        _STRICT[kind] = _extend(kind, {"pattern": _pattern, "multipleOf": _multiple_of})
    return _STRICT[kind]


_STRICT: dict[Any, Any] = {}
_extend: Any = extend  # untyped in jsonschema


def _pattern(validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    # JSON Schema means ECMAScript: `$` is the very end, `\d` and `\w` are ASCII.
    strict = re.sub(r"(?<!\\)\$", r"\\Z", pattern)
    if isinstance(value, str) and not re.search(strict, value, re.ASCII):
        yield ValidationError(f"does not match `{pattern}`")


def _multiple_of(validator: Any, step: float, value: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(value, "number"):
        quotient = value / step
        if abs(quotient - round(quotient)) > 1e-9 * max(1.0, abs(quotient)):
            yield ValidationError(f"is no multiple of {step}")


def _problem(error: ValidationError) -> Problem:
    reason = _REASON_OF.get(str(error.validator), "schema")
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
    )
    value: Any = error.instance
    expected: Any = error.validator_value
    if reason == "missing_argument":
        missing = next((name for name in expected if name not in value), "?")
        return Problem(reason, f"{path}.{missing}", "required, not given")
    if reason == "unknown_argument":
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        extra = next((name for name in value if name not in known), "?")
        return Problem(reason, f"{path}.{extra}"[:_SHOWN], f"unknown; known: {_short(list(known))}")
    if reason == "wrong_type":
        kinds = expected if isinstance(expected, str) else " or ".join(expected)
        return Problem(reason, path, f"expected {kinds}, got {_kind(value)} {_short(value)}")
    if reason == "no_alternative":
        return Problem(reason, path, f"fits none of the alternatives: {_short(value)}")
    return Problem(
        reason, path, f"expected {error.validator} {_short(expected)}, got {_short(value)}"
    )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def _formats() -> jsonschema.FormatChecker:
    """The standard formats, with local times allowed.

    RFC 3339 wants an offset on every time; Python's, Java's and most people's schemas say `time`
    and `date-time` for local ones as well, and a model that answers `14:30:00` is right.
    """
    checker = jsonschema.FormatChecker()

    @checker.checks("time")
    def is_time(value: object) -> bool:
        return not isinstance(value, str) or _TIME.fullmatch(value) is not None

    @checker.checks("date-time", raises=ValueError)
    def is_date_time(value: object) -> bool:
        if not isinstance(value, str):
            return True
        day, separator, time = value[:10], value[10:11], value[11:]
        date.fromisoformat(day)
        return separator in ("T", "t", " ") and _TIME.fullmatch(time) is not None

    return checker


_TIME = re.compile(
    r"([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?", re.ASCII
)
FORMATS = _formats()
