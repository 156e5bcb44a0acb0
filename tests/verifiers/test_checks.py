"""Format, execution and semantic checks: each reason, and no reason where there is none."""

import asyncio
from typing import Any

import pytest

from api_registry.types import Api, ApiCall, Call, CallResult, Outcome, Tool, tool_of
from data.types import Sample, Turn, Verdict
from verifiers.base import Verifier, verified_by
from verifiers.execution_check import ExecutionVerifier
from verifiers.format_check import FormatVerifier
from verifiers.semantic import SemanticVerifier

API = Api(
    name="book",
    description="Book a table.",
    parameters={
        "type": "object",
        "properties": {
            "guests": {"type": "integer", "minimum": 1, "maximum": 20},
            "day": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "time"},
            "area": {"type": "string", "enum": ["inside", "terrace"]},
            "code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{4}$"},
            "note": {"type": "string", "maxLength": 60},
            "window": {"type": "boolean", "default": False},
            "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "price": {"anyOf": [{"type": "number", "multipleOf": 0.01}, {"type": "null"}]},
        },
        "required": ["guests"],
        "additionalProperties": False,
    },
    returns={"type": "object"},
    ref="tests:book",
)


def make_sample(query: str, *calls: dict[str, Any], name: str = "book", system: str = "") -> Sample:
    made = tuple(
        Call(id=f"call_{index}", name=name, arguments=arguments)
        for index, arguments in enumerate(calls)
    )
    opening = [Turn(role="system", content=system)] if system else []
    turns = (*opening, Turn(role="user", content=query), Turn(role="assistant", calls=made))
    return Sample(
        id="0", group="0", turns=turns, tools=(tool_of(API),), style="simple", category="food",
        language="und",
    )  # fmt: skip


def check(verifier: Verifier, sample: Sample) -> Verdict:
    return asyncio.run(verifier.check(sample)).verdicts[-1]


