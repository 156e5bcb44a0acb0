"""Rules on the calls as a set: repeated, superfluous, swapped, missing, in the wrong unit."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from api_registry.types import Api, Call, Tool
from data.identity import canonical_json
from data.types import Sample
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.findings import Problem
from verifiers.semantic.units import unit_after, unit_named, units_in

_ONCE_MORE = re.compile(
    r"(?<![a-z])(?:random\w*|roll|draw|shuffle|sample|pick|toss|flip|append|add|create|book|order|"
    r"post|send|insert|push|increment|move|step|play|deal|press|click|buy|wait|sleep|execute|run|"
    r"cmd|purchase|pay|transfer|next$|make (?:\w+ )?(?:reservation|booking|appointment|payment|"
    r"order|purchase|transfer|deposit|donation|call))(?![a-z])",
    re.IGNORECASE,
)
"""Names of tools of which a second call is another event, not a repetition."""
_READING = re.compile(
    r" (?:time|duration|rate|cost|fee|price|status|history|info|details?)(?: \d+)?$"
)
"""Ends of names of tools that only tell something: the time of a transfer is none."""
_AGAIN = re.compile(
    r"\b(?:twice|thrice|again|another|more|each|every|both|times|repeat(?:ed|edly|s)?|separate\w*|"
    r"couple|pair|several|few|many)\b"
)
"""Words with which people ask for an event more than once."""
_COUNTS = {word: number for number, word in enumerate("two three four five six".split(), 2)}


def repeated_call(sample: Sample, apis: Mapping[str, Api], told: Conversation) -> Problem | None:
    """The same call twice (`duplicate_call`), or the same but for its wording (`extra_call`).

    Abstains where a call changes or draws something and the query may well want that twice: there a
    second call is another event.
    """
    if len(sample.calls) < 2:
        return None
    tools = {tool.name: tool for tool in sample.tools}
    exact: set[str] = set()
    alike: dict[str, str] = {}
    for call in sample.calls:
        tool = tools.get(call.name)
        if tool is None or _is_event(call, tool, apis.get(tool.api), told):
            continue
        same = f"{call.name} {canonical_json(call.arguments)}"
        if same in exact:
            detail = f"{call.id} repeats an earlier call to {call.name}"
            return Problem("duplicate_call", detail, call.id)
        exact.add(same)
        meaning = f"{call.name} {canonical_json(_meaning(call))}"
        if meaning in alike:
            detail = f"{call.id} asks {call.name} for the same as {alike[meaning]} in other words"
            return Problem("extra_call", detail, call.id)
        alike[meaning] = call.id
    return None


def _is_event(call: Call, tool: Tool, api: Api | None, told: Conversation) -> bool:
    """Whether a second call may be wanted."""
    if api is not None:
        return bool(api.environment or api.effects)
    name = _spoken(tool.name)
    if not _ONCE_MORE.search(name) or _READING.search(name) or "seed" in call.arguments:
        return False
    if told.is_foreign or _AGAIN.search(told.lower):
        return True
    counts = {*told.unused_numbers, *(n for word, n in _COUNTS.items() if word in told.words)}
    return any(1 < number < 100 for number in counts - told.used_numbers)


def _meaning(call: Call) -> dict[str, Any]:
    """The arguments spelled alike; null is no argument."""
    return {name: _alike(value) for name, value in call.arguments.items() if value is not None}


def _alike(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, str):
        return " ".join(value.split())
    return value


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


def _said(value: Any) -> str:
    return re.escape(str(value).lower())


def _from_to(first: str, second: str, one: Any, other: Any, lower: str) -> bool:
    if _TO.search(first) and _FROM.search(second):
        first, second, one, other = second, first, other, one
    if not (_FROM.search(first) and _TO.search(second)):
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
    mine, theirs = _spoken(first), _spoken(second)
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


_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")


@lru_cache(maxsize=4096)
def _spoken(name: str) -> str:
    return _WORDS.sub(" ", name).strip().lower()


_OF_UNITS = re.compile(
    r"unit|currenc|measure|scale|(?:^|_)(?:from|to|base|target|source)(?:_|$)", re.IGNORECASE
)


def wrong_unit(sample: Sample, told: Conversation) -> Problem | None:
    """A unit or currency other than the query's.

    Decided where an argument names a unit that the query does not speak of, while none that it
    speaks of is used (`to_unit: "mile"` for kilometres), and where a parameter is named for its
    unit and the number was given in another (`distance_km: 5` for 5 miles).
    """
    for call in sample.calls:
        for name, value in call.arguments.items():
            if isinstance(value, str):
                other = _unspoken_unit(name, value, sample, told)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                other = _copied_unit(name, value, told)
            else:
                continue
            if other:
                detail = f"{call.id}.arguments.{name}: {value!r}, but the query speaks of {other}"
                return Problem("wrong_unit", detail[:200], call.id)
    return None


def _unspoken_unit(name: str, value: str, sample: Sample, told: Conversation) -> str | None:
    """The units that the query speaks of instead of `value`."""
    if len(value) > 30 or not _OF_UNITS.search(name):
        return None
    units = unit_named(value)
    if not units or told.stands(value):
        return None
    families = {unit.family for unit in units}
    said = {unit.name for unit in units_in(told.query) if unit.family in families}
    if not said or said & {unit.name for unit in units}:
        return None
    used = {
        unit.name
        for call in sample.calls
        for text in call.arguments.values()
        if isinstance(text, str)
        for unit in unit_named(text)
    }
    return None if said & used else ", ".join(sorted(said))


_AMOUNT = re.compile(r"(?<![\w.,])(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?![.,]?\d)")


def _copied_unit(name: str, value: float, told: Conversation) -> str | None:
    """The unit in which the query gives a number that went into a parameter of another unit."""
    last = _spoken(name).rpartition(" ")[2]
    # `minutes` is a unit, `minute` a part of a time; so with all names of a single period.
    if len(last) < 2 or last in ("in", "day", "month", "year", "hour", "minute", "second", "week"):
        return None
    units = unit_named(last)
    shown = str(value).removesuffix(".0")
    if len(units) != 1 or shown not in told.lower:
        return None
    [unit] = units
    found: set[str] = set()
    for match in _AMOUNT.finditer(told.lower):
        if match.group(1).removesuffix(".0") != shown:
            continue
        behind = unit_after(told.lower, match.end())
        if not behind or any(other.family != unit.family or other == unit for other in behind):
            return None
        found.add(behind[0].name)
    return " and ".join(sorted(found)) or None


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
