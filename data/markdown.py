"""Markdown that says what it is given, whatever that holds."""

import re
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"\**[-+–]?[\d.,]*%?\**")
"""A number, a share, or nothing; bold or not."""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; columns of numbers after the first to the right, text kept from ending its cell."""
    texts = [[str(cell) for cell in row] for row in rows]
    numbers = (
        all(_NUMBER.fullmatch(row[column]) for row in texts) for column in range(1, len(head))
    )
    marks = "|".join(["---", *("---:" if number else "---" for number in numbers)])
    return "\n".join([_line(head), f"|{marks}|", *map(_line, texts)])


def fenced(text: str, language: str) -> str:
    """A block of code, fenced with more backticks than stand in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def percent(part: float, whole: float) -> str:
    """A share to one digit."""
    return f"{part / whole:.1%}" if whole else "–"


def quoted(text: str, longest: int = 160) -> str:
    """Text of a row within a line: no markup, no new line, not too long."""
    line = " ".join(text.split())
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    return "".join(
        f"\\{character}" if character in "\\`*_[]<>#|" else character for character in line
    )


def _line(cells: Sequence[object]) -> str:
    texts = (" ".join(str(cell).split()).replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(texts) + " |"