@pytest.mark.parametrize(
    ("arguments", "reason", "detail"),
    [
        ({}, "missing_argument", "call_0.arguments.guests: required, not given"),
        ({"guests": "five"}, "wrong_type", '.guests: expected integer, got string "five"'),
        ({"guests": True}, "wrong_type", "expected integer, got boolean true"),
        ({"guests": 2.5}, "wrong_type", "expected integer, got number 2.5"),
        ({"guests": None}, "wrong_type", "expected integer, got null"),
        ({"guests": 21}, "out_of_range", "call_0.arguments.guests: expected maximum 20, got 21"),
        ({"guests": 2, "area": "roof"}, "not_in_enum", "call_0.arguments.area"),
        ({"guests": 2, "day": "01/03/2027"}, "bad_format", "call_0.arguments.day"),
        ({"guests": 2, "at": "25:00:00"}, "bad_format", "call_0.arguments.at"),
        ({"guests": 2, "code": "ab-1234"}, "bad_pattern", "call_0.arguments.code"),
        ({"guests": 2, "code": "AB-1234\n"}, "bad_pattern", "call_0.arguments.code"),
        ({"guests": 2, "code": "AB-١٢٣٤"}, "bad_pattern", "call_0.arguments.code"),
        ({"guests": 2, "note": "x" * 61}, "bad_length", "call_0.arguments.note"),
        ({"guests": 2, "tags": ["a", "a"]}, "duplicate_items", "call_0.arguments.tags"),
        ({"guests": 2, "tags": ["a", 1]}, "wrong_type", "call_0.arguments.tags[1]"),
        ({"guests": 2, "price": "x"}, "no_alternative", "call_0.arguments.price"),
        ({"guests": 2, "seats": 1}, "unknown_argument", "call_0.arguments.seats: unknown; known:"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_named(
    arguments: dict[str, Any], reason: str, detail: str
) -> None:
    verdict = check(FormatVerifier(), make_sample("x", arguments))
    assert (verdict.passed, verdict.reason, verdict.call) == (False, reason, "call_0")
    assert verdict.detail is not None
    assert detail in verdict.detail
    assert reason in FormatVerifier.REASONS


def test_arguments_that_fit_pass() -> None:
    arguments = {
        "guests": 2, "day": "2027-03-01", "at": "19:30:00", "area": "terrace", "code": "AB-1234",
        "note": "", "window": False, "tags": [], "price": 19.99,
    }  # fmt: skip
    assert check(FormatVerifier(), make_sample("x", arguments)).passed
    assert check(FormatVerifier(), make_sample("x", {"guests": 2, "price": None})).passed
    assert check(FormatVerifier(), make_sample("x", {"guests": 2, "at": "19:30"})).passed


def test_a_tool_that_was_not_offered_is_named() -> None:
    verdict = check(FormatVerifier(), make_sample("x", {"guests": 2}, name="reserve"))
    assert (verdict.reason, verdict.detail) == (
        "unknown_tool",
        "call_0: no tool `reserve`; offered: book",
    )


def test_a_schema_that_points_nowhere_rejects_the_call_and_fetches_nothing() -> None:
    schema = {"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:9/x.json"}}}
    tool = Tool(name="book", description="", parameters=schema, api="book")
    sample = make_sample("x", {"x": 1}).model_copy(update={"tools": (tool,)})
    assert check(FormatVerifier(), sample).reason == "bad_schema"


class Answering:
    """An executor that gives every call the same result."""

    def __init__(self, outcome: Outcome, value: Any) -> None:
        self.outcome, self.value = outcome, value
        self.asked: list[ApiCall] = []

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        self.asked += calls
        return [CallResult(call=c.id, outcome=self.outcome, value=self.value) for c in calls]


@pytest.mark.parametrize(
    ("outcome", "value", "reason"),
    [
        ("ok", {"table": 4}, None),
        ("ok", False, None),
        ("ok", 0, None),
        ("ok", "", None),
        ("ok", [], None),
        ("ok", {"error": None, "table": 4}, None),
        ("ok", {"status": 200}, None),
        ("ok", None, "null_result"),
        ("ok", {"error": "full"}, "error_result"),
        ("ok", {"status_code": 404}, "http_error"),
        ("raised", None, "raised"),
        ("timeout", None, "timeout"),
        ("crashed", None, "crashed"),
        ("state_lost", None, "state_lost"),
        ("out_of_memory", None, "out_of_memory"),
        ("output_too_large", None, "output_too_large"),
        ("not_serialisable", None, "not_serialisable"),
        ("denied", None, "denied"),
        ("unregistered", None, "unregistered"),
    ],
)
def test_a_result_is_an_answer_or_a_reason(
    outcome: Outcome, value: Any, reason: str | None
) -> None:
    verifier = ExecutionVerifier(Answering(outcome, value), {"book": API})
    assert check(verifier, make_sample("x", {"guests": 2})).reason == reason
    assert reason is None or reason in ExecutionVerifier.REASONS


def test_a_renamed_tool_runs_under_the_names_of_its_api() -> None:
    executor = Answering("ok", 1)
    tool = Tool(
        name="t1", description="", parameters={"type": "object"}, api="book",
        argument_names={"a": "guests"},
    )  # fmt: skip
    sample = make_sample("x", {"a": 2, "day": "2027-03-01"}, name="t1").model_copy(
        update={"tools": (tool,)}
    )
    checked = asyncio.run(ExecutionVerifier(executor, {}).check(sample))
    assert executor.asked == [
        ApiCall(id="call_0", api="book", arguments={"guests": 2, "day": "2027-03-01"})
    ]
    assert checked.results == (CallResult(call="call_0", outcome="ok", value=1),)


MONDAY = "Today is Monday, 2027-03-01. The user is in Lisbon, Portugal (time zone Europe/Lisbon)."


@pytest.mark.parametrize(
    ("query", "arguments", "kind"),
    [
        ("table for 5", {"guests": 5}, "verbatim"),
        ("table for five", {"guests": 5}, "formatted"),
        ("table for a dozen", {"guests": 12}, "formatted"),
        ("room for 1,200", {"guests": 1200}, "formatted"),
        ("about 2.5k people", {"guests": 2500}, "formatted"),
        ("twenty-five of us", {"guests": 25}, "formatted"),
        ("one hundred and five", {"guests": 105}, "formatted"),
        ("at a rate of 15%", {"price": 0.15}, "formatted"),
        ("for an hour and a half", {"guests": 90}, "converted"),
        ("for two years", {"guests": 24}, "converted"),
        ("on March 5th, 2027", {"day": "2027-03-05"}, "formatted"),
        ("on the 5th of March 2027", {"day": "2027-03-05"}, "formatted"),
        ("on 2027-03-01", {"day": "2027-03-01"}, "verbatim"),
        ("tomorrow", {"day": "2027-03-02"}, "dated"),
        ("this coming Friday", {"day": "2027-03-05"}, "dated"),
        ("in three weeks", {"day": "2027-03-22"}, "dated"),
        ("next month sometime", {"day": "2027-04-15"}, "inferred"),
        ("at 7:30 pm", {"at": "19:30:00"}, "formatted"),
        ("at half past seven in the evening", {"at": "19:30:00"}, "formatted"),
        ("at noon", {"at": "12:00:00"}, "formatted"),
        ("outdoors please", {"area": "terrace"}, "enum_mapped"),
        ("on the terrace", {"area": "terrace"}, "verbatim"),
        ("by the window", {"window": True}, "inferred"),
        ("anything", {"window": False}, "default"),
        ("note 'nut allergy'", {"note": "nut allergy"}, "verbatim"),
        ("we are from Tel Aviv", {"note": "Tel Aviv, Israel"}, "inferred"),
        ("нет орехов", {"note": "no nuts for any of us"}, "inferred"),
    ],
)
def test_what_follows_from_the_query_passes_with_its_derivation(
    query: str, arguments: dict[str, Any], kind: str
) -> None:
    sample = asyncio.run(SemanticVerifier().check(make_sample(query, arguments, system=MONDAY)))
    assert sample.rejected is None, sample.rejected
    [found] = sample.annotations["derivation"].values()
    assert found == kind


@pytest.mark.parametrize(
    ("query", "calls", "reason"),
    [
        ("table for 5", [{"guests": 6}], "ungrounded_number"),
        ("table for five", [{"guests": 15}], "ungrounded_number"),
        ("on March 1st, 2027", [{"day": "2027-03-02"}], "ungrounded_date"),
        ("tomorrow", [{"day": "2027-03-03"}], "ungrounded_date"),
        ("at 7:30 pm", [{"at": "18:30:00"}], "ungrounded_time"),
        ("code AB-1234", [{"code": "AB-1235"}], "ungrounded_identifier"),
        ("mail me", [{"note": "jo@example.com"}], "ungrounded_identifier"),
        ("book a table", [{"note": "birthday party for my grandmother"}], "ungrounded_text"),
        ("for 5 and for 5", [{"guests": 5}, {"guests": 5}], "duplicate_call"),
        ('do {"guests": 5}', [{"guests": 5}], "leaked_identifier"),
    ],
)
def test_what_the_query_contradicts_is_rejected(
    query: str, calls: list[dict[str, Any]], reason: str
) -> None:
    verdict = check(SemanticVerifier({"book": API}), make_sample(query, *calls, system=MONDAY))
    assert (verdict.passed, verdict.reason) == (False, reason)
    assert reason in SemanticVerifier.REASONS


def test_every_execution_reason_has_a_case() -> None:
    [mark] = test_a_result_is_an_answer_or_a_reason.pytestmark  # type: ignore[attr-defined]
    elsewhere = {"bad_environment", "order_matters"}  # in test_scenes.py
    assert set(ExecutionVerifier.REASONS) <= {case[2] for case in mark.args[1]} | elsewhere


def test_a_record_says_what_verified_it() -> None:
    sample = make_sample("table for 5", {"guests": 5})
    for verifier in (
        FormatVerifier(),
        ExecutionVerifier(Answering("ok", 1), {}),
        SemanticVerifier(),
    ):
        sample = asyncio.run(verifier.check(sample))
    assert verified_by(sample) == "executed,rules"
    bad = asyncio.run(SemanticVerifier().check(make_sample("table for 5", {"guests": 7})))
    assert verified_by(bad) == ""
