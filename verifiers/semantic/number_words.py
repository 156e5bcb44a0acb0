"""Numbers spelled out in English, Chinese numerals, Roman numerals."""

import re

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
    "dozen": 12.0, "half": 0.5, "quarter": 0.25, "third": 1 / 3, "couple": 2.0, "pair": 2.0,
    "whole": 0.0, "tenth": 1.0, "hundredth": 2.0, "thousandth": 3.0, "cent": 2.0, "once": 1.0,
    "twice": 2.0, "thrice": 3.0, "single": 1.0, "double": 2.0, "triple": 3.0, "both": 2.0,
    "integer": 0.0, "score": 20.0, "no": 0.0, "none": 0.0, "zilch": 0.0, "a": 1.0, "an": 1.0,
    "duo": 2.0, "trio": 3.0, "solo": 1.0, "quartet": 4.0, "century": 100.0, "gross": 144.0,
    "nil": 0.0, "rest": 0.0, "fair": 0.5, "twins": 2.0, "triplets": 3.0, "tie": 0.0,
}  # fmt: skip
_HAN = {c: v for v, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "亿": 10**8}
_WORD = re.compile(r"[a-z]+")
_UNIT_AHEAD = re.compile(
    r"\s+(?:second|minute|hour|day|week|fortnight|month|quarter|year|decade|dozen|hundred|thousand|"
    r"million|single|half|quarter|metre|meter|mile|kilo|pound|litre|liter|cup|person|guest)s?\b"
)
_HAN_RUN = re.compile("[零〇一二三四五六七八九十百千万萬亿两兩]+")
_ROMAN = re.compile(r"\b[IVXLCDM]{1,9}\b")
_ROMAN_PART = re.compile(r"\b(?:chapter|section|volume|part|type|act|scene|phase) ([ivx]{1,6})\b")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_KNOWN = frozenset((*_SMALL, *_TENS, *_SCALES, *_ORDINALS, *_LOOSE))


def in_words(lower: str) -> list[tuple[float, int, int]]:
    """Numbers spelled out, as (value, start, end); every prefix of a run counts as well."""
    found = [(float(value), start, end) for value, start, end in _han(lower)]
    total = current = 0.0
    active = False
    begin = 0
    for match in _WORD.finditer(lower):
        word = match.group()
        single = word[:-1] if word.endswith("s") and word[:-1] in _KNOWN else word
        if single not in _KNOWN:
            if word not in ("and", "point"):
                active, total, current = False, 0.0, 0.0
            continue
        if not active:
            begin = match.start()
        end = match.end()
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
            if active and total and current == 0:
                joins = True
            current = current + value if joins or after_hundred else value
            active = True
            found += [(value, match.start(), end), (total + current, begin, end)]
        elif single in _SCALES:
            scale = _SCALES[single]
            base = current if active else 1.0
            if scale == 100:
                current = base * 100
            else:
                total += base * scale
                current = 0.0
            active = True
            found += [(total + current, begin, end), (base * scale, begin, end)]
        elif single in _ORDINALS:
            value = float(_ORDINALS[single])
            whole = current + value if active else value
            # The second item of a list that counts from zero is number one.
            found += [(value, begin, end), (whole, begin, end), (value - 1, begin, end)]
            if word in _LOOSE:
                found.append((_LOOSE[word], begin, end))
            active, total, current = False, 0.0, 0.0
        else:
            value = _LOOSE[single]
            if active and single in ("half", "quarter"):
                found.append((total + current + value, begin, end))
            elif active and single == "dozen":
                found.append((current * 12, begin, end))
            if single not in ("a", "an") or _UNIT_AHEAD.match(lower, end):
                found.append((value, match.start(), end))
            if single == "half":
                found.append((1.5, match.start(), end))
    return found


def _han(text: str) -> list[tuple[int, int, int]]:
    if text.isascii():
        return []
    found = []
    for match in _HAN_RUN.finditer(text):
        total = section = digit = 0
        for character in match.group():
            if character in _HAN:
                digit = _HAN[character]
                found.append((digit, match.start(), match.end()))
            elif (scale := _HAN_SCALES[character]) >= 10_000:
                total, section, digit = (total + section + digit) * scale, 0, 0
            else:
                section, digit = section + (digit or 1) * scale, 0
        found.append((total + section + digit, match.start(), match.end()))
    return found


def roman(text: str) -> set[float]:
    """Roman numerals in capitals; the word `I` is none."""
    found = set()
    for numeral in (*_ROMAN.findall(text), *map(str.upper, _ROMAN_PART.findall(text.lower()))):
        if numeral == "I":
            continue
        values = [_ROMAN_VALUES[letter] for letter in numeral]
        found.add(
            float(
                sum(
                    -value if value < after else value
                    for value, after in zip(values, [*values[1:], 0], strict=True)
                )
            )
        )
    return found
