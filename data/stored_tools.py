"""The tools of stored rows, each text of one decoded once.

Tools are most of a row, and a run offers the same few hundred in all of its rows.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.known_texts import KnownTexts

_DECODER = json.JSONDecoder()


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


_known = KnownTexts[StoredTool](500)
"""With those of every renamed tool, memory would grow with a run."""


def stored_tools(row: Mapping[str, Any]) -> list[StoredTool]:
    """Return the tools of a stored row, in order."""
    text = row["tools"]
    tools, place = [], 1
    while text.startswith("{", place):
        tool, end = _known.at(text, place) or _read_at(text, place)
        tools.append(tool)
        if end == len(text) - 1:
            return tools
        place = end + 1
    # An empty list, or one with spaces in between, which others may have written.
    return [_tool(definition) for definition in json.loads(text)]


def _read_at(text: str, start: int) -> tuple[StoredTool, int]:
    """Decode and remember the tool that begins there."""
    definition, end = _DECODER.raw_decode(text, start)
    tool = _tool(definition)
    _known.remember(text, start, end, tool)
    return tool, end


def _tool(definition: Any) -> StoredTool:
    return StoredTool(str(definition["name"]), definition)
