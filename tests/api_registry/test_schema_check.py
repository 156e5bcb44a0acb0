"""The traps of JSON Schema validators, one by one."""

from typing import Any

import pytest

from api_registry.dialects import modernised
from api_registry.schema_check import REASONS, check_arguments
from api_registry.types import Tool


def check(schema: dict[str, Any], value: Any) -> str | None:
    """The reason for which one value is refused."""
    parameters = {"type": "object", "properties": {"x": schema}} | {
        key: schema[key] for key in ("$defs", "definitions", "$schema") if key in schema
    }
    tool = Tool(name="t", description="", parameters=parameters, api="t")
    problem = check_arguments(tool, {"x": value})
    return None if problem is None else problem.reason


DRAFT4, DRAFT6, DRAFT7 = (
    {"$schema": f"http://json-schema.org/draft-0{draft}/schema#"} for draft in (4, 6, 7)
)
DRAFT2019, DRAFT2020 = (
    {"$schema": f"https://json-schema.org/draft/{draft}/schema"} for draft in ("2019-09", "2020-12")
)
ODD = {"$schema": "https://spec.openapis.org/oas/3.1/dialect/base"}


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "reason"),
    [
        ({"type": "integer"}, 10**400, True, "wrong_type"),
        ({"type": "integer", "maximum": 10}, 10, 10**400, "out_of_range"),
        ({"type": "integer"}, -0, 0.5, "wrong_type"),
        ({"multipleOf": 0.01}, 19.99, 19.995, "out_of_range"),
        ({"pattern": "^a$"}, "a", "a\n", "bad_pattern"),
        ({"pattern": r"^\d+$"}, "12", "١٢", "bad_pattern"),
        ({"pattern": r"^\w+$"}, "ab", "é", "bad_pattern"),
        ({"pattern": r"^[\w-]+$"}, "a-b", "a b", "bad_pattern"),
        ({"pattern": r"^\p{L}+$"}, "é", "1", "bad_pattern"),
        ({"pattern": r"^(?!x)a\/b$"}, "a/b", "xa/b", "bad_pattern"),
        ({"pattern": r"\A\d\Z"}, "1", "11", "bad_pattern"),
        ({"pattern": "b"}, "abc", "ac", "bad_pattern"),
        ({"pattern": "^.{1,2}$"}, "😀😀", "abc", "bad_pattern"),
        ({"maxLength": 1}, "😀", "ab", "bad_length"),
        ({"format": "date"}, "2028-02-29", "2027-02-29", "bad_format"),
        ({"format": "time"}, "14:30", "24:30", "bad_format"),
        ({"format": "date-time"}, "2027-03-01 14:30", "20270301T14:30", "bad_format"),
        ({"format": "email"}, "jo@example.com", "jo at example", "bad_format"),
        ({"format": "uri"}, "http://a/b", "http://a b", "bad_format"),
        ({"format": "uuid"}, "123e4567-e89b-12d3-a456-426614174000", "123", "bad_format"),
        ({"format": "ipv4"}, "127.0.0.1", "127.1", "bad_format"),
        ({"type": "integer", "format": "int32"}, 5, "5", "wrong_type"),
        ({"enum": [1, "a"]}, 1, True, "not_in_enum"),
        ({"const": False}, False, 0, "not_in_enum"),
        ({"uniqueItems": True}, [1, True, "1"], [{"a": 1}, {"a": 1.0}], "duplicate_items"),
        ({"type": "string", "nullable": True}, None, 5, "wrong_type"),
        ({"type": "string", "enum": ["a"], "nullable": True}, None, "b", "not_in_enum"),
        ({"allOf": [{"type": "string"}], "nullable": True}, None, 5, "no_alternative"),
        ({"$ref": "#/$defs/d", "nullable": True, "$defs": {"d": {"type": "string"}}}, None, 5,
         "no_alternative"),
        ({"enum": ["a"], "nullable": True}, None, "b", "no_alternative"),
        ({"type": "integer"}, 1.0, 1.5, "wrong_type"),
        ({"type": "integer", **DRAFT4}, 1, 1.0, "wrong_type"),
        ({"minimum": 1, "exclusiveMinimum": True, **DRAFT4}, 2, 1, "out_of_range"),
        ({"exclusiveMinimum": 1, **DRAFT6}, 2, 1, "out_of_range"),
        ({"if": {"minimum": 5}, "then": {"multipleOf": 2}, **DRAFT7}, 6, 7, "out_of_range"),
        ({"unevaluatedProperties": False, "properties": {"a": {}}, **DRAFT2019}, {"a": 1}, {"b": 1},
         "unknown_argument"),
        ({"dependentRequired": {"a": ["b"]}, **DRAFT2020}, {"b": 1}, {"a": 1}, "missing_argument"),
        ({"maximum": 2**53}, 2**53, 2**53 + 1, "out_of_range"),
        ({"enum": [2**53 + 1]}, 2**53 + 1, 2**53, "not_in_enum"),
        ({"multipleOf": 2}, 10**400, 10**400 + 1, "out_of_range"),
        ({"format": "date"}, "2027-01-01", "٢٠٢٧-٠١-٠١", "bad_format"),
        ({"format": "ipv4"}, "1.2.3.4", "1.2.3.4\n", "bad_format"),
        ({"minimum": 1, "exclusiveMinimum": True}, 2, 1, "out_of_range"),
        ({"minimum": 1, "exclusiveMinimum": False}, 1, 0, "out_of_range"),
        ({"items": [{"type": "string"}], "additionalItems": False}, ["a"], [1], "wrong_type"),
        ({"items": [{"type": "string"}], **DRAFT7}, ["a", 1], [1], "wrong_type"),
        ({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"a": 1, "b": 1}, {"a": 1},
         "missing_argument"),
        ({"dependencies": {"c": {"required": ["d"]}}}, {"a": 1}, {"c": 1}, "missing_argument"),
        ({"type": "string", "required": True}, "a", 1, "wrong_type"),
        ({"$ref": "#/definitions/d", "definitions": {"d": {"type": "string"}}}, "a", 1,
         "wrong_type"),
        ({"$ref": "#/$defs/d", "$defs": {"d": {"properties": {"a": {"$ref": "#/$defs/d"}},
         "additionalProperties": False}}}, {"a": {"a": {}}}, {"a": {"b": 1}}, "unknown_argument"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, None, "a", "no_alternative"),
        ({"type": "integer", **ODD}, 1, "a", "wrong_type"),
        ({"not": {"type": "string"}}, 1, "a", "schema"),
        ({"properties": {"nullable": {"type": "string"}}}, {"nullable": "a"}, {"nullable": None},
         "wrong_type"),
    ],
)  # fmt: skip
def test_what_fits_passes_and_what_does_not_is_named(
    schema: dict[str, Any], right: Any, wrong: Any, reason: str
) -> None:
    assert check(schema, right) is None
    assert check(schema, wrong) == reason
    assert reason in REASONS


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "http://127.0.0.1:9/x.json"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#/$defs/nothing"},
        {"$id": "http://127.0.0.1:9/a", "$ref": "b"},
        {"type": "boolean,"},
        {"pattern": "^[a-z"},
        {"minimum": "5"},
    ],
)
def test_a_schema_that_cannot_be_used_is_named_and_nothing_is_fetched(
    schema: dict[str, Any],
) -> None:
    assert check(schema, "a") == "bad_schema"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a+)+$", "bad_pattern"),
        (r"^(([a-z])+.)+[A-Z]([a-z])+$", "bad_pattern"),
        (r"^(a|aa)+(?!b)$", "bad_schema"),
        (r"((a*)*)*\2b", "bad_schema"),
    ],
)
def test_a_pattern_that_would_take_for_ever_is_given_up(pattern: str, reason: str) -> None:
    assert check({"pattern": pattern}, "a" * 50_000 + "!") == reason


def test_the_message_says_where_and_what_was_expected() -> None:
    schema = {
        "type": "object",
        "properties": {
            "stops": {"items": {"properties": {"name": {"type": ["string", "null"]}}}},
            "price": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        },
        "additionalProperties": False,
    }
    tool = Tool(name="t", description="", parameters=schema, api="t")

    def said(arguments: dict[str, Any]) -> str:
        problem = check_arguments(tool, arguments)
        assert problem is not None
        return f"{problem.path}: {problem.message}"

    assert said({"stops": [{}, {"name": 5}]}) == (
        ".stops[1].name: expected string or null, got integer 5"
    )
    assert said({"price": "x"}) == (
        '.price: fits none of the alternatives, expected number or null: "x"'
    )
    assert said({"cost": 1}) == '.cost: unknown; known: ["stops", "price"]'


def test_a_value_that_is_no_json_is_refused_and_breaks_nothing() -> None:
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    assert check({"type": "array"}, deep) in (None, "schema")
    assert check({"type": "number"}, float("nan")) == "wrong_type"


def test_a_modern_schema_is_not_copied() -> None:
    schema = {"type": "object", "properties": {"a": {"items": {"enum": [[1], {"items": [2]}]}}}}
    assert modernised(schema) is schema
