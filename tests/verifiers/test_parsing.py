"""A completion is accepted when it holds one unambiguous answer, in whatever wrapping."""

import json
from typing import Any

import pytest

from api_registry.types import tool_of
from data.types import Sample
from generators.types import Completion, Context, DraftPlan, Request
from tests.conftest import make_api
from verifiers.parsing import Parsed, parse

API = make_api("convert_length", "units")
PAIR = {
    "query": "convert 5",
    "answers": [{"name": "convert_length", "arguments": {"value": 5}}],
}
ANSWER = json.dumps({"pairs": [PAIR]})


def make_plan(index: int = 0, **changes: Any) -> DraftPlan:
    plan = DraftPlan(
        index=index, group="g", style="simple", split="train", category="units",
        targets=(API,), tools=(tool_of(API),), seed=1,
    )  # fmt: skip
    return plan.model_copy(update=changes)


def parse_text(text: str, *plans: DraftPlan, **fields: Any) -> Parsed:
    request = Request(index=7, plans=plans or (make_plan(),))
    return parse(Completion(text=text, **fields), request, generator="test@1")


def reason_of(sample: Sample) -> tuple[str, str | None]:
    assert sample.rejected is not None
    return sample.rejected.stage, sample.rejected.reason


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"  {ANSWER}\n",
        json.dumps(PAIR),
        json.dumps([PAIR]),
        f"```json\n{ANSWER}\n```",
        f"```\n{ANSWER}\n```",
        f"Here you are:\n\n{ANSWER}\n\nAnything else?",
        f"<think>5 {{a}} or {{b}}?</think>\n{ANSWER}",
        f"<think>x</think>Sure.\n```json\n{ANSWER}\n```\nDone.",
        f"```json\n{ANSWER}\n```\nand once more\n```json\n{ANSWER}\n```",
        json.dumps({"pairs": [{**PAIR, "answers": [{"name": "convert_length",
                    "arguments": '{"value": 5}'}]}]}),
    ],
)  # fmt: skip
def test_one_answer_is_found(text: str) -> None:
    [sample] = parse_text(text).samples
    assert sample.rejected is None
    assert sample.query == "convert 5"
    assert [(c.id, c.name, c.arguments) for c in sample.calls] == [
        ("call_0", "convert_length", {"value": 5})
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty_answer"),
        ("I would call convert_length.", "no_answer"),
        ("<think>never closed", "no_answer"),
        (ANSWER[:-3], "malformed_json"),
        (ANSWER.replace('"value": 5', '"value": 5,'), "malformed_json"),
        (ANSWER.replace('"', "'"), "malformed_json"),
        (ANSWER.replace('"value": 5', '"value": NaN'), "malformed_json"),
        (ANSWER.replace('"value": 5', '"value": 1e999'), "malformed_json"),
        (ANSWER.replace('"value": 5', '"value": 5, "value": 6'), "malformed_json"),
        (ANSWER.replace('"value": 5', '"value": ' + "9" * 5000), "malformed_json"),
        ("[" * 100_000, "malformed_json"),
        ('{"pairs": [{"query": "\ud800"}]}', "malformed_json"),
        (" " * 1_100_000 + "x", "too_large"),
        (f"```json\n{ANSWER}\n```\n```json\n{ANSWER.replace('5', '6')}\n```", "ambiguous"),
        (f"First {ANSWER} or rather {ANSWER.replace('5', '6')}", "ambiguous"),
        ("[1, 2]", "not_a_pair"),
        ('{"pairs": ["x"]}', "not_a_pair"),
        (json.dumps({**PAIR, "answers": "none"}), "malformed_json"),
        (json.dumps({**PAIR, "query": " "}), "no_query"),
        (json.dumps([PAIR["answers"][0]]), "no_query"),  # type: ignore[index]
        (json.dumps({**PAIR, "answers": ["x"]}), "not_a_call"),
        (json.dumps({**PAIR, "answers": [{"name": "f", "arguments": [1]}]}), "not_a_call"),
        (json.dumps({**PAIR, "answers": [{"arguments": {}}]}), "not_a_call"),
        (json.dumps({**PAIR, "answers": []}), "empty_reply"),
    ],
)
def test_everything_else_is_a_reject_with_its_reason(text: str, reason: str) -> None:
    [sample] = parse_text(text).samples
    assert reason_of(sample) == ("format", reason)


def test_a_cut_off_completion_is_rejected_even_if_it_parses() -> None:
    [sample] = parse_text(ANSWER, finish_reason="length").samples
    assert reason_of(sample) == ("format", "truncated")


def test_native_tool_calls_are_read_but_have_no_query_of_their_own() -> None:
    call = {
        "id": "x",
        "type": "function",
        "function": {"name": "convert_length", "arguments": '{"value": 5}'},
    }
    [sample] = parse_text("", tool_calls=(call,)).samples
    assert reason_of(sample) == ("format", "no_query")


def test_pairs_that_did_not_come_are_rejects_and_surplus_ones_are_counted() -> None:
    short = parse_text(ANSWER, make_plan(0), make_plan(1))
    assert short.samples[0].rejected is None
    assert reason_of(short.samples[1]) == ("generation", "missing_pair")
    long = parse_text(json.dumps({"pairs": [PAIR, PAIR, PAIR]}), make_plan(0))
    assert (len(long.samples), long.surplus) == (1, 2)


def test_one_bad_pair_does_not_spoil_its_neighbours() -> None:
    text = json.dumps({"pairs": [PAIR, {"query": "x", "answers": 1}, PAIR]})
    samples = parse_text(text, *(make_plan(index) for index in range(3))).samples
    assert [sample.rejected is None for sample in samples] == [True, False, True]


def test_a_reject_keeps_what_was_parsed_and_what_was_answered() -> None:
    text = json.dumps({**PAIR, "answers": ["x"]})
    [sample] = parse_text(text).samples
    assert sample.query == "convert 5"
    assert sample.annotations["completion"] == text


def test_a_context_becomes_the_system_turn() -> None:
    context = Context(today="2027-03-01", timezone="Europe/Lisbon", place="Lisbon, Portugal")  # type: ignore[arg-type]
    [sample] = parse_text(ANSWER, make_plan(context=context)).samples
    assert [turn.role for turn in sample.turns] == ["system", "user", "assistant"]
    assert sample.turns[0].content == (
        "Today is Monday, 2027-03-01. The user is in Lisbon, Portugal (time zone Europe/Lisbon)."
    )
    assert [turn.train for turn in sample.turns] == [False, False, True]
