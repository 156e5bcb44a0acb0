"""Rules on the query: no person writes parameter names, JSON or orders to the model."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from data.types import Sample
from verifiers.semantic.findings import Problem
from verifiers.semantic.standing import stands_alone

_LONGEST = 20_000
_JSON_KEYS = re.compile(r'[{,]\s*"(\w+)"\s*:')
_CAMEL = re.compile(r"[a-z][A-Z]")


def leaked_identifier(sample: Sample) -> Problem | None:
    """A person does not write `from_unit` or `fromUnit`, nor braces around quoted parameters.

    Names of a single word are words, and JSON that is data for the call has other keys.
    """
    query = sample.query[:_LONGEST]
    if "_" not in query and "{" not in query and not _CAMEL.search(query):
        return None
    names = {name for tool in sample.tools for name in tool.parameters.get("properties") or ()}
    for name in sorted(names):
        multiword = "_" in name.strip("_") or _CAMEL.search(name)
        if multiword and stands_alone(name, query):
            return Problem("leaked_identifier", f"the query holds the parameter name `{name}`")
    keys = set(_JSON_KEYS.findall(query))
    if keys & names or {"name", "arguments"} <= keys:
        return Problem("leaked_identifier", "the query holds the call's JSON")
    return None


_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,30}?\b(?:previous|prior|above|earlier|"
    r"preceding|system|your|all)\b[^.\n]{0,20}?\b(?:instructions?|prompts?|directives?|"
    r"guidelines|programming)\b"
    r"|\b(?:reveal|print|show|repeat|output|leak)\b[^.\n]{0,20}?\b(?:your|the) (?:system|hidden|"
    r"initial) (?:prompt|instructions|message)\b"
    r"|\byou are now (?:in )?(?:dan\b|developer mode|jailbr|unrestricted)"
    r"|<\|(?:im_start|im_end|system|endoftext|start_header_id|eot_id)\|>|\[/?INST\]|<</?SYS>>"
    r"|^[# ]{0,8}system ?(?:prompt|message|override) ?:",
    re.IGNORECASE | re.MULTILINE,
)
_IN_ORDERS = (
    "instruction", "prompt", "directive", "guideline", "programming", "message", "you are now",
    "<|", "inst]", "sys>", "system",
)  # fmt: skip
"""What is cheap to look for: no alternative of the pattern does without all of these."""
_QUOTED = re.compile(r"\"[^\"]*\"|“[^“”]*”|«[^«»]*»|(?<!\w)'[^'\n]*'(?!\w)|```.*?```", re.DOTALL)


def prompt_injection(sample: Sample) -> Problem | None:
    """Orders that are meant for the model, not for its tools; what is quoted is data."""
    query = sample.query[:_LONGEST]
    lower = query.lower()
    if query.isascii() and not any(word in lower for word in _IN_ORDERS):
        return None
    if _ORDERS.search(query) is None:
        return None
    match = _ORDERS.search(_QUOTED.sub(" ", query))
    if match is None:
        return None
    return Problem("prompt_injection", f"the query gives the model orders: {match.group()[:80]!r}")


_LATIN = frozenset(("LATIN",))
_SCRIPTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("ru", "uk", "bg", "be", "mk", "mn"), frozenset(("CYRILLIC",))),
    **dict.fromkeys(("sr", "kk", "uz", "az"), frozenset(("CYRILLIC", "LATIN"))),
    **dict.fromkeys(("ar", "fa", "ur", "ps"), frozenset(("ARABIC",))),
    **dict.fromkeys(("hi", "mr", "ne"), frozenset(("DEVANAGARI",))),
    "zh": frozenset(("CJK",)),
    "ja": frozenset(("CJK", "HIRAGANA", "KATAKANA")),
    "ko": frozenset(("HANGUL", "CJK")),
    "el": frozenset(("GREEK",)),
    "he": frozenset(("HEBREW",)),
    "th": frozenset(("THAI",)),
    "bn": frozenset(("BENGALI",)),
    "ta": frozenset(("TAMIL",)),
    "te": frozenset(("TELUGU",)),
    "ka": frozenset(("GEORGIAN",)),
    "hy": frozenset(("ARMENIAN",)),
    **dict.fromkeys(
        (
            "en de fr es it pt nl sv da no nb fi pl cs sk sl hr ro hu tr vi id ms et lv lt ca eu "
            "gl ga cy is sq sw tl af"
        ).split(),
        _LATIN,
    ),
}
"""Language → the scripts that it is written in, as Unicode names them."""
_FEW = 8
_MOST = 0.8


def wrong_language(sample: Sample) -> Problem | None:
    """A query whose letters are of a script that the declared language is not written in."""
    expected = _SCRIPTS.get(sample.language.lower().partition("-")[0].partition("_")[0])
    query = sample.query[:_LONGEST]
    if expected is None or (query.isascii() and expected is _LATIN):
        return None
    scripts = Counter(_scripts(_QUOTED.sub(" ", query)))
    if sum(scripts.values()) < _FEW:
        scripts = Counter(_scripts(query))  # all of it stands in quotes
    letters = sum(scripts.values())
    foreign = sum(count for script, count in scripts.items() if script not in expected)
    if letters < _FEW or foreign < _MOST * letters:
        return None
    most = scripts.most_common(1)[0][0].capitalize()
    return Problem(
        "wrong_language", f"the query is written in {most} letters, not in `{sample.language}`"
    )


def _scripts(text: str) -> Iterator[str]:
    for character in text[:2000]:
        if character.isalpha():
            yield unicodedata.name(character, "UNKNOWN").partition(" ")[0]
