"""Codes, addresses and telephone numbers, which nobody can infer: they are told or invented."""

import re
from collections.abc import Iterator

from verifiers.semantic.conversation import Conversation, squeezed
from verifiers.semantic.findings import Parameter

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+")
_HOST = re.compile(r"://(?:www\.)?([^/\s:?#]+)")
_TOKEN = re.compile(r"[^\s/:;,()\[\]{}\"'=<>?&|*]+")
_SPOKEN = {" at ": "@", " dot ": "."}


def has_foreign_identifier(value: str, parameter: Parameter, told: Conversation) -> bool:
    """Whether text holds a code, address or number of the kind that nobody can infer."""
    sources = (told.squeezed, squeezed(parameter.described))
    if "@" in value:
        spoken = told.lower
        for words, sign in _SPOKEN.items():
            spoken = spoken.replace(words, sign)
        said = spoken + parameter.described.lower()
        addresses = _EMAIL.findall(value) or [token for token in value.split() if "@" in token]
        if any(address.lower().strip(".") not in said for address in addresses):
            return True
    for host in _HOST.findall(value):
        main = max(host.split("."), key=len).lower()
        if not any(squeezed(host) in source or squeezed(main) in source for source in sources):
            return True
    return any(
        not any(squeezed(token) in source for source in sources)
        and not number_is_known(token, told)
        for token in _codes(value)
    )


def _codes(value: str) -> Iterator[str]:
    """Tokens with so many digits that they are codes; account numbers in groups as one."""
    tokens = value.split()
    if "://" in value:
        return
    if len(tokens) > 3 and not (
        sum(c.isdigit() for c in value) >= 6 and not re.search(r"[a-z]{3}", value.lower())
    ):
        return
    for token in _TOKEN.findall(value):
        if "@" not in token and sum(character.isdigit() for character in token) >= 3:
            yield token


def number_is_known(token: str, told: Conversation) -> bool:
    """Whether the numbers in a token, and the letters around them, were told."""
    digits = re.sub(r"\D", "", token)
    phone = len(digits) >= 7 and not any(character.isalpha() for character in token)
    if phone and digits[-7:] in re.sub(r"\D", "", told.text):
        return True  # a telephone number with or without its country
    plain = token.replace(",", "").strip("$€£%+")
    try:
        return told.numbers.gives(float(plain)) or told.numbers.comes_to(float(plain))
    except ValueError:
        letters = re.findall(r"[a-z]+", plain.lower())
        runs_known = all(run in told.squeezed or run in told.initials for run in letters)
        if len(letters) > 2 or not runs_known:
            return False  # a code: its letters say as much as its digits
        runs = re.findall(r"\d+(?:\.\d+)?", plain)
        return bool(runs) and all(told.numbers.gives(float(run)) and len(run) <= 15 for run in runs)
