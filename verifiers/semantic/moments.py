"""Whether a text gives a date, relative ones by the date of the system turn; how long spans are."""

import re
from datetime import date, timedelta
from functools import lru_cache

from verifiers.semantic.clock_times import clock_minutes
from verifiers.semantic.dates import has_other_month, named_dates, written_dates
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
"""Spans that lead from today to another day, and their days."""
_LAST_WORDS = re.compile(r"[\w-]{1,20}(?:\s[\w-]{1,20})?$")
_SHIFT = re.compile(r"\b(after|before|until|since|from|overnight|next day|day after)\b")
"""Words with which the day next to a named one may be meant: nights end on another day."""
_SPAN_DAYS = {
    **dict.fromkeys(("day", "night", "noche", "día", "dia"), (1,)),
    **dict.fromkeys(("week", "semana"), (7,)),
    "month": (28, 29, 30, 31),
    "year": (365, 366),
}
"""Span of time → the days that it may be long."""
_FOREIGN_RELATIVE = re.compile(
    r"\b(hoy|mañana|ayer|aujourd'hui|demain|hier|heute|morgen|gestern|oggi|domani|ieri|hoje|amanhã|"
    r"ontem|сегодня|завтра|вчера)\b|今天|明天|昨天|后天|今日|明日|오늘|내일|어제|اليوم|غدا"
)
"""`today`, `tomorrow` and `yesterday` in other languages, which are not resolved."""
_TODAY = re.compile(
    r"(?:today(?:'s date)?|current date|date)\s?(?:is|:|=)?\s?(?:[a-z]{3,6}day,?\s?)?(.{6,24})"
)
"""How system turns give the date, and what follows: the date itself."""


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
    times = clock_minutes(text)[:12]
    for first in times:
        for second in times:
            minutes = abs(first - second)
            found |= {float(minutes), minutes * 60.0, minutes / 60}
    return frozenset(found)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
