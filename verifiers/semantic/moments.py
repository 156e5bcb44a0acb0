"""Whether a text gives a date or a time of day, relative ones by the date of the system turn."""

import re
from datetime import date, timedelta
from functools import lru_cache

from verifiers.semantic.dates import has_other_month, named_dates, written_dates
from verifiers.semantic.number_words import in_words
from verifiers.semantic.numbers import read_numbers
from verifiers.semantic.standing import stands_alone

_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_PERIOD = "days?|weeks?|fortnights?|months?|years?|quarters?|decades?"
_RELATIVE = re.compile(
    r"\b(today|tonight|tomorrow|yesterday|now|ago|weekend|christmas|easter|new year|halloween)\b"
    rf"|\b(next|last|this|coming|upcoming|following|previous|past)\s+({_PERIOD}|{'|'.join(_DAYS)})\b"
    rf"|\b(in|within|after|before|for)\s[\w-]{{1,20}}\s({_PERIOD}|nights?)\b"
    rf"|\b({_PERIOD})\s+(from|before|after|later|earlier|ahead|back)\b|\b({'|'.join(_DAYS)})\b"
)
_BEYOND = re.compile(
    r"\b(weekend|christmas|easter|new year|halloween)\b|\b(months?|years?|quarters?|decades?)\b"
)
"""What relative dates are made of that this reader does not work out, even from a known day."""
_LOOSE = re.compile(
    r"\b(?:mid|middle of|early|late)[- ](?:the )?(?:jan|feb|mar|apr|may|ju[nl]|aug|sep|oct|nov|dec"
    r"|\d)|\b(?:spring|summer|autumn|winter|ides|semester|season|decade|"
    r"century|trimester)\b|\bfall (?:of )?\d|\b[qh][1-4]\b|\bquarter\b|\b\d{4}-?w\d\d\b|\d0'?s\b"
)
"""Periods that are named by no first and last day, and weeks and quarters by number."""
_SPAN = re.compile(r"\b(day|night|week|month|year|noche|día|dia|semana)s?\b")
_UNITS_AHEAD = ((re.compile(r"\bdays?\b"), 1), (re.compile(r"\bweeks?\b"), 7))
_LAST_WORDS = re.compile(r"[\w-]{1,20}(?:\s[\w-]{1,20})?$")
_SHIFT = re.compile(r"\b(after|before|until|since|from|overnight|next day|day after)\b")
_SPAN_DAYS = {
    **dict.fromkeys(("day", "night", "noche", "día", "dia"), (1,)),
    **dict.fromkeys(("week", "semana"), (7,)),
    "month": (28, 29, 30, 31),
    "year": (365, 366),
}
_FOREIGN_RELATIVE = re.compile(
    r"\b(hoy|mañana|ayer|aujourd'hui|demain|hier|heute|morgen|gestern|oggi|domani|ieri|hoje|amanhã|"
    r"ontem|сегодня|завтра|вчера)\b|今天|明天|昨天|后天|今日|明日|오늘|내일|어제|اليوم|غدا"
)
_TODAY = re.compile(
    r"(?:today(?:'s date)?|current date|date)\s?(?:is|:|=)?\s?(?:[a-z]{3,6}day,?\s?)?(.{6,24})"
)


@lru_cache(maxsize=1024)
def system_date(system: str) -> date | None:
    """The date of today that a system turn gives, if any."""
    lower = system.lower()
    stated = _TODAY.search(lower)
    for text in (stated.group(1) if stated else "", lower):
        for readings in written_dates(text):
            return min(readings)
    return None


@lru_cache(maxsize=1024)
def names_date(text: str, day: date) -> bool:
    """Whether a text names a day, or one that its spans of time lead to from a day it names."""
    named = named_dates(text)
    if named.name(day):
        return True
    spans = _spans(text.lower())
    if any(abs((day - known).days) in spans for known in named.days):
        return True
    return any(
        abs((day - date(day.year, month, start)).days) in spans
        for month, start in named.yearless
        if _exists(day.year, month, start)
    )


@lru_cache(maxsize=1024)
def relative_dates(text: str, today: date) -> frozenset[date]:
    """The days that a text speaks of relative to today."""
    lower = text.lower()
    found = {today}
    for words, days in (
        ("day after tomorrow", 2),
        ("tomorrow", 1),
        ("yesterday", -1),
        ("day before yesterday", -2),
        ("fortnight", 14),
    ):
        if words in lower:
            found.add(today + timedelta(days=days))
    for pattern, size in _UNITS_AHEAD:
        for match in pattern.finditer(lower):
            numbers = read_numbers(_words_before(lower, match.start()))
            for count in numbers.read | numbers.written:
                if 0 < count <= 3660 and count == int(count):
                    span = timedelta(days=int(count) * size)
                    found |= {today + span, today - span}
    for index, name in enumerate(_DAYS):
        if name in lower or stands_alone(name[:3], lower):
            ahead = (index - today.weekday()) % 7
            found |= {today + timedelta(days=ahead + shift) for shift in (-14, -7, 0, 7, 14)}
    return frozenset(found)


@lru_cache(maxsize=1024)
def may_mean(text: str, day: date) -> bool:
    """Whether a text names the year of a day, and then only a period that may hold the day."""
    lower = text.lower()
    if not (_LOOSE.search(lower) or has_other_month(lower)):
        return False
    years = named_dates(text).years
    return not years or day.year in years or day.year - day.year % 10 in years


def undecidable(text: str, today: date | None) -> bool:
    """Whether a text speaks of dates in a way that this reader may not resolve."""
    lower = text.lower()
    if _FOREIGN_RELATIVE.search(lower):
        return True
    expressions = [match.group() for match in _RELATIVE.finditer(lower)]
    if today is None:
        return bool(expressions)
    return any(_BEYOND.search(expression) for expression in expressions)


