"""Numbers that several spoken words make up together: half a million, two thirds, nineteen oh five.

All in English and in lower case; `number_words` has the single words and their sums.
"""

import re
from functools import lru_cache

_UNITS = {w: n for n, w in enumerate("one two three four five six seven eight nine".split(), 1)}
_DIGITS = {"zero": 0, "oh": 0, "o": 0, **_UNITS}
_TEENS = {
    word: number
    for number, word in enumerate(
        ("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen").split(),
        10,
    )
}
_TENS = {
    word: number
    for number, word in zip(
        range(20, 100, 10),
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        strict=True,
    )
}
_VALUES = {**_DIGITS, **_TEENS, **_TENS, "a": 1, "an": 1}
_SCALES = {"dozen": 12, "hundred": 100, "century": 100, "thousand": 1000, "million": 10**6,
           "billion": 10**9, "trillion": 10**12}  # fmt: skip
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6,
    "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "twelfth": 12, "hundredth": 100,
}  # fmt: skip


def _any(words: dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DIGIT = _any(_DIGITS)
_BELOW_100 = rf"(?:{_any(_TENS)})(?:[ -](?:{_any(_UNITS)}))?|{_any(_TEENS)}"
_NUMBER = rf"\b({_BELOW_100}|{_DIGIT}|an?|\d{{1,15}})"
_HALF_OF = re.compile(rf"\bhalf (?:an? )?({_any(_SCALES)})\b")
_FRACTION = re.compile(rf"{_NUMBER}[ -]({_any(_PARTS)})s?\b")
_POINT = re.compile(rf"{_NUMBER} (?:point|comma|dot) ((?:(?:{_DIGIT})\b ?){{1,12}})")
_PAIRS = re.compile(rf"\b({_BELOW_100})[ -](oh[ -](?:{_any(_UNITS)})|{_BELOW_100})\b")
_RUN = re.compile(rf"\b(?:(?:{_BELOW_100}|{_DIGIT})\b(?:[ -]|, )?){{2,30}}")
_WORD = re.compile(r"[a-z]+")
_FIRST = "first second third fourth fifth sixth seventh eighth ninth".split()
_DAYS = {
    word: number
    for number, word in enumerate(
        (
            *_FIRST, *"tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth".split(),
            *"seventeenth eighteenth nineteenth twentieth".split(),
            *(f"twenty {word}" for word in _FIRST), "thirtieth", "thirty first",
        ),
        1,
    )
}  # fmt: skip
_DAY = re.compile(rf"\b(?:{_any(_DAYS).replace(' ', '[ -]')})\b")

Spoken = tuple[float, int, int]


def phrases(lower: str) -> list[Spoken]:
    """The numbers, as (value, start, end)."""
    found: list[Spoken] = []
    if "half" in lower:
        found += [(_SCALES[m.group(1)] / 2, *m.span()) for m in _HALF_OF.finditer(lower)]
    for match in _FRACTION.finditer(lower):
        found.append((_value(match.group(1)) / _PARTS[match.group(2)], *match.span()))
    for match in _POINT.finditer(lower):
        digits = "".join(str(_DIGITS[word]) for word in _WORD.findall(match.group(2)))
        found.append((float(f"{_value(match.group(1)):.0f}.{digits}"), *match.span()))
    for match in _PAIRS.finditer(lower):
        first, second = _value(match.group(1)), _value(match.group(2))
        found.append((100 * first + second, *match.span()))
    for match in _RUN.finditer(lower):
        digits = _as_digits(match.group())
        if len(digits) <= 15:
            found.append((float(digits), *match.span()))
    return found


@lru_cache(maxsize=1024)
def dictated(lower: str) -> str:
    """The text with numbers that are dictated word by word in digits: `five five oh two` → 5502."""
    return _RUN.sub(lambda match: f" {_as_digits(match.group())} ", lower)


def with_dates_in_digits(lower: str) -> str:
    """The text with days and years in digits: `the third of May, twenty twenty-seven`."""
    lower = _PAIRS.sub(_year, lower)
    return _DAY.sub(lambda match: f"{_DAYS[match.group().replace('-', ' ')]}th", lower)


def _year(match: re.Match[str]) -> str:
    year = 100 * _value(match.group(1)) + _value(match.group(2))
    return f"{year:.0f}" if 1500 <= year < 2200 else match.group()


def _as_digits(run: str) -> str:
    """Words as they are dictated: tens take a following unit in, all others stand for themselves.

    At most 60 digits, as a run has at most 30 words.
    """
    digits = ""
    tens = 0
    for word in _WORD.findall(run):
        value = _VALUES[word]
        if tens and word in _UNITS:
            digits = digits[:-1] + str(value)
            tens = 0
            continue
        digits += str(value)
        tens = value if word in _TENS else 0
    return digits


def _value(words: str) -> float:
    if words.isdigit():
        return float(words)
    return float(sum(_VALUES[word] for word in _WORD.findall(words)))
