"""JSON objects that were read once, found again by their exact text.

Data sets repeat a few thousand tools in tens of thousands of rows, and tools are most of a row's
text. No JSON object's text begins another's, so text that goes on with a known one holds that very
object.
"""

from typing import Generic, TypeVar

Value = TypeVar("Value")

_HEAD = 80
"""Characters by which a text is found: enough to hold a tool's name, in any usual order of keys."""
_ALIKE = 8
"""Texts with one head that are kept: more would be compared one after the other."""


class KnownTexts(Generic[Value]):
    """What the texts of JSON objects hold."""

    def __init__(self, most: int) -> None:
        """Remember the texts of `most` heads; then begin anew, so that memory has a bound."""
        self._most = most
        self._known: dict[str, list[tuple[str, Value]]] = {}

    def at(self, text: str, start: int) -> tuple[Value, int] | None:
        """Return what the object that begins there holds, and where it ends, if it is known."""
        for known, value in self._known.get(text[start : start + _HEAD], ()):
            if text.startswith(known, start):
                return value, start + len(known)
        return None

    def remember(self, text: str, start: int, end: int, value: Value) -> None:
        """Remember what the object between two places holds."""
        if end - start < _HEAD:  # its head would hold what comes after it
            return
        if len(self._known) >= self._most:
            self._known.clear()
        alike = self._known.setdefault(text[start : start + _HEAD], [])
        if len(alike) >= _ALIKE:
            alike.clear()
        alike.append((text[start:end], value))