_TIME = re.compile(
    r"(\b(?:at|by|around|from|between|and|or|to|until|till|before|after|about)\s+|[-–]\s*)?"
    r"(?<![\d:])(\d{1,2})(?:[:.h](\d\d))?(?!\d|st\b|nd\b|rd\b|th\b)(?::\d\d)?\s*([ap]\.?m\b)?"
)


@lru_cache(maxsize=1024)
def read_times(text: str) -> frozenset[tuple[int, int]]:
    """Every time of day that a text names, as (hour, minute)."""
    lower = text.lower()
    found: set[tuple[int, int]] = set()
    bare: set[tuple[int, int]] = set()
    for link, hour, minute, half in _TIME.findall(lower):
        times = _times(int(hour), int(minute or 0), half[:1])
        if minute or half or link:
            found |= times
        else:
            bare |= times
    if not found:
        found |= bare  # no time is plainly one: any small number may be
    for hour, minute in re.findall(r"(?<!\d)([01]\d|2[0-3])([0-5]\d)(?!\d)", lower):
        found.add((int(hour), int(minute)))
    if "noon" in lower or "midday" in lower:
        found.add((12, 0))
    if "midnight" in lower:
        found |= {(0, 0), (23, 59)}
    spoken = {value for value, _, _ in in_words(lower)}
    found |= _spoken_times(lower)
    for number in spoken:
        if 0 <= number <= 23 and number == int(number):
            found |= {(int(number), 0), ((int(number) + 12) % 24, 0)}
    return frozenset(found)


_HOUR = r"(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})\b"
_MINUTES = (
    r"\b(half|quarter|five|ten|twenty[- ]five|twenty|thirty|forty[- ]five|forty|fifteen|fifty|"
    r"\d{1,2})"
)
_BESIDE_HOUR = re.compile(rf"{_MINUTES}(?: minutes?)? (past|after|to|before|till|of) {_HOUR}")
_HALF_HOUR = re.compile(rf"\bhalf {_HOUR}")
_HOUR_MINUTES = re.compile(rf"\b{_HOUR}[- ](?:oh[- ])?{_MINUTES[2:]}\b")
_NAMED_MINUTES = {"half": 30, "quarter": 15}


def _spoken_times(lower: str) -> set[tuple[int, int]]:
    """Half past seven, ten to five, seven thirty: each in the morning and in the evening."""
    said: list[tuple[str, int]] = []
    for minutes, side, hour in _BESIDE_HOUR.findall(lower):
        before = side in ("to", "before", "till", "of")
        said.append((hour, -_spoken_minutes(minutes) if before else _spoken_minutes(minutes)))
    said += [(hour, 30) for hour in _HALF_HOUR.findall(lower)]
    said += [(hour, _spoken_minutes(minutes)) for hour, minutes in _HOUR_MINUTES.findall(lower)]
    found = set()
    for hour, minutes in said:
        number = int(hour) if hour.isdigit() else int(in_words(hour)[0][0])
        for half in (0, 12):
            total = ((number + half) * 60 + minutes) % 1440
            found.add((total // 60, total % 60))
    return found


def _spoken_minutes(words: str) -> int:
    if words in _NAMED_MINUTES:
        return _NAMED_MINUTES[words]
    return int(words) if words.isdigit() else int(in_words(words)[-1][0])


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


def _words_before(lower: str, end: int) -> str:
    """The one or two words that stand before a place in a text."""
    match = _LAST_WORDS.search(lower[max(0, end - 42) : end].rstrip(" -"))
    return match.group() if match else ""


def _spans(lower: str) -> set[int]:
    """Lengths in days of the spans of time in a text, one more or less for how ends are counted."""
    found = {1} if _SHIFT.search(lower) else set()
    for match in _SPAN.finditer(lower):
        numbers = read_numbers(_words_before(lower, match.start()))
        for count in (*numbers.read, *numbers.written, 1.0):
            if 0 < count <= 1000 and count == int(count):
                days = {int(count) * size for size in _SPAN_DAYS[match.group(1)]}
                found |= days | {length - 1 for length in days}
    return found - {0}


@lru_cache(maxsize=1024)
def lengths(text: str) -> frozenset[float]:
    """Distances between the dates and between the times of day in a text, in every usual unit."""
    named = named_dates(text)
    years = named.years or {2024}
    yearless = {date(year, *day) for day in named.yearless for year in years if _exists(year, *day)}
    days = sorted({*named.days, *yearless})[:12]
    apart = {abs((first - second).days) for first in days for second in days}
    found = {float(distance + extra) for distance in apart if distance for extra in (-1, 0, 1)}
    times = [_minutes(*clock) for clock in _CLOCK.findall(text.lower()) if _is_clock(*clock)]
    for first in times[:12]:
        for second in times[:12]:
            minutes = abs(first - second)
            found |= {float(minutes), minutes * 60.0, minutes / 60}
    return frozenset(found)


_CLOCK = re.compile(r"\b(\d{1,2}|noon|midday|midnight)(?::(\d\d))?\s*([ap])?(?:\.?m\b)?")


def _is_clock(hour: str, minute: str, half: str) -> bool:
    return bool(minute or half) or not hour.isdigit()


def _minutes(hour: str, minute: str, half: str) -> int:
    if not hour.isdigit():
        return 0 if hour == "midnight" else 720
    whole = int(hour) % 12 + 12 * (half == "p") if half else int(hour)
    return whole * 60 + int(minute or 0)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
