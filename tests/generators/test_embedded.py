"""What the embedded generator writes: right by construction, readable, varied, and repeatable."""

import asyncio
import json
import random
import re
from datetime import date
from typing import Any

import jsonschema
import pytest

from api_registry.registry import load_apis
from api_registry.types import Api
from data.types import Style
from generators.build import GeneratorConfig, build_embedded
from generators.embedded.composing import VALUE
from generators.embedded.fallback import compose_phrasings
from generators.embedded.faults import KINDS, FaultyGenerator
from generators.embedded.generator import EmbeddedGenerator, Written, split_phrasings, write
from generators.embedded.phrasing import check_phrasings, parse
from generators.embedded.pools import relate, sample_value
from generators.embedded.template import PhrasingError
from generators.embedded.wording import date_words, words_for
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import DraftPlan, Request
from tests.conftest import make_api

CATALOG = load_apis(["api_registry.catalog"]).apis
PLAN = Plan(CATALOG, PlanConfig(), seed=11, shard_size=1000)


def drafts(count: int, *styles: Style) -> list[tuple[DraftPlan, Written]]:
    plans = [PLAN(index) for index in range(count)]
    return [
        (plan, write(plan))
        for plan in plans
        if plan.contrast_of is None and (not styles or plan.style in styles)
    ]


def test_a_draft_is_a_function_of_its_plan() -> None:
    assert drafts(300) == drafts(300)


def test_every_call_fits_the_schema_of_an_offered_tool() -> None:
    for plan, written in drafts(1500):
        schemas = {tool.name: tool.parameters for tool in plan.tools}
        for call in written.answers:
            jsonschema.validate(call["arguments"], schemas[call["name"]])


def test_calls_come_in_the_number_and_order_of_the_plan() -> None:
    for plan, written in drafts(800, "simple", "multiple", "parallel", "parallel_multiple"):
        apis = {tool.name: tool.api for tool in plan.tools}
        called = [apis[call["name"]] for call in written.answers]
        assert called == [api.name for api in plan.targets]
        texts = [json.dumps(call, sort_keys=True) for call in written.answers]
        assert len(set(texts)) == len(texts)


def test_no_query_speaks_in_identifiers() -> None:
    for plan, written in drafts(2000):
        for api in plan.targets:
            for name in api.parameters["properties"]:
                assert "_" not in name or name not in written.query
        assert not re.search(r"[{}<>|]|\[|\x00|  ", written.query), written.query


def test_rows_without_calls_say_why() -> None:
    replies = set()
    for _, written in drafts(3000, "irrelevant", "missing_argument"):
        assert written.answers == []
        assert written.reply
        replies.add(written.reply)
    assert len(replies) > 150


def test_a_missing_value_stands_nowhere_in_the_query() -> None:
    for plan, written in drafts(2500, "missing_argument"):
        [api] = plan.targets
        assert plan.missing in api.parameters["required"]
        if list(api.parameters["properties"]) == [plan.missing]:
            assert VALUE not in written.skeleton, written.query


def test_training_and_held_out_queries_share_no_skeleton() -> None:
    training, held_out = set(), set()
    for plan, written in drafts(6000, "simple", "multiple"):
        (held_out if plan.held_out_phrasing else training).add(written.skeleton)
    assert held_out
    assert not training & held_out


def test_held_out_phrasings_are_some_and_never_all() -> None:
    for api in CATALOG:
        training, held_out = split_phrasings(api)
        assert held_out
        assert len(training) > len(held_out)


def test_relative_dates_need_a_system_turn() -> None:
    for plan, written in drafts(3000):
        if plan.context is None and plan.targets:
            assert not re.search(r"\b(tomorrow|yesterday|this coming)\b", written.query)


