"""Whether an answer in words says only what the results and the conversation say.

Decided are numbers in digits, dates and times, codes and addresses, what stands in quotation marks,
and (in English) names: each has to come from a result, an argument, the conversation, or the
description of a tool that was called. Anything else is left to judges.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from data.types import Sample
from verifiers.semantic.clock_times import read_times
from verifiers.semantic.conversation import Conversation, squeezed
from verifiers.semantic.dates import named_dates, spelled_dates, without_dates, written_dates
from verifiers.semantic.moments import relative_dates
from verifiers.semantic.numbers import read_numbers
from verifiers.semantic.standing import number_stands, stands_alone

_LONGEST = 20_000
_TOKEN = re.compile(r"(?:[^\s,;()\[\]{}\"“”<>|]|(?<=\d),(?=\d))+")
_DATE_DIGITS = 8
_EDGES = ".:!?'’*_"
_AMOUNT = re.compile(
    r"[$€£¥]?[-+−]?[\d.,]*\d(?:st|nd|rd|th|[ap]m|[a-zµ°%]{1,4}(?:[/²³]\w*)?)?[%°]?"
)
_TIME = re.compile(
    r"(?<![\d:.])(\d{1,2})(?::(\d\d)(?::\d\d)?\s*([ap])?\.?m?\b|\s*([ap])\.?m\b\.?)", re.IGNORECASE
)
_QUOTED = re.compile(r"“([^“”]*)”|«([^«»]*)»|\"([^\"]*)\"")
_NAME = re.compile(r"(?<![\w'’-])[A-ZÀ-ÖØ-Þ][\w'’-]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\n\"“”(•*–—-])[\s\"“(*]*$")
_OF_TIME = re.compile(r"\b(?:hours?|minutes?|seconds?|days?|weeks?|months?|years?|hrs?|mins?|h)\b")
_LARGEST = 1e15
_PARTS = (60, 24, 7, 12)
_SIZES = (1e3, 1e6, 1e9)
_LARGE = re.compile(r"\d\s?[km]\b|\b(?:thousand|million|billion|k|m|bn)\b")
_ALWAYS = frozenset(
    (
        "i i'm i've i'll i'd ok okay monday tuesday wednesday thursday friday saturday sunday "
        "january february march april may june july august september october november december "
        "yes no"
    ).split()
)


def ungrounded(answer: str, sample: Sample) -> str | None:
    """What an answer says that nothing gives, in words; None where all of it is given.

    `sample` is the record before the answer, with results.
    """
    given = _Given(sample)
    if len(given.text) > _LONGEST or len(answer) > _LONGEST:
        return None  # more than the readers read
    return next(_problems(answer, given), None)


def _problems(answer: str, given: "_Given") -> Iterator[str]:
    for groups in _QUOTED.findall(answer):
        quoted = "".join(groups).rstrip(" …")
        if len(quoted) > 1 and not given.holds(quoted):
            yield f"the quotation {quoted[:60]!r}"
    # What is quoted is given as a whole, digits and all.
    lower = _TOKEN.sub(lambda found: _unless_given(found, given), _QUOTED.sub(" ", answer).lower())
    for readings in written_dates(lower):
        if not any(given.dates(day) for day in readings):
            yield f"the date {min(readings)}"
    for month, day, year in spelled_dates(lower):
        if year is None and not given.month_day(month, day):
            yield f"the {day}. of month {month}"
    rest = without_dates(lower)
    for match in _TIME.finditer(rest):
        if not given.holds(match.group()) and _clock(match) not in given.times:
            yield f"the time {match.group().strip()}"
    rest = _TIME.sub(" ", rest)
    kept = []
    for token in (found.strip(_EDGES) for found in _TOKEN.findall(rest)):
        if _is_amount(token):
            kept.append(token)
        elif not squeezed(token) or given.holds(token):
            continue
        elif _is_code(token):
            yield f"`{token[:60]}`"
        else:
            kept.append(token)
    for number in sorted({abs(number) for number in read_numbers(" ; ".join(kept)).written}):
        if not given.number(number, lower):
            yield f"the number {number:g}"
    if given.english:
        yield from _names(answer, given)


def _unless_given(found: re.Match[str], given: "_Given") -> str:
    """Nothing for what stands there as it is: an IP address or a long number reads as a date."""
    token = found.group().strip(_EDGES)
    digits = sum(character.isdigit() for character in token)
    if not digits or (_is_amount(token) and digits < _DATE_DIGITS):
        return found.group()  # such as the year of a date in words
    known = given.states(token) if _is_amount(token) else given.holds(token)
    return " " if known else found.group()


def _names(answer: str, given: "_Given") -> Iterator[str]:
    for match in _NAME.finditer(answer):
        name = match.group().rstrip("'’-").removesuffix("'s").removesuffix("’s")
        if name.lower() in _ALWAYS or _SENTENCE_START.search(answer[: match.start()]):
            continue
        if not given.holds(name):
            yield f"the name `{name[:60]}`"


def _is_amount(token: str) -> bool:
    return _AMOUNT.fullmatch(token) is not None and token.count(".") < 2


def _is_code(token: str) -> bool:
    """A code, address or link: nobody makes one up in good faith."""
    if "@" in token or "://" in token:
        return True
    if sum(character.isdigit() for character in token) < 3:
        return False
    return any(character.isalpha() for character in token) or token.count(".") > 1


def _clock(match: re.Match[str]) -> tuple[int, int]:
    hour, minute = int(match[1]), int(match[2] or 0)
    half = (match[3] or match[4] or "").lower()
    return (hour % 12 + 12 * (half == "p"), minute) if half else (hour, minute)


class _Given:
    """All that an answer may draw on."""

    def __init__(self, sample: Sample) -> None:
        self.told = Conversation.of(sample)
        self.values = [
            *(result.value for result in sample.results),
            *(call.arguments for call in sample.calls),
        ]
        self.calls = len(sample.calls)
        self.english = sample.language == "en" and not self.told.is_foreign
        called = {call.name for call in sample.calls}
        about = [tool.description for tool in sample.tools if tool.name in called]
        self.text = "\n".join([self.told.text, *_texts(self.values), *about])
        schemas = [str(tool.parameters) for tool in sample.tools if tool.name in called]
        self._words = "\n".join([self.text, *schemas, *called]).lower().replace("_", " ")

    @cached_property
    def _squeezed(self) -> str:
        return squeezed(self._words)

    def holds(self, text: str) -> bool:
        """Whether a text stands there, however it is spaced and punctuated."""
        lower = text.lower()
        if len(squeezed(text)) > 2:
            return squeezed(text) in self._squeezed
        return stands_alone(lower, self._words) or (
            not squeezed(text) and " ".join(lower.split()) in " ".join(self._words.split())
        )

    def states(self, number: str) -> bool:
        """Whether a number stands there in the same digits, not as a part of another one."""
        return number_stands(number, self.text)

    def dates(self, day: Any) -> bool:
        """Whether a day is named, or follows from today's date."""
        if named_dates(self.text).name(day):
            return True
        today = self.told.today
        return today is not None and day in relative_dates(self.told.heard, today)

    def month_day(self, month: int, day: int) -> bool:
        """The same for a day without its year."""
        named = named_dates(self.text)
        days = set(named.days)
        if self.told.today:
            days |= relative_dates(self.told.heard, self.told.today)
        return (month, day) in named.yearless or any(
            (known.month, known.day) == (month, day) for known in days
        )

    @cached_property
    def times(self) -> frozenset[tuple[int, int]]:
        """Times of day: those on a clock, and in the query also those in words."""
        written = frozenset(_clock(match) for match in _TIME.finditer(self.text))
        return written | read_times(self.told.query)

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Every number there, whatever it stands in."""
        read = read_numbers(self.text)
        return frozenset((*read.written, *read.read, *_numbers(self.values)))

    @cached_property
    def counts(self) -> frozenset[int]:
        """What can be counted: the calls, up to their number, and the items of each list."""
        return frozenset((*range(self.calls + 1), *_lengths(self.values)))

    def number(self, value: float, lower: str) -> bool:
        """Whether a number in an answer (in lower case) is given, perhaps rounded or scaled."""
        if value in (0, 1) or value in self.counts:
            return True
        decimals = len(f"{value:.10f}".rstrip("0").partition(".")[2])
        large = _LARGE.search(lower) is not None
        for known in map(abs, self.numbers):
            if _rounds_to(known, value, decimals) or (value == known / 100):
                return True
            # 0.278 is 28 %, and 1,234,500 is 1.2 million.
            if known <= 2 and _rounds_to(100 * known, value, decimals):
                return True
            if large and any(_rounds_to(known / size, value, decimals) for size in _SIZES):
                return True
        if _OF_TIME.search(lower) is None:
            return False
        whole = (abs(known) for known in _numbers(self.values) if known == int(known))
        return any(value in divmod(known, part) for known in whole for part in _PARTS)


def _rounds_to(size: float, value: float, decimals: int) -> bool:
    if abs(size - value) <= 1e-9 * max(1.0, value):
        return True
    return size <= _LARGEST and round(size, decimals) == value


def _texts(value: Any) -> Iterator[str]:
    """The scalars in a value as text, each on its own, and the keys of its objects."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key).replace("_", " ")
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _numbers(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
        yield float(value)


def _lengths(value: Any) -> Iterator[int]:
    if isinstance(value, dict | list):
        yield len(value) if isinstance(value, list) else 0
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _lengths(inner)
