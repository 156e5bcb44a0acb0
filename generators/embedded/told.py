"""Values that a description gives as examples: `an ISO code, e.g. "DEU"`, `such as 0.05 for 5%`."""

import re
from functools import lru_cache

_INTRODUCED = re.compile(
    r"(?:\be\.g\.,?|\bfor example,?|\bsuch as|\bfor instance,?|\bexamples?:|\beg:?|\bi\.e\.,?)\s*"
    r"(?P<rest>[^;\n]*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"``([^`]+)``|`([^`]+)`|\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)")
_CODE = re.compile(r"\(?([A-Z0-9][\w.:/@-]*\d[\w:/@-]*|[A-Z]{2,6})\b")
"""What stands without quotation marks and is no word: `AAPL`, `INV-2093`."""
_NUMBER = re.compile(r"(?<![\w.:/-])-?\d+(?:\.\d+)?(?![\w.:/-]*\w)")


@lru_cache(maxsize=20_000)
def told_texts(description: str) -> tuple[str, ...]:
    """The texts that a description gives as examples: quoted ones, else codes."""
    found: list[str] = []
    for match in _INTRODUCED.finditer(description):
        quoted = [next(filter(None, groups)) for groups in _QUOTED.findall(match["rest"])]
        found += quoted or _CODE.findall(match["rest"])
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=20_000)
def told_choices(description: str) -> tuple[str, ...]:
    """The texts that a description says are all there are: `One of "asc", "desc".`."""
    found = _ONE_OF.search(description)
    quoted = [next(filter(None, groups)) for groups in _QUOTED.findall(found[0])] if found else []
    return tuple(dict.fromkeys(quoted)) if len(quoted) > 1 else ()


@lru_cache(maxsize=20_000)
def told_numbers(description: str) -> tuple[float, ...]:
    """The numbers that a description gives as examples."""
    found = []
    for match in _INTRODUCED.finditer(description):
        # What follows `for` is another way to say it: `0.05 for 5%`.
        shown = match["rest"].split(" for ")[0]
        found += [float(number) for number in _NUMBER.findall(shown)]
    return tuple(dict.fromkeys(found))


_ITEM = r"(?:``[^`]+``|`[^`]+`|\"[^\"]+\"|'[^']+')"
_ONE_OF = re.compile(
    r"(?:\b(?:one of|either|must be|can be|any of|choose from|options?:|choices?:|values?:"
    r"|allowed(?: values)?(?: are)?:?|supported(?: \w+)?:)"
    rf"[ :({{\[]*{_ITEM}(?:,? ?(?:or |and )?{_ITEM})+|{_ITEM}(?:, {_ITEM})*,? or {_ITEM})",
    re.IGNORECASE,
)


def shape(text: str) -> str:
    """The kinds of characters in a text: `INV-2093` is `A-9`."""
    kinds = re.sub(r"[a-zß-öø-ÿ]+", "a", re.sub(r"[A-ZÀ-ÖØ-Þ]+", "A", re.sub(r"\d+", "9", text)))
    return re.sub(r"\s+", " ", kinds)
