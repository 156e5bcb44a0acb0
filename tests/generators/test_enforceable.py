"""Argument schemas as structured output can hold a model to them; see also `tests/vllm`."""

import re
from typing import Any

import pytest

from generators.llm.enforceable import bounded_text, enforceable


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (
            {"type": "integer", "minimum": 0.5, "maximum": 3.7},
            {"type": "integer", "minimum": 1, "maximum": 3},
        ),
        (
            {"type": "integer", "exclusiveMinimum": 0, "maximum": 10**30},
            {"type": "integer", "exclusiveMinimum": 0, "maximum": 2**63 - 1},
        ),
        (
            {"type": "integer", "multipleOf": 5, "minimum": 3, "exclusiveMaximum": 20},
            {"enum": [5, 10, 15]},
        ),
        (
            {"type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 10**6},
            {"type": "integer", "minimum": 0, "maximum": 10**6},
        ),
        ({"type": "number", "minimum": 1e-9, "maximum": 1e-7}, {"type": "number"}),
        (
            {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"},
            {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"},
        ),
        (
            {"type": "string", "pattern": "^(?:[01]\\d|2[0-3]):[0-5]\\d$", "maxLength": 5},
            {"type": "string", "pattern": "^(?:[01]\\d|2[0-3]):[0-5]\\d$"},
        ),
        ({"type": "string", "pattern": "^[a-z]+$", "maxLength": 9}, bounded_text(9)),
        ({"type": "string", "pattern": "^a|b$"}, bounded_text(200)),
        ({"type": "string", "pattern": "(?=a)b"}, bounded_text(200)),
        ({"type": "string", "minLength": "2"}, bounded_text(200)),
        (
            {"type": "object", "additionalProperties": {"type": "boolean"}, "minProperties": 1},
            {
                "type": "object",
                "propertyNames": {"pattern": '^[^\\"\\\\\\x00-\\x1f]{1,64}$'},
                "additionalProperties": {"type": "boolean"},
                "minProperties": 1,
                "maxProperties": 8,
            },
        ),
    ],
)
def test_a_schema_keeps_what_a_backend_enforces_and_is_bounded(
    given: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert enforceable(given) == kept


def test_short_texts_are_bounded_by_a_pattern_and_long_ones_by_their_length() -> None:
    pattern = bounded_text(128, 1)["pattern"]
    assert re.fullmatch(pattern, "x" * 128) and not re.fullmatch(pattern, "x" * 129)
    assert not re.fullmatch(pattern, "a\tb") and not re.fullmatch(pattern, "")
    assert bounded_text(129, 1) == {"type": "string", "minLength": 1, "maxLength": 129}
