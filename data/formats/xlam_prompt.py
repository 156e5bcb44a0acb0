"""xLAM's prompt format: the tools and all that happened so far in one user message, JSON as answer.

https://huggingface.co/Salesforce/xLAM-7b-r. Each answer of a conversation is an example of its own,
because what came before it is told in `HISTORY STEPS` and not in messages.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.rows import training_view

TASK = (
    "Based on the previous context and API request history, generate an API request or a response "
    "as an AI assistant."
)
FORM = """\
The output should be of the JSON format, which specifies a list of generated function calls. The \
example format is as follows, please make sure the parameter type is correct. If no function call \
is needed, please make tool_calls an empty list "[]".
```
{"thought": "the thought process, or an empty string", "tool_calls": [{"name": "api_name1", \
"arguments": {"argument1": "value1", "argument2": "value2"}}]}
```"""

Message = Mapping[str, Any]


def examples(row: Mapping[str, Any]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield, for each answer of a stored row, its place among the messages and two messages."""
    view = training_view(row)
    messages = view["messages"]
    for place, message in enumerate(messages):
        if message["role"] == "assistant":
            asked = {"role": "user", "content": prompt_text(messages[:place], view["tools"])}
            yield place, [asked, {"role": "assistant", "content": answer_text(message)}]


def prompt_text(messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> str:
    """Return the blocks that ask for the next answer, given the messages before it."""
    told = [message["content"] for message in messages if message["role"] == "system"]
    blocks = [
        ("TASK INSTRUCTION", "\n".join([TASK, *told])),
        ("AVAILABLE TOOLS", _json([_tool(tool["function"]) for tool in tools])),
        ("FORMAT INSTRUCTION", FORM),
        ("QUERY", next((m["content"] for m in messages if m["role"] == "user"), "")),
    ]
    if steps := _steps(messages):
        blocks.append(("HISTORY STEPS", _json(steps)))
    return "\n\n".join(f"[BEGIN OF {name}]\n{text}\n[END OF {name}]" for name, text in blocks)


def answer_text(message: Message) -> str:
    """Return an assistant's message as xLAM writes it; words without a call are its thought."""
    return _json({"thought": _thought(message), "tool_calls": _calls(message)})


def _steps(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """What was answered before, each with what came of it and what the user said then."""
    steps: list[dict[str, Any]] = []
    results: list[Any] = []
    for message in messages:
        if message["role"] == "assistant":
            results = []
            steps.append(
                {
                    "step_id": len(steps) + 1,
                    "thought": _thought(message),
                    "tool_calls": _calls(message),
                    "next_observation": "",
                    "user_input": "",
                }
            )
        elif message["role"] == "tool" and steps:
            results.append(_result(message["content"]))
            steps[-1]["next_observation"] = results if len(results) > 1 else results[0]
        elif message["role"] == "user" and steps:
            steps[-1]["user_input"] = message["content"]
    return steps


def _tool(function: Mapping[str, Any]) -> dict[str, Any]:
    schema = function.get("parameters") or {}
    return {
        "name": function["name"],
        "description": function.get("description", ""),
        "parameters": schema.get("properties", {}),
    }


def _thought(message: Message) -> str:
    return str(message.get("reasoning_content") or message["content"])


def _calls(message: Message) -> list[dict[str, Any]]:
    return [
        {"name": call["function"]["name"], "arguments": call["function"]["arguments"]}
        for call in message.get("tool_calls", ())
    ]


def _result(content: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
