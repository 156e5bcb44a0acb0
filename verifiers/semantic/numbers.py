"""Reads the numbers out of free text: digits, groups, words, dozens, percentages, durations.

Written for any text, not for one generator's: the reader is generous, because a number that it
misses would reject a right answer, while one too many costs a little sharpness.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_SMALL = {
    word: value
    for value, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen "
            "fourteen fifteen sixteen seventeen eighteen nineteen"
        ).split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        (
            "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh "
            "twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
            "twentieth"
        ).split()
    )
}
_LOOSE = {
    "dozen": 12.0,
    "half": 0.5,
    "quarter": 0.25,
    "third": 1 / 3,
    "couple": 2.0,
    "pair": 2.0,
    "whole": 0.0,
    "tenth": 1.0,
    "hundredth": 2.0,
    "thousandth": 3.0,
    "cent": 2.0,
    "once": 1.0,
    "twice": 2.0,
    "thrice": 3.0,
    "single": 1.0,
    "double": 2.0,
    "triple": 3.0,
    "both": 2.0,
    "integer": 0.0,
    "score": 20.0,
    "no": 0.0,
    "none": 0.0,
    "zilch": 0.0,
    "a": 1.0,
    "an": 1.0,
}
_SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9, "bn": 1e9, "mn": 1e6, "mio": 1e6}
_SECONDS = {
    "second": 1,
    "sec": 1,
    "minute": 60,
    "min": 60,
    "hour": 3600,
    "hr": 3600,
    "h": 3600,
    "day": 86_400,
    "week": 604_800,
}
_CALENDAR = {
    ("year", "month"): 12,
    ("week", "day"): 7,
    ("year", "quarter"): 4,
    ("decade", "year"): 10,
    ("year", "day"): 365,
    ("year", "week"): 52,
}

_NUMBER = re.compile(
    r"(?<![\w.])[-+\u2212]?(?:\d{1,3}(?:[,\u202f\u00a0' ]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)"
    r"(?:[eE][-+]?\d+)?"
)
_WORD = re.compile(r"[a-z]+")
_UNIT_AHEAD = re.compile(
    r"\s+(?:second|minute|hour|day|week|fortnight|month|quarter|year|decade|dozen|hundred|thousand|"
    r"million|single|half|quarter|metre|meter|mile|kilo|pound|litre|liter|cup|person|guest)s?\b"
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = re.compile(
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_PERCENT = re.compile(r"\s*(?:%|percent|per cent|pct)")
_NEGATIVE = re.compile(r"\b(?:minus|negative|below|south|west|drop|loss|owe)\b")


@dataclass(frozen=True)
class Numbers:
    """What a text says in numbers."""

    written: frozenset[float]
    """Numbers that stand there in digits."""
    read: frozenset[float]
    """Numbers in words, with suffixes, as parts of dates and codes, as percentages."""
    converted: frozenset[float]
    """Numbers that a unit turns into others: an hour and a half is 90 and 5,400."""

    def holds(self, value: float) -> bool:
        """Whether the text gives the value in any way."""
        return any(_near(value, known) for known in self.written | self.read | self.converted)


@lru_cache(maxsize=4096)
def read_numbers(text: str) -> Numbers:
    """Read all numbers that a text can be taken to give."""
    lower = text.lower()
    written: set[float] = set()
    read: set[float] = set()
    amounts: list[tuple[float, int]] = []
    for match in _NUMBER.finditer(lower):
        value = _digits(match.group())
        written |= {value, abs(value)}
        rest = lower[match.end() : match.end() + 12].lstrip()
        suffix = re.match(r"(bn|mn|mio|k|m|b)\b", rest)
        if suffix:
            read.add(value * _SUFFIXES[suffix.group()])
            value *= _SUFFIXES[suffix.group()]
        scale = re.match(r"(hundred|thousand|million|billion)\b", rest)
        if scale:
            value *= _SCALES[scale.group()]
            read.add(value)
        amounts.append((value, match.end()))
        if "," in match.group():
            # 2,5 in much of Europe; also a list without spaces.
            read |= {_digits(part) for part in match.group().split(",") if part.strip("+-")}
    read |= {float(part) for part in re.findall(r"\d+", lower) if len(part) <= 15}
    for value, end in _in_words(lower):
        read.add(value)
        amounts.append((value, end))
    for value, end in amounts:
        if _PERCENT.match(lower, end):
            read.add(round(value / 100, 12))
    read |= {float(_MONTHS.index(name[:3]) + 1) for name in _MONTH.findall(lower)}
    if _NEGATIVE.search(lower):
        read |= {-value for value in [*written, *read]}
    return Numbers(frozenset(written), frozenset(read), frozenset(_conversions(lower, amounts)))


def _near(value: float, known: float) -> bool:
    return abs(value - known) <= 1e-9 * max(1.0, abs(value), abs(known))


def _digits(text: str) -> float:
    plain = re.sub(r"[ \u202f\u00a0']", "", text.replace("\u2212", "-"))
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?(e[-+]?\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        return float(plain.replace(",", "."))
    except ValueError:
        return 0.0


def _in_words(text: str) -> list[tuple[float, int]]:
    """Numbers spelled out, each with where it ends; every prefix of a run counts as well."""
    found: list[tuple[float, int]] = []
    total = current = 0.0
    active = False
    for match in _WORD.finditer(text):
        word = match.group()
        single = word[:-1] if word.endswith("s") and word[:-1] in _TENS | _SCALES else word
        if single in _SMALL or single in _TENS:
            value = float(_SMALL.get(single, _TENS.get(single, 0)))
            joins = (
                active
                and single in _SMALL
                and 0 < value < 10
                and current % 100 >= 20
                and (current % 10 == 0)
            )
            after_hundred = active and current >= 100 and current % 100 == 0 and current > 0
            current = current + value if joins or after_hundred else value
            if not (joins or after_hundred) and not active:
                total = 0.0
            active = True
            found += [(value, match.end()), (total + current, match.end())]
        elif single in _SCALES:
            scale = _SCALES[single]
            base = current if active else 1.0
            if scale == 100:
                current = base * 100
            else:
                total += base * scale
                current = 0.0
            active = True
            found += [(total + current, match.end()), (base * scale, match.end())]
        elif word in _ORDINALS:
            value = float(_ORDINALS[word])
            found += [(value, match.end()), (current + value if active else value, match.end())]
            active, total, current = False, 0.0, 0.0
        elif word in _LOOSE:
            value = _LOOSE[word]
            if active and word in ("half", "quarter"):
                found.append((total + current + value, match.end()))
            elif active and word == "dozen":
                found.append((current * 12, match.end()))
            if word not in ("a", "an") or _UNIT_AHEAD.match(text, match.end()):
                found.append((value, match.end()))
            if word == "half":
                found.append((1.5, match.end()))
        elif word not in ("and", "point"):
            active, total, current = False, 0.0, 0.0
    return found


def _conversions(text: str, amounts: list[tuple[float, int]]) -> set[float]:
    """What amounts of time come to in other units; `2 hours and 15 minutes` as a whole too."""
    converted: set[float] = set()
    whole = 0.0
    for value, end in amounts:
        match = re.match(r"[\s-]*(?:of an?\s+|an?\s+)?([a-z]+?)s?\b", text[end : end + 20])
        unit = match.group(1) if match else ""
        half = re.match(r"[\s-]*[a-z]+ and a half", text[end : end + 25])
        if half:
            value += 0.5
            converted.add(value)
        if unit in _SECONDS:
            seconds = value * _SECONDS[unit]
            whole += seconds
            converted |= {seconds / size for size in _SECONDS.values()}
        for (large, small), parts in _CALENDAR.items():
            if unit == large:
                converted.add(value * parts)
            elif unit == small:
                converted.add(value / parts)
    if whole:
        converted |= {whole / size for size in _SECONDS.values()}
    return converted
