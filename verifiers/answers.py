"""Finds the one answer in a completion: bare, fenced, after prose or after `<think>`.

An answer is JSON of the generator's form. Text with no answer, or with two different ones, is
rejected: guessing which was meant would train on guesses.
"""

import json
import re
from typing import Any

from data import strict_json
from data.strict_json import BadJson

_THINK = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)```", re.DOTALL)
_OPENING = re.compile(r"[{\[]")


class NoAnswer(Exception):
    """No single answer; `reason` is a code of the format stage."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def find_answer(text: str) -> Any:
    """Return the decoded answer. Raises `NoAnswer`."""
    if not text.strip():
        raise NoAnswer("empty_answer", "the completion is empty")
    if len(text) > strict_json.MAX_CHARS:
        raise NoAnswer("too_large", f"the completion has {len(text)} characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise NoAnswer("malformed_json", "the completion holds a lone surrogate")
    body = _THINK.sub("", text, count=1).strip()
    if body.startswith("<think>"):
        raise NoAnswer("no_answer", "a <think> block that is not closed")
    if body[:1] in "{[":
        return _whole(body)
    fenced = _FENCE.findall(body)
    candidates = [_whole(block) for block in fenced if block.strip()[:1] in ("{", "[")]
    if not fenced:
        candidates = _in_prose(body)
    answers = [value for value in candidates if looks_like_answer(value)]
    distinct = {json.dumps(value, sort_keys=True): value for value in answers}
    if not distinct:
        raise NoAnswer("no_answer", f"no JSON answer in: {body[:80]!r}")
    if len(distinct) > 1:
        raise NoAnswer("ambiguous", f"{len(distinct)} different answers in one completion")
    return next(iter(distinct.values()))


def looks_like_answer(value: Any) -> bool:
    """Whether JSON found in prose has the form of an answer, as against some other example."""
    if isinstance(value, dict):
        return "pairs" in value or "query" in value or "answers" in value
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _whole(text: str) -> Any:
    try:
        return strict_json.loads(text)
    except BadJson as error:
        raise NoAnswer("malformed_json", str(error)) from None


def _in_prose(body: str) -> list[Any]:
    """Decode every JSON value that begins in prose, skipping what lies inside one already read."""
    try:
        strict_json.check_bounds(body)
    except BadJson as error:
        raise NoAnswer("malformed_json", str(error)) from None
    found: list[Any] = []
    position = wasted = 0
    # Reading on after a failure may go over the same text again; bounded, it stays linear.
    while wasted <= 2 * len(body) and (match := _OPENING.search(body, position)):
        start = match.start()
        try:
            value, position = strict_json.decode(body, start)
            found.append(value)
        except BadJson as error:
            wasted += max(error.position - start, 1)
            position = start + 1
    return found
