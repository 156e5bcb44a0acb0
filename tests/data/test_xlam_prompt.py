"""xLAM's prompt format, as `formats` of other people's models write it."""

import json
import re
from typing import Any

from data.formats.xlam_prompt import answer_text, examples, prompt_text
from tests.conftest import SmallRun

BLANK = {"reasoning_content": None, "tool_calls": None, "tool_call_id": None, "name": None}
TOOL = {
    "name": "rent",
    "description": "Add up rent.",
    "parameters": {"type": "object", "properties": {"months": {"type": "integer"}}},
}


def message(role: str, content: str, **other: Any) -> dict[str, Any]:
    return BLANK | {"role": role, "content": content, "train": role == "assistant"} | other


def calls(*arguments: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{n}",
            "type": "function",
            "function": {"name": "rent", "arguments": json.dumps(given)},
        }
        for n, given in enumerate(arguments)
    ]


def blocks(prompt: str) -> dict[str, str]:
    """Name → text of each block, all of which must be there in full."""
    found = re.findall(r"\[BEGIN OF ([A-Z ]+)\]\n(.*?)\n\[END OF \1\](?:\n\n|$)", prompt, re.S)
    assert "\n\n".join(
        f"[BEGIN OF {name}]\n{text}\n[END OF {name}]" for name, text in found
    ) == prompt  # fmt: skip
    return dict(found)


def test_a_row_of_one_turn_is_a_prompt_of_four_blocks_and_its_calls(small_run: SmallRun) -> None:
    for row in small_run.kept[:50]:
        [(place, (asked, answer))] = list(examples(row))
        told = blocks(asked["content"])
        assert list(told) == [
            "TASK INSTRUCTION", "AVAILABLE TOOLS", "FORMAT INSTRUCTION", "QUERY",
        ]  # fmt: skip
        assert told["QUERY"] == row["query"]
        assert row["messages"][place]["role"] == "assistant"
        tools = json.loads(row["tools"])
        assert json.loads(told["AVAILABLE TOOLS"]) == [
            {**tool, "parameters": tool["parameters"].get("properties", {})} for tool in tools
        ]
        written = json.loads(answer["content"])
        assert written["tool_calls"] == json.loads(row["answers"])
        if not row["n_calls"]:
            assert written["thought"] == row["messages"][place]["content"]


def test_what_came_before_is_told_in_steps_with_its_results_and_what_the_user_said() -> None:
    row = {
        "messages": [
            message("system", "Today is 2027-03-01."),
            message("user", "Rent for 3 and 4 months?"),
            message("assistant", "", tool_calls=calls({"months": 3}, {"months": 4})),
            message("tool", "30", tool_call_id="call_0"),
            message("tool", "forty", tool_call_id="call_1"),
            message("assistant", "30 and 40."),
            message("user", "And 5?"),
            message("assistant", "", tool_calls=calls({"months": 5}), reasoning_content="Again."),
        ],
        "tools": json.dumps([TOOL]),
    }
    found = list(examples(row))
    assert [place for place, _ in found] == [2, 5, 7]
    told = [blocks(messages[0]["content"]) for _, messages in found]
    assert "HISTORY STEPS" not in told[0]
    assert told[0]["TASK INSTRUCTION"].endswith("\nToday is 2027-03-01.")
    assert {each["QUERY"] for each in told} == {"Rent for 3 and 4 months?"}
    both = [{"name": "rent", "arguments": {"months": months}} for months in (3, 4)]
    first = {"step_id": 1, "thought": "", "tool_calls": both, "next_observation": [30, "forty"]}
    second = {"step_id": 2, "thought": "30 and 40.", "tool_calls": [], "next_observation": ""}
    assert json.loads(told[1]["HISTORY STEPS"]) == [first | {"user_input": ""}]
    assert json.loads(told[2]["HISTORY STEPS"]) == [
        first | {"user_input": ""},
        second | {"user_input": "And 5?"},
    ]
    assert json.loads(found[2][1][1]["content"]) == {
        "thought": "Again.",
        "tool_calls": [{"name": "rent", "arguments": {"months": 5}}],
    }


def test_a_prompt_without_tools_and_an_answer_in_words_are_of_the_same_form() -> None:
    told = blocks(prompt_text([{"role": "user", "content": "Hi"}], []))
    assert told["AVAILABLE TOOLS"] == "[]"
    said = answer_text({"role": "assistant", "content": "Hello é"})
    assert said == '{"thought": "Hello é", "tool_calls": []}'
