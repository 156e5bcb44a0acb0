import gc

from api_registry.per_tool import PerTool
from api_registry.types import Tool


def _tool(name: str) -> Tool:
    return Tool(name=name, description="", parameters={"type": "object"}, api=name)


def test_what_a_tool_gives_is_worked_out_once_for_each_tool() -> None:
    asked: list[str] = []

    def length(tool: Tool) -> int:
        asked.append(tool.name)
        return len(tool.name)

    measured = PerTool(length)
    one, equal = _tool("area"), _tool("area")
    assert [measured(one), measured(one), measured(equal)] == [4, 4, 4]
    assert asked == ["area", "area"]


def test_what_was_worked_out_is_forgotten_with_the_tool() -> None:
    measured = PerTool(lambda tool: [tool.name] * 1000)
    kept = _tool("kept")
    measured(kept)
    for number in range(100):
        # Each may get the number in memory of the one before it.
        assert measured(_tool(f"made_{number}"))[0] == f"made_{number}"
    gc.collect()
    assert len(measured) == 1
    assert measured(kept)[0] == "kept"
