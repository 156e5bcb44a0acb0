"""OpenAI's chat format: `messages` and `tools`, one conversation of any number of turns a row.

https://platform.openai.com/docs/guides/supervised-fine-tuning (the JSON lines of fine-tuning), the
older `functions` and `function_call` included, and Callforge's own shards.
"""

from collections.abc import Mapping
from typing import Any

from data.bindings import bound
from data.formats.imported import BadRow, Imported, ImportedTurn, Role, json_field, shown
from data.formats.results import read_results
from data.formats.tool_texts import tools_field
from data.identity import compact_json
from data.rows import training_view

KEYS = frozenset({"messages"})
OPTIONAL = frozenset({"tools", "functions", "results", "environment", "provenance"})

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


def read(row: dict[str, Any]) -> Imported:
    """Read a row. Raises `BadRow`."""
    messages = json_field(row, "messages")
    if not isinstance(messages, list) or not messages:
        raise BadRow("bad_field", f"`messages`: expected a list of messages, got {shown(messages)}")
    name = "functions" if row.get("tools") is None and row.get("functions") else "tools"
    tools = tools_field(row, name) if row.get(name) is not None else ()
    conversation = _Conversation()
    for index, message in enumerate(messages):
        conversation.add(f"messages[{index}]", message)
    conversation.check()
    results = read_results(row.get("results"))
    environment = row.get("environment")
    return Imported(
        tools=bound(tools, row.get("provenance")),
        turns=tuple(conversation.turns),
        results=results,
        environment=environment if isinstance(environment, str) else None,
    )


class _Conversation:
    """The turns read so far, and which call each tool message answers."""

    def __init__(self) -> None:
        self.turns: list[ImportedTurn] = []
        self.open: list[tuple[str | None, int]] = []
        """Id and number of the calls that no message has answered yet."""
        self.unmatched: str | None = None
        """Where the first tool message stands that answers no call before it."""
        self.calls = 0

    def add(self, where: str, message: Any) -> None:
        if not isinstance(message, dict):
            raise BadRow("bad_field", f"{where}: expected an object, got {shown(message)}")
        role = _ROLES.get(str(message.get("role")))
        if role is None:
            raise BadRow("bad_field", f"{where}.role: unknown role {shown(message.get('role'))}")
        content = _content(where, message.get("content"))
        calls = _calls(where, message) if role == "assistant" else ()
        if role == "assistant" and not calls and not content.strip():
            content = _refusal(message)
            if not content:
                raise BadRow("empty_reply", f"{where}: neither content nor calls")
        answered = self._answered(where, message) if role == "tool" else None
        for offset, (call_id, _) in enumerate(calls):
            self.open.append((call_id, self.calls + offset))
        self.calls += len(calls)
        self.turns.append(
            ImportedTurn(role, content, tuple(call for _, call in calls), call=answered)
        )

    def check(self) -> None:
        """Refuse a conversation that is none as a whole. Raises `BadRow`."""
        if not any(turn.role == "assistant" for turn in self.turns):
            raise BadRow("bad_field", "`messages`: none is the assistant's, so nothing to check")
        # Where calls are written as text, nothing here knows their ids.
        if self.unmatched and self.calls:
            raise BadRow("unmatched_result", self.unmatched)

    def _answered(self, where: str, message: dict[str, Any]) -> int | None:
        """The call that a tool message answers: by id; without one, those open in their order."""
        wanted = message.get("tool_call_id")
        for known in (wanted, None):
            for place, (call_id, number) in enumerate(self.open):
                if wanted is None or call_id == known:
                    del self.open[place]
                    return number
        if wanted is not None and self.unmatched is None:
            waiting = ", ".join(str(call_id) for call_id, _ in self.open) or "none"
            self.unmatched = (
                f"{where}.tool_call_id: {shown(wanted)} is no call before it that still waits "
                f"for its result; waiting: {waiting}"
            )[:300]
        return None


def _content(where: str, content: Any) -> str:
    """Return the text of a message, which may come in parts; no content is no text."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list):
        parts = [
            part.get("text") or part.get("refusal") if isinstance(part, dict) else part
            for part in content
        ]
        return "\n".join(part for part in parts if isinstance(part, str))
    raise BadRow("bad_field", f"{where}.content: expected text, got {shown(content)}")


def _refusal(message: dict[str, Any]) -> str:
    """What stands in place of the content where the model declined; empty if nothing does."""
    refusal = message.get("refusal")
    return refusal.strip() if isinstance(refusal, str) else ""


def _calls(where: str, message: dict[str, Any]) -> tuple[tuple[str | None, Any], ...]:
    """Return id and `{"name", "arguments"}` of each call of an assistant message."""
    calls = message.get("tool_calls")
    if calls is None:
        legacy = message.get("function_call")
        # Tables fill an object that is not there with nulls.
        unsaid = legacy is None or (isinstance(legacy, dict) and not any(legacy.values()))
        return () if unsaid else ((None, legacy),)
    if not isinstance(calls, list):
        raise BadRow("bad_field", f"{where}.tool_calls: expected a list, got {shown(calls)}")
    return tuple(
        (call.get("id"), call["function"])
        if isinstance(call, dict) and isinstance(call.get("function"), dict)
        else (None, call)
        for call in calls
    )


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the fine-tuning files: arguments as JSON text, no empty content."""
    view = training_view(row)
    return {"messages": [_message(message) for message in view["messages"]], "tools": view["tools"]}


def _message(message: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in message.items() if key != "reasoning_content"}
    if "tool_calls" in kept:
        kept["tool_calls"] = [
            {
                **call,
                "function": {
                    "name": call["function"]["name"],
                    "arguments": compact_json(call["function"]["arguments"]),
                },
            }
            for call in kept["tool_calls"]
        ]
        if not kept["content"]:
            del kept["content"]
    return kept
