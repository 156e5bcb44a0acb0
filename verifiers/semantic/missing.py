"""The rule on what the query asks for and no call serves."""

import re

from api_registry.types import Call
from data.types import Sample
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.findings import Problem

_CONTEXT = re.compile(r"\b([a-z]+)\s(of|is|at|with|for|to)\s[$€£]?(\d+(?:\.\d+)?)(?![:,.]?\d)")


def missing_request(sample: Sample, told: Conversation) -> Problem | None:
    """A number that the query gives in the very words of one that was used, and that no call uses.

    `a circle of radius 5 … one of radius 7`, with one call. Decided only where one tool was called
    for each of the other numbers said in those words, and less often than the query has them.
    """
    if not sample.calls:
        return None
    given: dict[tuple[str, str], set[float]] = {}
    for noun, link, number in _CONTEXT.findall(told.query.lower()):
        given.setdefault((noun, link), set()).add(float(number))
    for (noun, link), numbers in given.items():
        if len(numbers) < 2:
            continue
        missing = numbers & set(told.unused_numbers)
        if not missing or len(missing) == len(numbers):
            continue
        callers = [call for call in sample.calls if _holds_one(call, numbers - missing)]
        names = {call.name for call in callers}
        served = len(names) == 1 and len(callers) == len(numbers) - len(missing)
        if served and sum(call.name in names for call in sample.calls) < len(numbers):
            detail = f"no call for `{noun} {link} {min(missing):g}`"
            return Problem("missing_request", detail)
    return None


def _holds_one(call: Call, numbers: set[float]) -> bool:
    return any(
        isinstance(value, int | float) and not isinstance(value, bool) and value in numbers
        for value in call.arguments.values()
    )
