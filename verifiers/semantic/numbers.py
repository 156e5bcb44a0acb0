"""Reads the numbers out of free text: digits, groups, words, percentages, amounts with units.

Written for any text, not for one generator's: the reader is generous, because a number that it
misses would reject a right answer, while one too many costs a little sharpness.
"""

import math
import re
import unicodedata
from collections.abc import Collection
from functools import cached_property, lru_cache

from verifiers.semantic.amounts import add_conversions
from verifiers.semantic.notations import Made, notations
from verifiers.semantic.number_words import in_words, roman
from verifiers.semantic.spoken_numbers import phrases

_SUFFIXES = {
    "k": 1e3, "thousand": 1e3, "grand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "trillion": 1e12, "hundred": 1e2, "lakh": 1e5,
    "crore": 1e7, "dozen": 12.0, "mil": 1e3, "mille": 1e3, "tausend": 1e3, "тыс": 1e3,
    "тысяч": 1e3, "млн": 1e6,
}  # fmt: skip
_SUFFIX = re.compile(rf"\s*({'|'.join(sorted(_SUFFIXES, key=len, reverse=True))})s?\b")
_NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:\d{1,3}(?:[,\u202f\u00a0' ]\d{3})+(?:\.\d+)?"
    r"(?!(?:[\u202f\u00a0 ]\d{3})*\d*,\d)|\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d+)?(?!\d*,\d)"
    r"|\d{1,3}(?:_\d{3})+(?:\.\d+)?"
    r"|\d{1,3}(?:[. \u202f\u00a0]\d{3})+,\d+"
    r"|\d+(?:[.,]\d+)?|\.\d+)(?:e[-+]?\d+)?"
)
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_GAPS = re.compile(r"[ \u202f\u00a0'_]")
_ENGLISH_GROUPS = re.compile(r"[-+]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?(e[-+]?\d+)?")
_OTHER_GROUPS = re.compile(r"[-+]?\d{1,3}(\.\d{3})+,\d+")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = re.compile(
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_PERCENT = re.compile(r"\s*(?:%|percent|per cent|pct|bps|basis points)")
_OFTEN = {
    "annual": 1, "yearly": 1, "semi-annual": 2, "semiannual": 2, "half-year": 2, "biannual": 2,
    "quarterly": 4, "monthly": 12, "weekly": 52, "biweekly": 26, "daily": 365, "hourly": 24,
    "century": 100, "quarter of": 0.25, "every other": 2, "every second": 2, "bi-weekly": 2,
    "fortnightly": 14,
}  # fmt: skip
_WITH_ME = re.compile(
    r"\b(?:me|myself) and\b|\b(?:and|plus) (?:me|myself)\b"
    r"|\b(?:friends|others|people|kids|children|colleagues|parents|guests) and i\b"
)
_TWO_OF_US = re.compile(
    r"\b(?:me|myself|i) and (?:my |a |one )?[a-z]+\b|\b(?:my )?[a-z]+ and (?:me|i|myself)\b"
)
_UNIT_ALONE = re.compile(
    r"\b(?:next|last|past|upcoming|coming|this|per|each|every|a|an|the|following|previous|"
    r"entire|whole)\s+(?=(?:hour|day|week|weekend|fortnight|month|year|decade|minute)\b)"
)
_ROUGHLY = 0.01


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
        # What is written first: the rest takes longer to read.
        return _has(self.written, value) or _has(self.read, value)

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


@lru_cache(maxsize=1024)
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
        notations(lower, read, rounded)
    for value, start, end in (*in_words(lower), *phrases(lower)):
        read.add(value)
        amounts.append((value, start, end))
    for match in _UNIT_ALONE.finditer(lower):
        amounts.append((1.0, match.start(), match.end()))
    for value, _, end in amounts:
        if _PERCENT.match(lower, end):
            part = value / 100
            read |= {round(n, 12) for n in (part, part / 100, 1 + part, 1 - part)}
    read |= {float(_MONTHS.index(name[:3]) + 1) for name in _MONTH.findall(lower)}
    if _TWO_OF_US.search(lower):
        read.add(2.0)
    if _WITH_ME.search(lower):
        read |= {value + 1 for value, _, _ in amounts if 1 <= value <= 20}
    read |= {float(times) for often, times in _OFTEN.items() if often in lower}
    read |= roman(text)
    add_conversions(lower, sorted(amounts, key=lambda amount: amount[1:]), converted, rounded)
    converted |= {(-value, -value) for value in (*written, *read) if value}
    return frozenset(read), frozenset(converted), frozenset(rounded)


_HAS_DIGIT = re.compile(r"\d|π|\bpi\b")


def _plain(text: str) -> str:
    """Lower case, with the digits of other scripts as 0 to 9 and vulgar fractions spelled."""
    if text.isascii():
        return text.lower()
    plain = "".join(_plain_character(character) for character in text).lower()
    return _MIXED.sub(lambda match: f"{int(match.group(1)) + float(match.group(2)):.6g}", plain)


_MIXED = re.compile(r"(?<![\d.])(\d{1,6}) ?\u2064 (0\.\d+) ")
"""A whole number and a vulgar fraction behind it, which comes marked by an invisible plus."""


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.category(character) == "No" and character in "¼½¾⅓⅔⅛⅜⅝⅞":
        return f"\u2064 {unicodedata.numeric(character):.6g} "
    if "\uff01" <= character <= "\uff5e":
        return unicodedata.normalize("NFKC", character)
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


def _has(numbers: frozenset[float], value: float) -> bool:
    return value in numbers or any(_near(value, known) for known in numbers)


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
