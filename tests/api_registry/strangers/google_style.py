"""Google-style docstrings, types in the docstring, or lies in the hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date as Day

    from not_installed_anywhere import Thing


def slice_text(text, start=0, end=None, step: int = 1):
    """Returns a slice of a text.

    Args:
        text (str): The text to slice.
        start (int, optional): First character. Defaults to 0.
        end (Optional[int]): Character after the last one. Defaults to None.
        step: Every how many characters.

    Returns:
        str: The slice.

    Raises:
        ValueError: If step is zero.
    """
    return text[start:end:step]


def weekend_days(days: Sequence[Day]) -> int:
    """Number of days that fall on a weekend.

    Args:
        days: Days to look at.
    """
    return sum(day.weekday() >= 5 for day in days)


def describe_thing(thing: Thing) -> str:
    """Describe a thing."""
    return str(thing)


def maybe_thing(label: str, thing: Thing | None = None) -> str:
    """Label a thing."""
    return label if thing is None else f"{label} {thing}"


def count_lies(text: str) -> str:
    """Count the letters of a text."""
    return {"letters": len(text)}  # type: ignore[return-value]


def parse_amount(text: str) -> float:
    """Parse an amount of money such as "12.50 EUR"."""
    return text.split()[0]  # type: ignore[return-value]


def takes_lies(count: str = 3) -> str:  # type: ignore[assignment]
    """Repeat a letter a number of times."""
    return "x" * int(count)


def wrong_name(value: int, colour: str = "red") -> str:
    """Paint a value.

    Args:
        val: A name that is not there.
        color: Another one.
    """
    return f"{colour} {value}"
