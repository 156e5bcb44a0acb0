"""Tools known by their text are those that reading the whole text gives."""

import json
from typing import Any

import pytest

from data.formats.imported import BadRow, json_field
from data.formats.tool_texts import tools_field
from data.formats.tools import read_tools

ABOUT = "Says something of a place, at such length that the text is worth remembering."
PLACE = {"name": "say_place", "description": ABOUT, "parameters": {"place": {"type": "str"}}}
OTHER = {**PLACE, "parameters": {"place": {"type": "str"}, "days": {"type": "int"}}}
TIME = {"name": "say_time", "description": ABOUT, "parameters": {"at": {"type": "str, optional"}}}
LIST = json.dumps([PLACE, TIME])
DEEP = json.dumps(PLACE)[:-1] + ', "x": ' + "[" * 99 + "]" * 99 + "}"


def outcome(read: Any) -> Any:
    try:
        return read()
    except BadRow as problem:
        return problem.reason, problem.detail


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        f"  {LIST}\n",
        json.dumps([TIME, PLACE], indent=1),
        json.dumps([PLACE, PLACE]),
        json.dumps([PLACE, OTHER]),
        json.dumps(PLACE),
        "[]",
        "[null]",
        json.dumps([{"name": "f"}, PLACE]),
        f"[{DEEP}]",
        f"[[{DEEP}]]",
        LIST[:-1],
        LIST[:-2],
        f"{LIST}]",
        LIST.replace("}, {", "} {"),
        LIST.replace("}, {", "},, {"),
        f"{LIST[:-1]},]",
        f"{LIST[:-1]}, 5]",
        LIST.replace('"place": {', '"place": 1, "place": {'),
        LIST.replace('"str"', "NaN"),
        LIST.replace("length", "\\ud800"),
        LIST.replace("length", "\u2028 l\u00e4nge"),
        LIST.replace('"str"', '"int"'),
        LIST.replace('{"type": "str"}', '{"x": {"type": "str"}}'),
        LIST + " " * 1_000_001,
        json.dumps([PLACE] * 2001),
    ],
)
def test_known_tools_are_read_as_from_the_whole_text(text: str) -> None:
    row = {"tools": text}
    whole = outcome(lambda: read_tools(json_field(row, "tools")))
    for known in ([LIST], [LIST, json.dumps([OTHER])]):
        for earlier in known:
            tools_field({"tools": earlier})
        assert outcome(lambda: tools_field(row)) == whole
        assert outcome(lambda: tools_field(row)) == whole


def test_a_tool_known_by_its_text_is_the_same_object() -> None:
    one = tools_field({"tools": LIST})
    other = tools_field({"tools": json.dumps([TIME, PLACE])})
    assert other[1] is one[0]
    assert read_tools([PLACE])[0] is one[0]
