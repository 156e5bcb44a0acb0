"""Closing answers: what they say has to be given, and what is given may be said in many ways."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_registry.types import Call, CallResult, Tool
from data.types import Sample, Turn
from generators.embedded.closing import closing_answer
from verifiers.semantic.grounding import ungrounded

SYSTEM = "Today is Monday, 2026-10-19. The user is in Lisbon, Portugal (time zone Europe/Lisbon)."


def sample(query: str, arguments: dict[str, Any], *values: Any, system: str = "") -> Sample:
    calls = tuple(
        Call(id=f"call_{place}", name="look_up", arguments=arguments)
        for place in range(len(values))
    )
    opening = (Turn(role="system", content=system),) if system else ()
    tool = Tool(
        name="look_up",
        description="Look something up by the rules of the WCAG, at 180 °C.",
        parameters={"properties": {"unit": {"enum": ["celsius", "kelvin"]}}},
        api="look_up",
    )
    return Sample(
        id="0",
        group="",
        turns=(
            *opening,
            Turn(role="user", content=query),
            Turn(role="assistant", calls=calls, train=True),
        ),
        tools=(tool,),
        results=tuple(
            CallResult(call=call.id, outcome="ok", value=value)
            for call, value in zip(calls, values, strict=True)
        ),
        style="simple",
        category="",
    )


LENGTH = sample("What are 5 miles in km?", {"value": 5, "from": "mile"}, 8.04672)
STAY = sample(
    "What do two nights at the Hotel Aurora cost from 1 March 2027?",
    {"check_in": "2027-03-01", "nights": 2},
    {"total": 1234.5, "check_out": "2027-03-03", "checkout_time": "11:30", "share": 0.277778},
)
LIST = sample("Which squares?", {}, ["a3", "c3", "d2"], "2001:db8::1")
MAIL = sample("Is ada@example.com fine?", {"email": "ada@example.com"}, {"code": "INV-20931"})
DATED = sample("When is that, a week from today?", {}, True, system=SYSTEM)
MINUTES = sample("How long?", {}, {"minutes": 135})


@pytest.mark.parametrize(
    ("record", "answer"),
    [
        (LENGTH, "5 miles are 8.04672 km."),
        (LENGTH, "That is about 8.05 km, or roughly 8 km."),
        (LENGTH, "Five miles come to 8.0 kilometres."),
        (STAY, "Two nights at the Hotel Aurora cost 1,234.50."),
        (STAY, "It comes to $1,234.5 if you leave on 3 March 2027 by 11:30 am."),
        (STAY, "You leave on March 3rd; the chance is 27.8%, that is 28 %."),
        (STAY, "That is 1.2 thousand in all, for 2027-03-01 to 2027-03-03."),
        (LIST, "There are 3 of them: a3, c3 and d2."),
        (LIST, 'Its address is 2001:db8::1. The list begins with "a3".'),
        (MAIL, "The code for ada@example.com is INV-20931."),
        (MAIL, "I'm sure that it's INV 20931. By the WCAG rules, at 180 °C, it is fine."),
        (DATED, "Yes, that is 26 October 2026, in Lisbon."),
        (MINUTES, "It takes 2 hours and 15 minutes, so 135 minutes."),
        (LENGTH, "In Celsius or Kelvin that says nothing."),
    ],
)
def test_what_is_given_may_be_said(record: Sample, answer: str) -> None:
    assert ungrounded(answer, record) is None


@pytest.mark.parametrize(
    ("record", "answer", "named"),
    [
        (LENGTH, "5 miles are 8.14672 km.", "8.14672"),
        (LENGTH, "That is about 8.1 km.", "8.1"),
        (LENGTH, "That is 8.05 km, and both ways 16.09 km.", "16.09"),
        (STAY, "It comes to 1,334.50.", "1334.5"),
        (STAY, "You leave on 4 March 2027.", "2027-03-04"),
        (STAY, "You leave on March 5th.", "5"),
        (STAY, "You leave at 10:30.", "10:30"),
        (STAY, "You leave at 3 pm.", "3 pm"),
        (STAY, "The Hotel Bellevue costs 1,234.5.", "Bellevue"),
        (LIST, 'The best is "e4 and f6".', "e4 and f6"),
        (LIST, "Its address is 2001:db8::7.", "2001:db8::7"),
        (MAIL, "I wrote to bob@example.com.", "bob@example.com"),
        (MAIL, "The code is INV-20932.", "inv-20932"),
        (MAIL, "See https://elsewhere.example/x for more.", "elsewhere"),
        (DATED, "Yes, that is 27 October 2026.", "2026-10-27"),
        (DATED, "Yes, as always in Porto.", "Porto"),
        (MINUTES, "It takes 2 hours and 20 minutes.", "20"),
    ],
)
def test_what_nothing_gives_is_named(record: Sample, answer: str, named: str) -> None:
    assert named in (ungrounded(answer, record) or "")


def test_names_are_left_alone_in_languages_that_write_nouns_with_capitals() -> None:
    german = LENGTH.model_copy(update={"language": "de"})
    assert ungrounded("Das sind 8,05 Kilometer an Strecke.", german) is None
    assert ungrounded("Das sind 9,05 Kilometer an Strecke.", german)


def test_more_than_is_read_is_left_to_judges() -> None:
    long = sample("Sum up.", {}, "word " * 10_000)
    assert ungrounded("It has 77 pages.", long) is None


# -- the embedded generator's own answers ----------------------------------------------------------


def json_values(text: st.SearchStrategy[str], keys: st.SearchStrategy[str]) -> Any:
    leaf = (
        st.none()
        | st.booleans()
        | st.integers(-(10**12), 10**12)
        | st.floats(allow_nan=False, allow_infinity=False)
        | text
    )
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=8) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=10,
    )


ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
KEYS = st.from_regex(r"[a-z]{1,8}(_[a-z]{1,8})?", fullmatch=True)
WORDS = st.from_regex(r"[A-Za-z0-9 .:/-]{0,30}", fullmatch=True)


def answered(values: list[Any], query: str, seed: int) -> tuple[str, Sample]:
    record = sample(query, {"text": query, "number": 3}, *values)
    return closing_answer(record.calls, values, record.tools, random.Random(seed)), record


@settings(max_examples=150, deadline=None)
@given(st.lists(json_values(ANY_TEXT, ANY_TEXT), min_size=1, max_size=3), ANY_TEXT, st.integers())
def test_whatever_tools_return_there_is_an_answer_and_it_can_be_checked(
    values: list[Any], query: str, seed: int
) -> None:
    answer, record = answered(values, query, seed)
    assert answer.strip()
    ungrounded(answer, record)


@settings(max_examples=300, deadline=None)
@given(st.lists(json_values(WORDS, KEYS), min_size=1, max_size=3), WORDS, st.integers())
def test_an_answer_by_templates_says_nothing_of_its_own(
    values: list[Any], query: str, seed: int
) -> None:
    answer, record = answered(values, query, seed)
    assert ungrounded(answer, record) is None