SCHEMAS: list[dict[str, Any]] = [
    {"type": "integer"},
    {"type": "integer", "minimum": 3, "maximum": 4},
    {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 3},
    {"type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 100},
    {"type": "number", "minimum": 0, "maximum": 1},
    {"type": "number", "minimum": 1.2, "maximum": 1.3},
    {"type": "number", "minimum": 1, "maximum": 1_000_000},
    {"type": "number", "minimum": -50, "maximum": -40},
    {"type": "boolean"},
    {"type": "null"},
    {"const": 7},
    {"enum": ["a", 1, None]},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "ipv4"},
    {"type": "string", "minLength": 12, "maxLength": 20},
    {"type": "string", "maxLength": 3},
    {"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"},
    {"type": "string", "pattern": "^\\d{5}$"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3},
    {"type": "array", "items": {"enum": ["x", "y"]}, "uniqueItems": True, "maxItems": 2},
    {"type": "array", "prefixItems": [{"type": "number"}, {"type": "string"}]},
    {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    {"oneOf": [{"type": "string", "format": "date"}, {"type": "boolean"}]},
    {"type": ["string", "null"]},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"type": "object", "additionalProperties": {"type": "number"}},
    {"$ref": "#/$defs/P", "$defs": {"P": {"properties": {"n": {"type": "null"}}}}},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:60])
def test_values_drawn_for_a_schema_are_valid(schema: dict[str, Any]) -> None:
    rng = random.Random(0)
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.FormatChecker(("date", "email", "uuid", "ipv4"))
    )
    for _ in range(200):
        value = sample_value(schema, rng)
        assert validator.is_valid(value), value


@pytest.mark.parametrize("about", ["words: Words to sort.\nSort words.", "days"])
def test_a_list_names_nothing_twice_while_there_is_a_choice(about: str) -> None:
    words: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "minItems": 3}
    days: dict[str, Any] = {"type": "array", "items": {"enum": ["Mon", "Tue"]}, "minItems": 2}
    for seed in range(100):
        for schema in (words, days):
            values = sample_value(schema, random.Random(seed), about=about)
            assert len(set(values)) == len(values) >= schema["minItems"]
    few = {"type": "array", "items": {"enum": ["Mon", "Tue"]}, "minItems": 3, "maxItems": 3}
    assert len(sample_value(few, random.Random(1))) == 3


def test_a_list_about_repeated_values_has_one() -> None:
    schema: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    for seed in range(50):
        values = sample_value(
            schema, random.Random(seed), about="words: Words.\nRemove duplicates from a list."
        )
        assert len(set(values)) == len(values) - 1
    unique = {**schema, "uniqueItems": True, "maxItems": 4}
    values = sample_value(unique, random.Random(1), about="words\nCount duplicates.")
    assert len(set(values)) == len(values)


def test_two_ends_of_one_thing_come_in_order() -> None:
    values = {"start_date": "2027-05-01", "end_date": "2027-03-01", "min_price": 9, "max_price": 2}
    assert relate(values) == {
        "start_date": "2027-03-01",
        "end_date": "2027-05-01",
        "min_price": 2,
        "max_price": 9,
    }


def test_values_are_written_as_people_write_them() -> None:
    rng = random.Random(0)

    def forms(value: object, schema: dict[str, Any] | None = None, style: str = "") -> set[str]:
        return {words_for(value, schema or {}, rng, style=style) for _ in range(300)}

    assert forms(5) == {"5", "five"}
    assert {"12", "twelve", "a dozen"} == forms(12)
    assert {"1500", "1,500", "1.5k"} == forms(1500)
    assert forms(15, style="percent") >= {"15%", "15 percent", "fifteen percent"}
    assert forms(0.15, style="fraction") >= {"15%", "15 percent"}
    assert forms(3, style="ordinal") == {"3rd", "third"}
    assert forms(90, style="minutes") >= {"90 minutes", "an hour and a half"}
    assert forms(1250, style="money") >= {"$1,250", "1,250 dollars"}
    assert forms("kilometre", {"enum": []}) == {"kilometres", "kilometers", "km"}
    assert forms([1, 2, 3]) == {"1, 2, 3", "1, 2 and 3", "1, 2, and 3"}
    assert forms("14:30:00", {"format": "time"}) >= {"14:30", "2:30 pm", "2:30pm"}
    tomorrow = {date_words(date(2027, 3, 2), rng, date(2027, 3, 1)) for _ in range(300)}
    assert tomorrow >= {"tomorrow", "2027-03-02", "March 2, 2027", "the 2nd of March 2027"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("convert {", "expected `{parameter}`"),
        ("[a|b", "`[` is not closed"),
        ("<to {unit}", "`<` is not closed"),
        ("{a:loud}", "unknown slot style `loud`"),
        ("a > b", "`>` closes nothing"),
    ],
)
def test_a_bad_template_is_shown_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(PhrasingError, match=re.escape(problem)):
        parse(text)


