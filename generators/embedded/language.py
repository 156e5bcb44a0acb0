"""Articles: `a` or `an`, by how the next word sounds."""

import re

_CONSONANT = re.compile(r"one|once|euro|uni(?!n)|use|user|utili|ukulele|ewe", re.IGNORECASE)
_LETTERS = re.compile(r"[AEFHILMNORSX](?![a-z])")
"""Letters whose names begin with a vowel, where a word is spelled: an ISBN, an FBI, a URL."""
_FIGURES = re.compile(r"\d[\d,]*")


def article(words: str) -> str:
    """Return `a` or `an` for the words or figures that come next."""
    start = words.lstrip("\"'$€£(")
    if figures := _FIGURES.match(start):
        whole = figures[0].replace(",", "")
        # Eight, eighty; eleven and eighteen, also of thousands and millions.
        spoken = whole.startswith("8") or (whole[:2] in ("11", "18") and len(whole) % 3 == 2)
        return "an" if spoken else "a"
    if start[:2].isupper() or (len(start) == 1 and start.isupper()):
        return "an" if _LETTERS.match(start) else "a"
    if _CONSONANT.match(start):
        return "a"
    return "an" if re.match(r"[aeiou]|hour|honest|honou?r|heir", start, re.IGNORECASE) else "a"
