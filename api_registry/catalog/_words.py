"""Helper for writing phrasings: the words that people use for the values of one parameter."""

from collections.abc import Mapping


def said(name: str, words: Mapping[str, str]) -> str:
    """Write a template that prints, for each value of a parameter, the words for it.

    Args:
        name: Parameter.
        words: Value → words; may hold `[a|b]`.
    """
    return "".join(f"{{{name}={value}:{text}}}" for value, text in words.items())


DECIMALS = said(
    "decimals",
    {
        "0": " [to the nearest whole number|rounded to a whole number]",
        "1": " [to|rounded to] one decimal place",
        "2": " [to|rounded to] two decimal places",
        "3": " [to|rounded to] three decimals",
    },
)
"""Ends a clause about a result that is rounded to `decimals` places, 0 to 3."""
