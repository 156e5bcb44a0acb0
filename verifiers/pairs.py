"""From a completion to query-answer pairs, in any form that can be taken in one way only.

What is read, beside the form that is asked for (`{"pairs": [{"query", "answers"}]}`):

| written | read as |
|---|---|
| prose, fences, thinking or tags (`<tool_call>`, `[TOOL_CALLS]`) around the JSON | the JSON |
| one pair, a list of pairs, pairs one after another (JSON lines) | pairs |
| arguments behind a tag with the name (`<function=f>`, `[TOOL_CALLS]f`, `Action: f`) | a call |
| a call, a list of calls, calls one after another, native `tool_calls` | a pair without a query |
| `{"tool_calls": […]}` or `{"function_call": {…}}`, also in a message | a pair without a query |
| the same answer twice; calls of the answer quoted in its explanation | the answer |
| `answer` for `answers`, `question` for `query`, `parameters` or `args` for `arguments` | those |
| one pair or call for a list of one, a list encoded as text | the list |
| `{"function": {…}}` around a call | the call |
| `arguments` encoded as text, null, empty or missing | an object |
| keys in another case, of pairs and calls (never of arguments) | the keys |

Two different answers are `ambiguous`; calls as Python code are a `python_call`; other keys in a
call, or an answer of none of these forms, are `not_a_call` and `not_a_pair`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api_registry.types import Call
from generators.types import Completion
from verifiers.answers import Found, NoAnswer, Reading, read_text
from verifiers.tags import BETWEEN_CALLS
from verifiers.written_calls import (
    CALL_KEYS,
    NAMES,
    decoded,
    folded,
    kind_of,
    one_of,
    read_call,
    shape_of,
)

REASONS: dict[str, str] = {
    "empty_answer": "the completion is empty",
    "no_answer": "the completion holds no JSON answer",
    "ambiguous": "the completion holds several different answers",
    "malformed_json": "the answer is not strict JSON",
    "python_call": "the calls are written as Python code, not as JSON",
    "too_large": "the completion is larger than is read",
    "truncated": "the completion was cut off by the token limit",
    "filtered": "the endpoint withheld the completion or a part of it",
    "not_a_pair": "the answer has not the form of query and answers",
    "no_query": "the pair has no query",
    "not_a_call": "an answer has not the form of a call",
    "empty_reply": "neither a call nor a word: the assistant's turn would be empty",
}
"""Reasons of the format stage for completions that are no pairs."""


@dataclass(frozen=True)
class Pair:
    """One query and what is answered to it."""

    query: str | None
    """None where the completion answers a query without repeating it."""
    calls: tuple[Call, ...]
    """Ids are `call_0`, `call_1`, …; names as the model wrote them."""
    reply: str = ""
    """The assistant's words, where it answered in words."""
    thought: str | None = None
    """Reasoning given with the pair; the thinking before it where there is no query."""
    repaired: bool = False
    """Whether its JSON had to be mended."""


@dataclass(frozen=True)
class BadPair:
    """A pair that cannot be used, for a reason of its own."""

    reason: str
    detail: str
    query: str = ""
    """The query, where it could be read."""


def read_pairs(completion: Completion, *, repair: bool = False) -> list[Pair | BadPair]:
    """Return the pairs that a completion holds, in order; with `repair` from broken JSON too.

    Raises `NoAnswer` when the completion as a whole cannot be taken in exactly one way.
    """
    if completion.finish_reason == "length":
        raise NoAnswer("truncated", "the completion was cut off (finish_reason `length`)")
    if completion.finish_reason == "content_filter":
        raise NoAnswer("filtered", "the completion was filtered (finish_reason `content_filter`)")
    if completion.tool_calls:
        return [_native_pair(completion)]
    reading = read_text(completion.text, repair=repair)
    answers = _answers(reading)
    if not answers:
        only = reading.values[0].value
        whole = len(reading.values) == 1 and reading.values[0].end - reading.values[0].start
        if whole == len(reading.text):
            raise NoAnswer("not_a_pair", f"expected query and answers, got {shape_of(only)}")
        raise NoAnswer("no_answer", f"JSON, but no answer in: {reading.text[:80]!r}")
    [pairs] = answers
    if reading.repaired:
        return [replace(p, repaired=True) if isinstance(p, Pair) else p for p in pairs]
    return pairs


def _native_pair(completion: Completion) -> Pair | BadPair:
    """The calls that the endpoint parsed; an answer in the text must not say anything else."""
    native = _pair({"answers": list(completion.tool_calls)}, "")
    try:
        reading = read_text(completion.text)
    except NoAnswer as problem:
        if problem.reason not in ("empty_answer", "no_answer", "python_call"):
            raise
        return native
    if any(pairs != [native] for pairs in _answers(reading)):
        raise NoAnswer("ambiguous", "native calls, and another answer in the text")
    return native


Answer = list[Pair | BadPair]
_QUERIES = ("query", "question", "user_query")
_ANSWER_LISTS = ("answers", "answer", "tool_calls", "function_calls", "function_call")
_QUERY, _ANSWERS, _NAMES = map(frozenset, (_QUERIES, _ANSWER_LISTS, NAMES))


def _answers(reading: Reading) -> list[Answer]:
    """The answers among the values, none or one. Raises `NoAnswer` for several."""
    alone = len(reading.values) == 1
    candidates = [found for found in reading.values if _is_answer(found.value, alone=alone)]
    answers: list[Answer] = []
    seen: set[str] = set()
    for group in _groups(candidates, reading.text):
        answer = _read(group, reading.thought)
        said = json.dumps(answer, sort_keys=True, default=_plain)
        if said not in seen:
            seen.add(said)
            answers.append(answer)
    answers = _without_quotations(answers)
    if len(answers) > 1:
        raise NoAnswer("ambiguous", f"{len(answers)} different answers in one completion")
    return answers


