"""Every schema that a model is held to, tried with the grammar compiler of the real vLLM."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from api_registry.registry import load_apis
from api_registry.types import Api
from generators.llm.enforceable import enforceable
from generators.llm.response_schema import probe_schema, response_schema
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.vllm_server.installation import find_installation
from verifiers.judge.prompting import answer_schema

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]

SCRIPT = Path(__file__).with_name("grammar_check.py")
GIVEN_UP = {"pattern", "multipleOf", "uniqueItems", "contains", "not", "if", "propertyNames"}
"""Keywords that no backend enforces together with the others; the format check does."""
DEEP: dict[str, Any] = {"type": "string"}
for _ in range(15):
    DEEP = {"type": "object", "properties": {"x": DEEP}, "required": ["x"]}
ODD: list[dict[str, Any]] = [
    {},
    DEEP,
    {"type": "object", "properties": {"a": True, "b": {}}, "required": ["a"]},
    {"type": "object", "propertyNames": {"maxLength": 3}, "additionalProperties": True},
    {"type": "object", "patternProperties": {"^x": {"type": "string"}}},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "string"}},
    {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(40)}},
    {
        "type": "object",
        "properties": {'a"b': {"type": "integer"}, "c d": {"type": "string"}, "$e": {"enum": [1]}},
        "required": ['a"b', "c d", "$e"],
    },
    {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True, "minItems": 2},
    {"type": "array", "contains": {"const": 1}},
    {"type": "array", "minItems": 200, "items": {"type": "integer"}},
    {"type": "array", "maxItems": 0, "items": {"type": "integer"}},
    {"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}], "items": False},
    {"type": "array", "prefixItems": [{"type": "number"}], "items": {"type": "string"}},
    {"type": "array", "items": {"type": "array", "items": {"type": "array"}}},
    {"type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 20},
    {"type": "integer", "minimum": 0.5, "maximum": 3.7},
    {"type": "integer", "minimum": 10**20},
    {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 3},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "minimum": 1e-9, "maximum": 1e-7},
    {"type": "number", "minimum": -1.5, "maximum": -0.25},
    {"type": "number", "minimum": 1e300},
    {"type": "string", "not": {"const": ""}},
    {"type": "string", "minLength": 5000},
    {"type": "string", "pattern": "^[A-Z]{3}$"},
    {"type": "string", "pattern": "^a+$", "maxLength": 5},
    {"type": "string", "pattern": "^(?:[01]\\d|2[0-3]):[0-5]\\d$", "maxLength": 5},
    {"type": "string", "format": "date", "maxLength": 10},
    *({"type": "string", "format": form} for form in ("email", "date-time", "uuid", "time", "x")),
    {"type": ["string", "null"], "maxLength": 5},
    {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}, {"type": "null"}]},
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"type": "object", "properties": {"b": {"type": "integer"}}},
        ]
    },
    {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {
                    "value": {"type": "integer"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
                },
                "required": ["value"],
            }
        },
    },
    {"const": {"a": [1, "x", None], "b": {"c": 1.5}}},
    {"enum": ["a", 1, None, True, {"k": 1}, 'say "hi"', "back\\slash", "new\nline", "ünï"]},
]


@pytest.fixture(scope="module")
def apis() -> tuple[Api, ...]:
    return load_apis(["api_registry.catalog"]).apis


def tried(schemas: list[dict[str, Any]], walks: int) -> list[list[Any]]:
    """Random answers to each schema; fails where one is refused or does not come to an end."""
    lines = "".join(json.dumps({"schema": schema, "walks": walks}) + "\n" for schema in schemas)
    done = subprocess.run(
        [find_installation().python, "-P", SCRIPT],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(schemas)
    for schema, result in zip(schemas, results, strict=True):
        assert result["refused"] is None, f"{result['refused']}: {json.dumps(schema)[:2000]}"
        assert result["unfinished"] == 0, json.dumps(schema)[:2000]
    answers = [[json.loads(answer) for answer in result["answers"]] for result in results]
    for schema, written in zip(schemas, answers, strict=True):
        check = jsonschema.Draft202012Validator(schema)
        for answer in written:
            assert check.is_valid(answer), f"{answer!r} for {json.dumps(schema)[:2000]}"
    return answers


def test_all_of_the_catalogue_is_enforced_but_for_a_few_keywords(apis: tuple[Api, ...]) -> None:
    answers = tried([enforceable(api.parameters) for api in apis], walks=5)
    broken: Counter[str] = Counter()
    for api, written in zip(apis, answers, strict=True):
        check = jsonschema.Draft202012Validator(api.parameters)
        for answer in written:
            for error in check.iter_errors(answer):
                causes = error.context or [error]
                assert {str(cause.validator) for cause in causes} & GIVEN_UP, error.message
                broken[str(error.validator)] += 1
    total = sum(len(written) for written in answers)
    print(
        f"{len(apis)} APIs, {total} random answers, all in form; left to the check: {dict(broken)}"
    )


def test_the_answers_to_whole_requests_are_enforced(apis: tuple[Api, ...]) -> None:
    plan = Plan(apis, PlanConfig(), seed=0, shard_size=1000)
    plans = [plan(index) for index in range(80)]
    schemas = [
        response_schema(tuple(plans[first : first + 4]), thoughts=bool(first % 8))
        for first in range(0, len(plans), 4)
    ]
    assert all(len(answer["pairs"]) == 4 for [answer] in tried(schemas, walks=1))


def test_odd_schemas_are_enforced() -> None:
    tried([enforceable(schema) for schema in ODD], walks=5)


def test_the_probe_and_the_judges_form_are_enforced() -> None:
    tried([probe_schema(), answer_schema(("intent", "arguments"))], walks=5)
