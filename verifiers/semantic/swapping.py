"""The rule on two arguments of one call that are the other way round."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from api_registry.types import Call
from data.types import Sample
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.findings import Problem
from verifiers.semantic.standing import spoken

_FROM = re.compile(
    r"(?:^|_)(?:from|source|src|origin|start|departure|depart|begin|initial|first|min|low|lower)",
    re.I,
)
_TO = re.compile(
    r"(?:^|_)(?:to|target|dest|destination|end|arrival|finish|final|last|max|high|upper)", re.I
)


def swapped_arguments(sample: Sample, told: Conversation) -> Problem | None:
    """Two arguments of one type, of which the query plainly says that they are the other way.

    Plainly: `from A to B` for a pair of from and to, or each value right behind the other's name.
    """
    for call in sample.calls:
        for first, second in _pairs(call):
            one, other = call.arguments[first], call.arguments[second]
            crossed = _from_to(first, second, one, other, told.lower) or _named(
                first, second, one, other, told.lower
            )
            if crossed:
                detail = f"{call.id}.arguments: `{first}` and `{second}` are the other way round"
                return Problem("swapped_arguments", detail, call.id)
    return None


def _pairs(call: Call) -> Iterator[tuple[str, str]]:
    names = [
        name
        for name, value in call.arguments.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            one, other = call.arguments[first], call.arguments[second]
            if isinstance(one, str) is isinstance(other, str) and one != other:
                yield first, second


@lru_cache(maxsize=4096)
def _is_start(name: str) -> bool:
    return _FROM.search(name) is not None


@lru_cache(maxsize=4096)
def _is_end(name: str) -> bool:
    return _TO.search(name) is not None


def _said(value: Any) -> str:
    return re.escape(str(value).lower())


def _from_to(first: str, second: str, one: Any, other: Any, lower: str) -> bool:
    if _is_end(first) and _is_start(second):
        first, second, one, other = second, first, other, one
    if not (_is_start(first) and _is_end(second)):
        return False
    if not (isinstance(one, str) and str(one).lower() in lower and str(other).lower() in lower):
        return False
    crossed = (
        rf"\bfrom\s+(?:the\s+)?{_said(other)}\s+(?:to|into|until|till)\s+(?:the\s+)?{_said(one)}\b"
    )
    straight = rf"\bfrom\s+(?:the\s+)?{_said(one)}\b|\b(?:to|into)\s+(?:the\s+)?{_said(other)}\b"
    return bool(re.search(crossed, lower)) and not re.search(straight, lower)


def _named(first: str, second: str, one: Any, other: Any, lower: str) -> bool:
    """Whether each value stands behind the name of the other parameter, and not behind its own."""
    mine, theirs = spoken(first), spoken(second)
    if not mine or not theirs or mine in theirs or theirs in mine:
        return False
    if mine not in lower or theirs not in lower:
        return False

    return (
        _behind(mine, other, lower)
        and _behind(theirs, one, lower)
        and not _behind(mine, one, lower)
        and not _behind(theirs, other, lower)
    )


_LINK = re.compile(
    r"(?:\s(?:of|is|as|at|to|with|about|was|should be|set to|being)|\s?[:=])?"
    r"\s?(?:an?\s|the\s)?[$€£'\"]?"
)


def _behind(name: str, value: Any, lower: str) -> bool:
    """Whether a value stands right behind a name: `width of 5`, `width: 5`."""
    said = str(value).lower()
    start = lower.find(name)
    while start >= 0:
        end = start + len(name)
        link = _LINK.match(lower, end)
        place = link.end() if link else end
        rest = lower[place + len(said) : place + len(said) + 2]
        whole = not (rest[:1].isalnum() or (rest[:1] in (".", ",") and rest[1:].isdigit()))
        begins = start == 0 or not lower[start - 1].isalnum()
        if begins and place > end and whole and lower.startswith(said, place):
            return True
        start = lower.find(name, end)
    return False
