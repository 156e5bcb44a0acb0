"""Whether a value stands in a text as a word of its own, and names as words of a text."""

import re
from functools import lru_cache

_JOINTS = ".,"


def stands_alone(value: str, text: str) -> bool:
    """Whether `value` is in `text` with no letter, digit or underscore right beside it."""
    return _find(value, text, number=False)


def number_stands(value: str, text: str) -> bool:
    """The same for a number, which must not be a part of a longer one such as 5 of `2.5`."""
    return _find(value, text, number=True)


def _find(value: str, text: str, *, number: bool) -> bool:
    if not value:
        return False
    start = text.find(value)
    while start >= 0:
        end = start + len(value)
        if _ends_before(text, start, number) and _ends_after(text, end, number):
            return True
        start = text.find(value, start + 1)
    return False


def _ends_before(text: str, start: int, number: bool) -> bool:
    if start == 0:
        return True
    before = text[start - 1]
    if before.isalnum() or before == "_":
        return False
    return not (number and before in _JOINTS and start > 1 and text[start - 2].isdigit())


def _ends_after(text: str, end: int, number: bool) -> bool:
    if end == len(text):
        return True
    after = text[end]
    if after.isalnum() or after == "_":
        return False
    return not (number and after in _JOINTS and text[end + 1 : end + 2].isdigit())


_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")


@lru_cache(maxsize=4096)
def spoken(name: str) -> str:
    """A parameter's or tool's name as people say it: `fromUnit` and `from_unit` as `from unit`."""
    return _WORDS.sub(" ", name).strip().lower()
