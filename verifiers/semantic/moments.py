"""Reads dates and times of day out of free text, relative ones by the date of the system turn."""

import re
from datetime import date, timedelta
from functools import lru_cache

from verifiers.semantic.numbers import read_numbers

_MONTHS = (
    "january february march april may june july august september october november december"
).split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH = "|".join(f"{name}|{name[:3]}|{name[:4]}" for name in _MONTHS)
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,4})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)")
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\.?\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?:of\s+)?(\d{{4}}))?"
)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH})\b\.?(?:,?\s+(?:of\s+)?(\d{{4}}))?"
)
_SYSTEM_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PERIOD = "days?|weeks?|fortnights?|months?|years?|quarters?|decades?"
_RELATIVE = re.compile(
    r"\b(today|tonight|tomorrow|yesterday|now|ago|weekend|christmas|easter|new year|halloween)\b"
    rf"|\b(next|last|this|coming|following|previous|past)\s+({_PERIOD}|{'|'.join(_DAYS)})\b"
    rf"|\b(in|within|after|before)\s+[\w-]+\s+({_PERIOD})\b"
    rf"|\b({_PERIOD})\s+(from|before|after|later|earlier|ahead|back)\b"
)
_BEYOND = re.compile(
    r"\b(weekend|christmas|easter|new year|halloween)\b|\b(months?|years?|quarters?|decades?)\b"
)
"""What relative dates are made of that this reader does not work out, even from a known day."""


def system_date(system: str) -> date | None:
    """The date that a system turn gives, if any."""
    match = _SYSTEM_DATE.search(system)
    try:
        return date.fromisoformat(match.group()) if match else None
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def read_dates(text: str, today: date | None) -> frozenset[date]:
    """Every date that a text can be taken to name, ambiguous ones in both readings."""
    lower = text.lower()
    found: set[date] = set()
    for first, second, third in _NUMERIC.findall(lower):
        numbers = int(first), int(second), int(third)
        for year, month, day in (
            (numbers[0], numbers[1], numbers[2]),
            (numbers[2], numbers[0], numbers[1]),
            (numbers[2], numbers[1], numbers[0]),
        ):
            found |= _valid(year if year >= 100 else 2000 + year, month, day)
    for year, month, day in _COMPACT.findall(lower):
        found |= _valid(int(year), int(month), int(day))
    years = {int(year) for year in re.findall(r"\b(?:1[5-9]|2[01])\d\d\b", lower)}
    years |= {today.year, today.year + 1, today.year - 1} if today else set()
    for month, day, stated in _MONTH_FIRST.findall(lower):
        for year in {int(stated)} if stated else years:
            found |= _valid(year, _month(month), int(day))
    for day, month, stated in _DAY_FIRST.findall(lower):
        for year in {int(stated)} if stated else years:
            found |= _valid(year, _month(month), int(day))
    if today is not None:
        found |= _relative_dates(lower, today)
    return frozenset(found)


def undecidable(text: str, today: date | None) -> bool:
    """Whether a text speaks of dates in a way that this reader may not resolve."""
    expressions = [match.group() for match in _RELATIVE.finditer(text.lower())]
    if today is None:
        return bool(expressions)
    return any(_BEYOND.search(expression) for expression in expressions)


@lru_cache(maxsize=4096)
def read_times(text: str) -> frozenset[tuple[int, int]]:
    """Every time of day that a text names, as (hour, minute)."""
    lower = text.lower()
    found: set[tuple[int, int]] = set()
    for hour, minute, half in re.findall(
        r"(?<![\d:])(\d{1,2})(?:[:.h](\d\d))?(?::\d\d)?\s*([ap]\.?m\b)?", lower
    ):
        found |= _times(int(hour), int(minute or 0), half[:1])
    if "noon" in lower or "midday" in lower:
        found.add((12, 0))
    if "midnight" in lower:
        found.add((0, 0))
    spoken = read_numbers(lower).read
    for words, minutes in (("half past", 30), ("quarter past", 15), ("quarter to", -15)):
        if words in lower:
            for number in spoken:
                if 1 <= number <= 12 and number == int(number):
                    for hour in (int(number), int(number) + 12):
                        total = (hour * 60 + minutes) % 1440
                        found.add((total // 60, total % 60))
    for number in spoken:
        if 0 <= number <= 23 and number == int(number):
            found |= {(int(number), 0), ((int(number) + 12) % 24, 0)}
    return frozenset(found)


def _times(hour: int, minute: int, half: str) -> set[tuple[int, int]]:
    if hour > 24 or minute > 59:
        return set()
    if half == "p":
        return {(hour % 12 + 12, minute)}
    if half == "a":
        return {(hour % 12, minute)}
    return (
        {(hour % 24, minute), ((hour + 12) % 24, minute)} if hour <= 12 else {(hour % 24, minute)}
    )


def _relative_dates(text: str, today: date) -> set[date]:
    found = {today}
    for words, days in (
        ("day after tomorrow", 2),
        ("tomorrow", 1),
        ("yesterday", -1),
        ("day before yesterday", -2),
        ("fortnight", 14),
    ):
        if words in text:
            found.add(today + timedelta(days=days))
    for unit, size in (("day", 1), ("week", 7)):
        for match in re.finditer(rf"([\w-]+(?:\s+[\w-]+)?)\s+{unit}s?\b", text):
            for count in read_numbers(match.group(1)).read | read_numbers(match.group(1)).written:
                if 0 < count <= 3660 and count == int(count):
                    span = timedelta(days=int(count) * size)
                    found |= {today + span, today - span}
    for index, name in enumerate(_DAYS):
        if name in text or re.search(rf"\b{name[:3]}\b", text):
            ahead = (index - today.weekday()) % 7
            found |= {today + timedelta(days=ahead + shift) for shift in (-14, -7, 0, 7, 14)}
    return found


def _month(text: str) -> int:
    return next(index for index, name in enumerate(_MONTHS, 1) if name.startswith(text[:3]))


def _valid(year: int, month: int, day: int) -> set[date]:
    try:
        return {date(year, month, day)}
    except ValueError:
        return set()
