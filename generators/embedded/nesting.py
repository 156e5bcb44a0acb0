"""Words for values that hold other values: lists and objects."""

import random
import re
from typing import Any

_NAMING = frozenset(
    "name title label description subject id key number street city sku product item code symbol"
    " isbn ingredient activity".split()
)
"""Fields by which a person would call an object."""


_ADDRESS = frozenset("street city zip postcode postal country state town".split())
"""Fields of an address, which is written without their names."""


_UNITS = frozenset("kg mg cm mm km ml ms km/h mph pixels minutes hours days percent".split())
"""Last words of fields that say what their numbers count: `length_cm`."""


_THE = re.compile(r"^the(?=(?:year|month|week|day|date|time|name|file|text)$)")
"""How some old modules begin names: `theyear`."""


def humanise(identifier: str) -> str:
    """Split snake_case, kebab-case and camelCase into lower-case words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _THE.sub("", identifier))
    return " ".join(re.split(r"[\s_\-.]+", spaced)).strip().lower()


def list_words(
    words: list[str], values: list[Any], rng: random.Random, *, nested: bool = False
) -> str:
    """Write a list of which the items are written already; `nested` in another value."""
    if not words:
        return "nothing"
    if all(isinstance(item, str) for item in values):
        as_they_are = all(value in word for value, word in zip(values, words, strict=True))
        if as_they_are and any("," in word or len(word.split()) > 2 for word in words):
            words = [word if word.startswith(('"', "'")) else f'"{word}"' for word in words]
    elif all(isinstance(item, int | float) and not isinstance(item, bool) for item in values):
        # Spelled-out numbers in a list of figures, or grouped ones between commas, read badly.
        words = [str(item) for item in values]
    elif any(
        isinstance(item, list) or (isinstance(item, dict) and len(item) > 1) for item in values
    ):
        words = [word if word.endswith(")") else f"({word})" for word in words]
    if len(words) == 1:
        return words[0]
    if nested or rng.random() < 0.35:
        return ", ".join(words)
    comma = "," if len(words) > 2 and rng.random() < 0.3 else ""
    return f"{', '.join(words[:-1])}{comma} and {words[-1]}"


def object_words(fields: list[tuple[str, Any, str]], *, free_keys: bool) -> str:
    """Write an object: by its name, with the rest in parentheses.

    Args:
        fields: Key, value and the value in words.
        free_keys: Whether the keys are the user's own words, as in a mapping.
    """
    if not fields:
        return "nothing"
    if free_keys:
        return ", ".join(f"{key}: {_inner(value, words)}" for key, value, words in fields)
    key, value, words = fields[0]
    if all(_ADDRESS & set(humanise(key).split()) for key, _, _ in fields) and len(fields) > 1:
        return ", ".join(words for _, _, words in fields)
    said = [_field(*field) for field in fields]
    if isinstance(value, str) and (_NAMING & set(humanise(key).split())):
        return f"{words} ({', '.join(said[1:])})" if said[1:] else words
    return f"({', '.join(said)})"


def _field(key: str, value: Any, words: str) -> str:
    label = humanise(key)
    if isinstance(value, bool):
        return label if value else f"not {label}"
    if value is None or value in ([], {}):
        return f"no {label}"
    head, _, unit = label.rpartition(" ")
    if head and unit in _UNITS and isinstance(value, int | float):
        return f"{head} {words} {unit}"
    return f"{label} {_inner(value, words)}"


def _inner(value: Any, words: str) -> str:
    if isinstance(value, list | dict) and not words.startswith("(") and len(value) != 1:
        return f"({words})"
    return words