def _groups(candidates: Sequence[Found], text: str) -> list[list[Any]]:
    """Values directly after one another, as JSON lines and tagged calls are, make one answer."""
    groups: list[list[Any]] = []
    kind, end = "", 0
    for found in candidates:
        this = _form(found.value)
        together = this == kind and this in ("call", "pair")
        if together and BETWEEN_CALLS.fullmatch(text, end, found.start):
            groups[-1].append(found.value)
        else:
            groups.append([found.value])
        kind, end = this, found.end
    return [values for group in groups for values in _split_pairs(group)]


def _split_pairs(group: list[Any]) -> list[list[Any]]:
    """Pairs one after another are one answer only if no query is answered twice."""
    if len(group) == 1 or _form(group[0]) == "call":
        return [group]
    queries = [json.dumps(one_of(folded(value), _QUERIES)[1]) for value in group]
    return [group] if len(set(queries)) == len(queries) else [[value] for value in group]


def _without_quotations(answers: list[Answer]) -> list[Answer]:
    """Drop answers without queries that only repeat calls of the one that has them."""
    asked = [answer for answer in answers if not _is_bare(answer)]
    if len(answers) < 2 or len(asked) != 1:
        return answers
    said = set(_calls(asked[0]))
    if not said:
        return answers
    return [a for a in answers if a is asked[0] or not said.issuperset(_calls(a))]


def _is_bare(answer: Answer) -> bool:
    """Whether it holds calls that belong to no query."""
    return all(isinstance(pair, Pair) and pair.query is None for pair in answer)


def _calls(answer: Answer) -> list[str]:
    pairs = [pair for pair in answer if isinstance(pair, Pair)]
    return [json.dumps((c.name, c.arguments), sort_keys=True) for p in pairs for c in p.calls]


def _plain(value: Any) -> Any:
    return value.model_dump() if isinstance(value, Call) else vars(value)


def _read(values: list[Any], thought: str) -> Answer:
    form = _form(values[0])
    if form == "call":
        return [_pair({"answers": values}, thought)]
    if form == "pair":
        return [_pair(value, thought) for value in values]
    value = values[0]
    if isinstance(value, dict):
        value = _listed(folded(value)["pairs"], "`pairs`")
    elif not value or all(_form(item) == "call" for item in value):
        return [_pair({"answers": value}, thought)]
    return [_pair(item, thought) for item in value]


def _is_answer(value: Any, *, alone: bool) -> bool:
    """Whether JSON has the form of an answer, as against some example in prose."""
    form = _form(value)
    if alone or form == "pairs":
        return form != "other"
    if form == "list":
        return any(_is_answer(item, alone=False) for item in value)
    # `{"name": "Ada"}` and `{"query": "pizza"}` may be anything, beside other JSON.
    return (form == "call" and len(value) > 1) or (
        form == "pair" and bool(_ANSWERS & {key.lower() for key in value})
    )


def _form(value: Any) -> str:
    """`pairs`, `pair`, `call`, `list` (of those), or `other`."""
    if isinstance(value, list):
        return "list" if all(isinstance(item, dict) for item in value) else "other"
    if not isinstance(value, dict):
        return "other"
    keys = {key.lower() for key in value}
    if "pairs" in keys:
        return "pairs" if isinstance(folded(value)["pairs"], list | dict | str) else "other"
    if keys & _QUERY or keys & _ANSWERS:
        return "pair"
    if keys & _NAMES and ("arguments" in keys or keys <= CALL_KEYS):
        return "call"
    return "other"


def _pair(value: Any, thinking: str) -> Pair | BadPair:
    if not isinstance(value, Mapping):
        return BadPair("not_a_pair", f"expected an object per pair, got {kind_of(value)}")
    query = ""
    try:
        pair = folded(value)
        _, stated = one_of(pair, _QUERIES)
        if stated is not None and not isinstance(stated, str):
            raise NoAnswer("no_query", f"`query`: expected text, got {kind_of(stated)}")
        query = stated or ""
        return _checked_pair(pair, stated, thinking)
    except NoAnswer as problem:
        return BadPair(problem.reason, problem.detail, query)


def _checked_pair(pair: dict[str, Any], query: str | None, thinking: str) -> Pair:
    key, answers = one_of(pair, _ANSWER_LISTS)
    if key is None:
        raise NoAnswer("not_a_pair", "`answers` is missing")
    answers = [] if answers is None else _listed(answers, f"`{key}`")
    calls = tuple(read_call(f"call_{index}", answer) for index, answer in enumerate(answers))
    _, reply = one_of(pair, ("reply", "content"))
    if reply is not None and not isinstance(reply, str):
        raise NoAnswer("not_a_pair", f"`reply`: expected text, got {kind_of(reply)}")
    thought = pair.get("thought")
    if not isinstance(thought, str) or not thought:
        thought = thinking if query is None and thinking else None
    return Pair(query, calls, reply or "", thought)


def _listed(value: Any, where: str) -> list[Any]:
    """The list, also where it was encoded as text, or where one item stands for a list of one."""
    if isinstance(value, str):
        value = decoded(value, where)
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise NoAnswer("not_a_pair", f"{where}: expected a list, got {kind_of(value)}")
    return value
