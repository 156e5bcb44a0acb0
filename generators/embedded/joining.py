"""Puts the items of a composed phrasing together once it is known which of them are there.

A composed template lists every parameter; what separates two items depends on which others are
said. So it marks where items begin, and the marks become words here:

    \ue000{item}   after `with`:     … with a, b and c
    \ue001{item}   in a list:        …: a; b; c
    \ue002{item}   in a sentence:    …. A, and b
    \ue003{item}   a verb phrase:    …, and do not sort
    \ue006{item}   behind a comma:  …, a, b
    \ue004{lead}\ue005   words that stand only where a list follows
"""

import re

from generators.embedded.phrasing import Piece

WITH, LISTED, SAID, ALSO, LEAD, LEAD_END, BARE = (chr(0xE000 + number) for number in range(7))

_FIRST = {WITH: " with ", LISTED: " ", SAID: ". ", ALSO: ", and ", BARE: ", "}
_BETWEEN = {WITH: ", ", LISTED: "; ", SAID: ", ", ALSO: ", ", BARE: ", "}
_LAST = {WITH: " and ", LISTED: "; ", SAID: ", and ", ALSO: ", and ", BARE: " and "}
_OWN_START = "~"
"""Begins an item that needs no `with`: `~from {origin}`."""


def joined(pieces: list[Piece]) -> list[Piece]:
    """Replace the marks in expanded pieces by what separates the items."""
    text = "".join(piece.text for piece in pieces if piece.name is None)
    marks = [letter for letter in text if letter in _FIRST]
    if not marks and LEAD not in text:
        return pieces
    counts = {mark: marks.count(mark) for mark in _FIRST}
    seen = dict.fromkeys(_FIRST, 0)
    result: list[Piece] = []
    lead = False
    has_list = counts[LISTED] > 0
    for piece in pieces:
        if piece.name is not None:
            result.append(piece)
            continue
        out: list[str] = []
        letters = iter(range(len(piece.text)))
        for index in letters:
            letter = piece.text[index]
            if letter in (LEAD, LEAD_END):
                lead = letter == LEAD
            elif letter in _FIRST:
                own = piece.text[index + 1 : index + 2] == _OWN_START
                if own:
                    next(letters)
                separator = _separator(letter, seen[letter], counts[letter], own=own)
                if letter == WITH and seen[letter] == 0:
                    before = "".join([*(done.text for done in result), *out])
                    separator = _first_with(before, separator)
                out.append(separator)
                seen[letter] += 1
            elif has_list or not lead:
                out.append(letter)
        result.append(Piece("".join(out)))
    if not has_list and LEAD in text:
        # Nothing is listed, so the full stop after the list goes too.
        result[-1] = Piece(result[-1].text.removesuffix("."))
    return result


def _first_with(before: str, separator: str) -> str:
    """What leads to the first item: one `with` in a sentence is enough, and asides end."""
    sentence = re.split(r"[.?!] ", before)[-1]
    if separator == " with " and " with " in sentence:
        return ", given "
    return f",{separator}" if ", " in sentence else separator


def _separator(mark: str, before: int, count: int, *, own: bool) -> str:
    if before == 0:
        return " " if own and mark == WITH else _FIRST[mark]
    return _LAST[mark] if before == count - 1 else _BETWEEN[mark]
