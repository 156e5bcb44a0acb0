"""Reads the numbers out of free text: digits, groups, words, percentages, amounts with units.

Written for any text, not for one generator's: the reader is generous, because a number that it
misses would reject a right answer, while one too many costs a little sharpness.
"""

import math
import re
import unicodedata
from collections.abc import Collection
from functools import cached_property, lru_cache

from verifiers.semantic.number_words import in_words, roman
from verifiers.semantic.units import Unit, conversions, unit_after

_SUFFIXES = {
    "k": 1e3, "thousand": 1e3, "grand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "trillion": 1e12, "hundred": 1e2, "lakh": 1e5,
    "crore": 1e7, "dozen": 12.0,
}  # fmt: skip
_SUFFIX = re.compile(
    r"\s*(k|m|mn|mio|b|bn|hundred|thousand|grand|million|billion|trillion|lakh|crore|dozen)s?\b"
)
_SI = {"p": 1e-12, "n": 1e-9, "µ": 1e-6, "μ": 1e-6, "u": 1e-6, "m": 1e-3, "c": 1e-2, "k": 1e3,
       "g": 1e9, "t": 1e12}  # fmt: skip
_SI_UNIT = re.compile(r"\s*([pnµμumckgt])(?:f|h|hz|v|a|w|wh|j|ohms?|ω|ev|pa|c|n|mol)\b")
_NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:[,\u202f\u00a0' ]\d{3})+(?:\.\d+)?(?!\d*,\d)"
    r"|\d{1,3}(?:[. \u202f\u00a0]\d{3})+,\d+"
    r"|\d+(?:[.,]\d+)?|\.\d+)(?:e[-+]?\d+)?"
)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_GAPS = re.compile(r"[ \u202f\u00a0']")
_ENGLISH_GROUPS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?(e[-+]?\d+)?")
_OTHER_GROUPS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+,\d+")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = re.compile(
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_PERCENT = re.compile(r"\s*(?:%|percent|per cent|pct|bps|basis points)")
_POWER = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*[x×*·⋅]\s*10\s*\^?\s*\(?([-+−]?\d+)")
_MINUS = re.compile(r"[-−]\s*(\d+(?:\.\d+)?)")
_PI = re.compile(r"(?:(?<![\d.])(\d+(?:\.\d+)?) ?\*? ?|\b)(?:pi\b|π)(?: ?/ ?(\d+))?|π")
_FRACTION = re.compile(r"(?<![\d/])(?:(\d+)\s+)?(\d{1,4})\s*/\s*(\d{1,4})(?![\d/])")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b")
_CLOCK = re.compile(r"\b(\d{1,2})(?::\d\d)?\s*p\.?m\b")
_BOUND = re.compile(
    r"\b(more than|over|above|greater than|exceeding|older than|less than|under|below|fewer than|"
    r"up to|before|after|until)\s+(?:the\s+)?[$€£]?(\d+)\b"
)
_DMS = re.compile(r"(?<!\d)(\d+)\s*°\s*(\d+)\s*['′](?:\s*(\d+(?:\.\d+)?)\s*[\"″])?")
_SHORT_YEAR = re.compile(r"(?<!\w)['’](\d\d)\b")
_CENTURIES = (1900.0, 2000.0)
_OFTEN = {
    "annual": 1, "yearly": 1, "semi-annual": 2, "semiannual": 2, "half-year": 2, "biannual": 2,
    "quarterly": 4, "monthly": 12, "weekly": 52, "biweekly": 26, "daily": 365, "hourly": 24,
    "century": 100, "quarter of": 0.25,
}  # fmt: skip
_TWO_OF_US = re.compile(
    r"\b(?:me|myself|i) and (?:my |a |one )?[a-z]+\b|\b(?:my )?[a-z]+ and (?:me|i|myself)\b"
)
_UNIT_ALONE = re.compile(
    r"\b(?:next|last|past|upcoming|coming|this|per|each|every|a|an|the|following|previous|"
    r"entire|whole)\s+(?=(?:hour|day|week|weekend|fortnight|month|year|decade|minute)\b)"
)
_ROUGHLY = 0.01
_FAR = 25
"""Characters between the parts of one amount, at most."""


Made = set[tuple[float, float]]


class Numbers:
    """What a text says in numbers; what takes longer to read is read when it is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lower = _plain(text)

    @cached_property
    def written(self) -> frozenset[float]:
        """Numbers that stand there in digits."""
        found = [_digits(number) for number in _NUMBER.findall(self._lower)]
        return frozenset((*found, *map(abs, found)))

    @property
    def read(self) -> frozenset[float]:
        """Numbers in words, with suffixes, as parts of dates and codes, as percentages."""
        return self._read[0]

    @property
    def converted(self) -> frozenset[tuple[float, float]]:
        """What amounts of time and opposite signs come to (an hour and a half is 90 minutes).

        Each with the number that it was made from.
        """
        return self._read[1]

    @property
    def rounded(self) -> frozenset[tuple[float, float]]:
        """The same for other units and irrational factors, where rounding is usual."""
        return self._read[2]

    @cached_property
    def _read(
        self,
    ) -> tuple[frozenset[float], frozenset[tuple[float, float]], frozenset[tuple[float, float]]]:
        return _read_all(self._text, self._lower, self.written)

    def gives(self, value: float) -> bool:
        """Whether the text has the number itself, written in one way or another."""
        if value in self.written or value in self.read:
            return True
        return any(_near(value, known) for known in self.written | self.read)

    def comes_to(self, value: float, used: Collection[float] = ()) -> bool:
        """Whether an amount of the text comes to the value in another unit.

        Numbers in `used` stand for themselves: nothing is made from them roughly.
        """
        for known, source in self.converted:
            if _near(value, known) and source not in used:
                return True
        for known, source in self.rounded:
            if _near(value, known) or (
                abs(value - known) <= _ROUGHLY * abs(known) and source not in used
            ):
                return True
        return False


@lru_cache(maxsize=4096)
def read_numbers(text: str) -> Numbers:
    """Read all numbers that a text can be taken to give."""
    return Numbers(text)


def _read_all(
    text: str, lower: str, written: frozenset[float]
) -> tuple[frozenset[float], frozenset[tuple[float, float]], frozenset[tuple[float, float]]]:
    """Return numbers not written in digits, and what numbers come to, exactly and rounded."""
    read: set[float] = set()
    converted: Made = set()
    rounded: Made = set()
    amounts: list[tuple[float, int, int]] = []
    if _HAS_DIGIT.search(lower):
        amounts += _in_digits(lower, read)
        _notations(lower, read, rounded)
    for value, start, end in in_words(lower):
        read.add(value)
        amounts.append((value, start, end))
    for match in _UNIT_ALONE.finditer(lower):
        amounts.append((1.0, match.start(), match.end()))
    for value, _, end in amounts:
        if _PERCENT.match(lower, end):
            read |= {round(value / 100, 12), round(value / 10_000, 12), round(1 + value / 100, 12)}
    read |= {float(_MONTHS.index(name[:3]) + 1) for name in _MONTH.findall(lower)}
    if _TWO_OF_US.search(lower):
        read.add(2.0)
    read |= {float(times) for often, times in _OFTEN.items() if often in lower}
    read |= roman(text)
    _amounts(lower, sorted(amounts, key=lambda amount: amount[1:]), converted, rounded)
    converted |= {(-value, -value) for value in (*written, *read) if value}
    return frozenset(read), frozenset(converted), frozenset(rounded)


_HAS_DIGIT = re.compile(r"\d|π|\bpi\b")


def _plain(text: str) -> str:
    """Lower case, with the digits of other scripts as 0 to 9 and vulgar fractions spelled."""
    if text.isascii():
        return text.lower()
    return "".join(_plain_character(character) for character in text).lower()


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.category(character) == "No" and character in "¼½¾⅓⅔⅛⅜⅝⅞":
        return f" {unicodedata.numeric(character):.6g} "
    return character


def _in_digits(lower: str, read: set[float]) -> list[tuple[float, int, int]]:
    """Numbers in digits and where they stand; those with a suffix go to `read` in full."""
    amounts = []
    for match in _NUMBER.finditer(lower):
        value = _digits(match.group())
        end = match.end()
        if suffix := _SUFFIX.match(lower, end):
            read.add(value * _SUFFIXES[suffix.group(1)])
            if len(suffix.group(1)) > 2:
                value, end = value * _SUFFIXES[suffix.group(1)], suffix.end()
            else:
                amounts.append((value * _SUFFIXES[suffix.group(1)], match.start(), suffix.end()))
        amounts.append((value, match.start(), end))
        if "," in match.group() or " " in match.group():
            # 2,5 in much of Europe; also a list without spaces.
            parts = re.split(r"[, ]", match.group())
            read |= {_digits(part) for part in parts if part.strip("+-−")}
        if re.fullmatch(r"[-+−]?\d{1,3}(\.\d{3})+", match.group()):
            read.add(_digits(match.group().replace(".", "")))
    read |= {float(part) for part in _DIGITS.findall(lower) if len(part) <= 15}
    return amounts


def _notations(lower: str, read: set[float], rounded: Made) -> None:
    """Numbers that several signs make up together."""
    if "-" in lower or "−" in lower:
        read |= {-float(part) for part in _MINUS.findall(lower) if len(part) <= 15}
    if "10" in lower:
        for base, exponent in _POWER.findall(lower):
            power = int(exponent.replace("−", "-")) if len(exponent) < 5 else 0
            if abs(power) < 300:
                read.add(float(base) * 10.0**power)
    if "/" in lower:
        for whole, above, below in _FRACTION.findall(lower):
            if int(below) and len(whole) <= 15:
                read |= {int(above) / int(below), int(whole or 0) + int(above) / int(below)}
    for number in _ORDINAL.findall(lower):
        read |= {float(number), float(number) - 1}
    read |= {float(hour) % 12 + 12 for hour in _CLOCK.findall(lower)}
    for _, bound in _BOUND.findall(lower):
        if len(bound) <= 15:
            read |= {float(bound) + 1, float(bound) - 1}
    if "'" in lower or "’" in lower:
        years = _SHORT_YEAR.findall(lower)
        read |= {century + float(year) for year in years for century in _CENTURIES}
    if "pi" in lower or "π" in lower:
        for factor, divisor in _PI.findall(lower):
            times = float(factor or 1) / (float(divisor or 1) or 1.0)
            rounded.add((times * math.pi, math.pi))
    if "°" in lower:
        for degrees, minutes, seconds in _DMS.findall(lower):
            whole = float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
            rounded.add((whole, float(degrees)))


def _near(value: float, known: float) -> bool:
    return abs(value - known) <= 1e-9 * max(1.0, abs(value), abs(known))


def _digits(text: str) -> float:
    plain = _GAPS.sub("", text.replace("−", "-"))
    if _ENGLISH_GROUPS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _OTHER_GROUPS.fullmatch(plain):
        plain = plain.replace(".", "")
    try:
        value = float(plain.replace(",", "."))
    except ValueError:
        return 0.0
    return value if math.isfinite(value) else 0.0


def _amounts(
    lower: str,
    amounts: list[tuple[float, int, int]],
    converted: Made,
    rounded: Made,
) -> None:
    """What amounts come to in other units; `2 hours and 15 minutes` as a whole too."""
    total: tuple[Unit, float, int] | None = None
    for value, start, end in amounts:
        if prefix := _SI_UNIT.match(lower, end):
            scaled = value * _SI[prefix.group(1)]
            rounded |= {(scaled, value), (scaled * 1e3, value)}
        source = value
        if _AND_A_HALF.match(lower, end):
            value += 0.5
            converted.add((value, source))
        family = total[0].family if total and start - total[2] < _FAR else None
        for unit in unit_after(lower, end, family):
            into = converted if unit.family == "time" else rounded
            into |= {(made, source) for made in conversions(value, unit)}
            if unit.family == "time":
                converted |= {(made, source) for made in _calendar(value, unit.name)}
            if total and family == unit.family and unit.factor < total[0].factor:
                total = unit, total[1] + value * unit.factor, end
                sum_here = total[1] / unit.factor
                into |= {(made, source) for made in (sum_here, *conversions(sum_here, unit))}
            else:
                total = unit, value * unit.factor, end


_AND_A_HALF = re.compile(r"[\s-]*[a-z]+ and a half")
_CALENDAR: dict[str, tuple[float, ...]] = {
    "year": (365, 366, 52, 12, 4),
    "month": (30, 31, 28, 4, 1 / 12),
    "quarter": (3, 90),
    "week": (7, 5),
    "day": (24, 1 / 7, 1 / 365),
    "decade": (10, 120),
}


def _calendar(value: float, name: str) -> set[float]:
    return {value, *(value * parts for parts in _CALENDAR.get(name, ()))}
