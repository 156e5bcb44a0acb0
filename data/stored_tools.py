"""The tools of stored rows, each text of one decoded once.

Tools are most of a row, and a run offers the same few hundred in all of its rows. No JSON object's
text begins another's, so a list that goes on with a text seen before holds that very tool.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KEPT = 2_000
"""Heads that are remembered; with those of every renamed tool, memory would grow with a run."""
_HEAD = 80
"""Characters by which a text is found: enough to hold the name, which is stored first."""
_ALIKE = 8
"""Texts with one head that are kept: more would be compared one after the other."""

_DECODER = json.JSONDecoder()
_known: dict[str, list[tuple[str, "StoredTool"]]] = {}
"""Head of a tool's text → the texts that begin so, and what they hold."""


@dataclass(frozen=True, eq=False)
class StoredTool:
    """One tool; the same object wherever rows hold it in the same words, as far as is remembered.

    So what follows from it can be cached by the object.
    """

    name: str
    definition: Mapping[str, Any]
    """Name, description and parameters. Shared: not to be changed."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The schema of its arguments."""
        return self.definition.get("parameters") or {}


def stored_tools(row: Mapping[str, Any]) -> list[StoredTool]:
    """Return the tools of a stored row, in order."""
    text = row["tools"]
    tools, place = [], 1
    while text.startswith("{", place):
        tool, end = _known_at(text, place) or _read_at(text, place)
        tools.append(tool)
        if end == len(text) - 1:
            return tools
        place = end + 1
    # An empty list, or one with spaces in between, which others may have written.
    return [_tool(definition) for definition in json.loads(text)]


def _known_at(text: str, start: int) -> tuple[StoredTool, int] | None:
    for known, tool in _known.get(text[start : start + _HEAD], ()):
        if text.startswith(known, start):
            return tool, start + len(known)
    return None


def _read_at(text: str, start: int) -> tuple[StoredTool, int]:
    """Decode and remember the tool that begins there."""
    definition, end = _DECODER.raw_decode(text, start)
    tool = _tool(definition)
    if end - start >= _HEAD:  # with a shorter one, its head would hold what comes after it
        if len(_known) >= _KEPT:
            _known.clear()
        alike = _known.setdefault(text[start : start + _HEAD], [])
        if len(alike) >= _ALIKE:
            alike.clear()
        alike.append((text[start:end], tool))
    return tool, end


def _tool(definition: Any) -> StoredTool:
    return StoredTool(str(definition["name"]), definition)
