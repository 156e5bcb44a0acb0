"""Tools read straight out of a row's text, those seen before without decoding them again.

Data sets repeat a few thousand tools in tens of thousands of rows, and tools are most of a row's
text. A definition that was decoded once is known by its exact text: no JSON object's text begins
another's, so text that goes on with a known one holds that very definition.
"""

import re
from typing import Any

from api_registry.types import Tool
from data import strict_json
from data.formats.imported import BadRow, json_field
from data.formats.tools import MAX_TOOLS, read_tool, read_tools
from data.strict_json import BadJson

_CACHED = 8_000
_HEAD = 80
"""Characters by which a text is found: enough to hold the name, in any usual order of the keys."""
_ALIKE = 8
"""Texts with one head that are kept: more would be compared one after the other."""
_OPEN = re.compile(r"\[[ \t\n\r]*(?=\{)")
_NEXT = re.compile(r"[ \t\n\r]*(?:,[ \t\n\r]*(?=\{)|(?P<end>\]))")

_known: dict[str, list[tuple[str, Tool]]] = {}
"""Head of a definition's text → the texts that begin so, and their tools."""


def tools_field(row: dict[str, Any], name: str = "tools") -> tuple[Tool, ...]:
    """Return the tools of a row, from JSON or its text. Raises `BadRow`."""
    value = row.get(name)
    tools = _tools_in_text(value) if isinstance(value, str) else None
    return read_tools(json_field(row, name)) if tools is None else tools


def _tools_in_text(text: str) -> tuple[Tool, ...] | None:
    """Return the tools that the text of a JSON list holds; None for anything out of the ordinary.

    What is wrong then is for the reading of the whole text to say.
    """
    text = text.strip()
    opening = _OPEN.match(text)
    if opening is None or len(text) > strict_json.MAX_CHARS:
        return None
    tools: dict[str, Tool] = {}
    place = opening.end()
    for _ in range(MAX_TOOLS):
        found = _known_at(text, place) or _read_at(text, place)
        if found is None:
            return None
        tool, place = found
        if tools.setdefault(tool.name, tool) is not tool:
            return None
        after = _NEXT.match(text, place)
        if after is None:
            return None
        place = after.end()
        if after["end"]:
            return tuple(tools.values()) if place == len(text) else None
    return None


def _known_at(text: str, start: int) -> tuple[Tool, int] | None:
    for known, tool in _known.get(text[start : start + _HEAD], ()):
        if text.startswith(known, start):
            return tool, start + len(known)
    return None


def _read_at(text: str, start: int) -> tuple[Tool, int] | None:
    """Decode and remember the definition that begins there."""
    try:
        definition, end = strict_json.decode(text, start, inside=1)
        tool = read_tool(0, definition)
    except (BadJson, BadRow):
        return None
    if end - start >= _HEAD:  # with a shorter one, its head would hold what comes after it
        if len(_known) >= _CACHED:
            _known.clear()
        alike = _known.setdefault(text[start : start + _HEAD], [])
        if len(alike) >= _ALIKE:
            alike.clear()
        alike.append((text[start:end], tool))
    return tool, end
