import json
from typing import Any

from data.identity import compact_json
from data.stored_tools import stored_tools


def _tool(name: str, **more: Any) -> dict[str, Any]:
    text = 'Says what it does in words that hold ] and } and \\" and , { on purpose.'
    properties = {"x": {"type": "integer", "description": "A number."}, **more}
    return {"name": name, "description": text, "parameters": {"properties": properties}}


def test_tools_are_read_as_the_decoder_reads_them() -> None:
    alike = [_tool("area", **{f"p{n}": {"type": "string"}}) for n in range(20)]
    lists = [[], [_tool("area")], [_tool("area"), _tool("area_of")], alike, [{"name": "short"}]]
    for tools in (*lists, *lists):
        for text in (compact_json(tools), json.dumps(tools), json.dumps(tools, indent=1)):
            found = stored_tools({"tools": text})
            assert [tool.definition for tool in found] == tools
            assert [tool.name for tool in found] == [tool["name"] for tool in tools]


def test_equal_texts_are_one_object() -> None:
    first = stored_tools({"tools": compact_json([_tool("volume"), _tool("weight")])})
    second = stored_tools({"tools": compact_json([_tool("weight"), _tool("volume")])})
    assert first[0] is second[1]
    assert first[1] is second[0]
