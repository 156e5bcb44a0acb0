"""Broken JSON is mended only where nothing has to be guessed, and only when asked for."""

import json

import pytest

from generators.types import Completion
from verifiers.answers import NoAnswer
from verifiers.pairs import Pair, read_pairs

PAIR = {
    "query": "it's 5, isn't it?",
    "answers": [{"name": "f", "arguments": {"a": 5, "b": True, "c": None, "d": "say \"x\", 'y'"}}],
}
TEXT = json.dumps(PAIR)
PLAIN = '{"query": "go", "answers": [{"name": "f", "arguments": {"a": 5, "b": "Rome"}}]}'


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


def test_what_is_right_is_not_marked() -> None:
    [pair] = read_pairs(Completion(text=TEXT), repair=True)
    assert isinstance(pair, Pair)
    assert not pair.repaired
