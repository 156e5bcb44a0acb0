"""Broken JSON is mended only where nothing has to be guessed, and only when asked for."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.types import Completion
from verifiers.answers import NoAnswer
from verifiers.pairs import Pair, read_pairs

PAIR = {
    "query": "it's 5, isn't it?",
    "answers": [{"name": "f", "arguments": {"a": 5, "b": True, "c": None, "d": "say \"x\", 'y'"}}],
}
TEXT = json.dumps(PAIR)
PLAIN = '{"query": "go", "answers": [{"name": "f", "arguments": {"a": 5, "b": "Rome"}}]}'
TOKEN = r'"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|\w+|\S'
ARGUMENTS = st.dictionaries(
    st.sampled_from("abcd"),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(-9, 9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=4,
    ),
)


def refused(text: str, *, repair: bool) -> bool:
    try:
        read_pairs(Completion(text=text), repair=repair)
    except NoAnswer as problem:
        return problem.reason == "malformed_json"
    return False


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("}]}", "},]}"),
        repr(PAIR),
        TEXT.replace("true", "True").replace("null", "None"),
        TEXT[:-1],
        TEXT[:-2],
        TEXT[:-3],
        f"```json\n{TEXT[:-1]}\n```\nDone.",
        f"Sure:\n{PAIR!r}",
        f"<tool_call>{TEXT[:-2]}</tool_call>",
        TEXT.replace('"answers"', "answers").replace('"name"', "name"),
        TEXT.replace(', "b"', ' "b"'),
    ],
)
def test_what_is_plainly_meant_is_mended_and_marked(text: str) -> None:
    assert refused(text, repair=False)
    [pair] = read_pairs(Completion(text=text), repair=True)
    assert isinstance(pair, Pair)
    assert pair.repaired
    assert pair.query == PAIR["query"]
    [call] = pair.calls
    assert call.arguments == {"a": 5, "b": True, "c": None, "d": "say \"x\", 'y'"}


@pytest.mark.parametrize(
    "text",
    [
        PLAIN[: PLAIN.index("me")],
        PLAIN[: PLAIN.index("5") + 1],
        PLAIN[: PLAIN.index(', "b"') + 1],
        PLAIN.replace("5", "NaN"),
        PLAIN.replace("5", "five"),
        PLAIN.replace("5", "5 // not 6"),
        PLAIN.replace("5", "0x10"),
        PLAIN.replace("5", "05"),
        PLAIN.replace("5", "٥"),
        PLAIN.replace("5", "5" * 5000 + ","),
        PLAIN.replace("5", "5 /* or 6 */"),
        PLAIN.replace("5", "1e999"),
        PLAIN.replace('"a": 5', '"a": 5, "a": 6'),
        PLAIN.replace('"Rome"', '"Rome'),
        PLAIN.replace('"Rome"', "Rome"),
        PLAIN.replace('"Rome"', "'it's'"),
        PLAIN.replace('{"a"', '"a"'),
        PLAIN.replace("5", '"5" + "6"'),
        PLAIN[:-1] + " and that is it.",
        "{'name': 'f', 'arguments': {'a': 5}} or {'name': 'g', 'arguments': {}}",
        "{'name': " * 40_000,
    ],
)
def test_what_would_be_a_guess_is_refused(text: str) -> None:
    assert refused(text, repair=True)


@given(data=st.data(), arguments=ARGUMENTS)
def test_damage_between_the_values_never_changes_what_is_accepted(
    data: st.DataObject, arguments: dict[str, object]
) -> None:
    right = {"query": "go", "answers": [{"name": "f", "arguments": arguments}]}
    tokens = re.findall(TOKEN, json.dumps(right))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(1, len(tokens)))
        if data.draw(st.booleans()) or tokens[place - 1] not in ",:{}[]":
            tokens.insert(place, data.draw(st.sampled_from(",:{}[]")))
        else:
            tokens.pop(place - 1)
    try:
        [pair] = read_pairs(Completion(text=" ".join(tokens)), repair=True)
    except (NoAnswer, ValueError):
        return
    if isinstance(pair, Pair) and pair.repaired and len(pair.calls) == 1:
        written = [token for token in tokens if token not in ",:{}[]"]
        value = {"query": "go", "answers": [{"name": "f", "arguments": pair.calls[0].arguments}]}
        assert [t for t in re.findall(TOKEN, json.dumps(value)) if t not in ",:{}[]"] == written


def test_what_is_right_is_not_marked() -> None:
    [pair] = read_pairs(Completion(text=TEXT), repair=True)
    assert isinstance(pair, Pair)
    assert not pair.repaired
