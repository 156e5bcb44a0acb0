"""Tools read straight out of a row's text, those seen before without decoding them again."""

import re
from typing import Any

from api_registry.types import Tool
from data import strict_json
from data.formats.imported import BadRow, json_field
from data.formats.tools import MAX_TOOLS, read_tool, read_tools
from data.known_texts import KnownTexts
from data.strict_json import BadJson

_OPEN = re.compile(r"\[[ \t\n\r]*(?=\{)")
_NEXT = re.compile(r"[ \t\n\r]*(?:,[ \t\n\r]*(?=\{)|(?P<end>\]))")

_known = KnownTexts[Tool](8_000)


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
        found = _known.at(text, place) or _read_at(text, place)
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


def _read_at(text: str, start: int) -> tuple[Tool, int] | None:
    """Decode and remember the definition that begins there."""
    try:
        definition, end = strict_json.decode(text, start, inside=1)
        tool = read_tool(0, definition)
    except (BadJson, BadRow):
        return None
    _known.remember(text, start, end, tool)
    return tool, end