def test_phrasings_are_checked_against_the_parameters() -> None:
    api = make_api("convert_length", "units").model_copy(
        update={
            "phrasings": (
                "convert {value}",
                "convert it",
                "convert {value} {speed}",
                "convert {value} {mode}",
                "[convert {value}|convert it]",
            )
        }
    )
    assert check_phrasings(api) == [
        "`convert it` does not mention the required `value`",
        "`convert {value} {speed}` mentions `speed`, which is no parameter",
        "`convert {value} {mode}` mentions the optional `mode` outside a clause",
        "`[convert {value}|convert it]` does not mention the required `value`",
    ]


def test_an_api_without_phrasings_gets_some_that_hold_up() -> None:
    api = Api(
        name="rent",
        description="Calculates the monthly rent of a flat.",
        parameters={
            "type": "object",
            "properties": {
                "square_metres": {"type": "number", "description": "Size of the flat."},
                "heated": {"type": "boolean", "description": "Whether heating is included."},
            },
            "required": ["square_metres"],
            "additionalProperties": False,
        },
        ref="tests:rent",
    )
    phrasings = compose_phrasings(api)
    assert len(phrasings) >= 6
    assert check_phrasings(api.model_copy(update={"phrasings": phrasings})) == []
    plan = Plan([api], PlanConfig(), seed=0, shard_size=100)
    queries = {write(plan(index)).query for index in range(200)}
    assert not any("square_metres" in query for query in queries)
    assert any("calculate the monthly rent of a flat" in query.lower() for query in queries)
    assert any("the size of the flat" in query for query in queries)


def test_faults_are_planted_in_their_share_and_never_by_default() -> None:
    faulty = FaultyGenerator(EmbeddedGenerator(), share=0.3, seed=1)
    planted = [faulty.planted(PLAN(index)) for index in range(2000)]
    assert 0.25 < sum(kind is not None for kind in planted) / 2000 < 0.35
    assert set(planted) - {None} == set(KINDS)
    assert len(KINDS) >= 15

    async def both(index: int) -> bool:
        request = Request(index=index, plans=(PLAN(index),))
        right = await EmbeddedGenerator().draft(request)
        return await faulty.draft(request) == right

    same = [asyncio.run(both(index)) for index in range(60)]
    assert all(equal or planted[index] for index, equal in enumerate(same))
    assert not all(same)


def test_only_the_kinds_of_faults_that_are_named_are_planted() -> None:
    config = GeneratorConfig(faults=0.5, fault_kinds=("wrong_tool", "extra_call"))
    faulty = build_embedded(config, 1)
    assert isinstance(faulty, FaultyGenerator)
    assert {faulty.planted(PLAN(index)) for index in range(100)} - {None} == {
        "wrong_tool",
        "extra_call",
    }
    # A setting that is not used is no part of a run's identity.
    assert "fault_kinds" not in GeneratorConfig(faults=0.5).facts()
    assert config.facts()["fault_kinds"] == ["wrong_tool", "extra_call"]
    with pytest.raises(ValueError, match="unknown kind `typo`; known: arguments_as_list"):
        GeneratorConfig(fault_kinds=("typo",))
