"""Times of day as texts name them: by the clock, on a twelve-hour one in either half, in words."""

import re
from functools import lru_cache

from verifiers.semantic.number_words import in_words

_TIME = re.compile(
    r"(\b(?:at|by|around|from|between|and|or|to|until|till|before|after|about)\s+|[-–]\s*)?"
    r"(?<![\d:])(\d{1,2})(?:[:.h](\d\d))?(?!\d|st\b|nd\b|rd\b|th\b)(?::\d\d)?\s*([ap]\.?m\b)?"
)
"""A word that leads to a time, if any; hour; minutes; half of the day."""
_HOUR = r"(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2})\b"
_MINUTES = (
    r"(half|quarter|five|ten|twenty[- ]five|twenty|thirty|forty[- ]five|forty|fifteen|fifty|"
    r"\d{1,2})"
)
_BESIDE_HOUR = re.compile(rf"\b{_MINUTES}(?: minutes?)? (past|after|to|before|till|of) {_HOUR}")
_HALF_HOUR = re.compile(rf"\bhalf {_HOUR}")
_HOUR_MINUTES = re.compile(rf"\b{_HOUR}[- ](?:oh[- ])?{_MINUTES}\b")
_NAMED_MINUTES = {"half": 30, "quarter": 15}
_CLOCK = re.compile(r"\b(\d{1,2}|noon|midday|midnight)(?::(\d\d))?\s*([ap])?(?:\.?m\b)?")
"""A number or a name that may be a time; `_is_clock` says whether it is plainly one."""


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
    """What an hour and a minute may stand for: `half` is `a`, `p`, or empty where nothing says."""
    if hour > 24 or minute > 59:
        return set()
    if half == "p":
        return {(hour % 12 + 12, minute)}
    if half == "a":
        return {(hour % 12, minute)}
    later = {((hour + 12) % 24, minute)} if hour <= 12 else set()
    return {(hour % 24, minute)} | later


@lru_cache(maxsize=1024)
def clock_minutes(text: str) -> tuple[int, ...]:
    """The times that are plainly ones (`14:05`, `3 pm`, `noon`), as minutes since midnight."""
    found = _CLOCK.findall(text.lower())
    return tuple(_minutes(*clock) for clock in found if _is_clock(*clock))


def _is_clock(hour: str, minute: str, half: str) -> bool:
    return bool(minute or half) or not hour.isdigit()


def _minutes(hour: str, minute: str, half: str) -> int:
    if not hour.isdigit():
        return 0 if hour == "midnight" else 720
    whole = int(hour) % 12 + 12 * (half == "p") if half else int(hour)
    return whole * 60 + int(minute or 0)
