"""What the fake endpoint says: pairs to generator prompts, fitting values to all else.

The tasks and tools are read from the messages, as a model would read them; the embedded generator
writes the pairs. So the answers are as right as those of a good model, and as varied as the plan.
"""

import json
import random
import re
from datetime import date
from typing import Any

from api_registry.types import Api, Tool
from data.identity import compact_json
from generators.embedded.generator import write
from generators.fake_server.closing import closing
from generators.fake_server.evaluated import evaluated
from generators.fake_server.instances import instance_of
from generators.fake_server.judging import judged_record, verdict
from generators.fake_server.settings import FakeSettings
from generators.types import REGISTERS, Context, DraftPlan

_PAIR = re.compile(r"<task>(?P<task>.*?)</task>\s*<tools>(?P<tools>.*?)</tools>", re.DOTALL)
_SYSTEM = re.compile(
    r"Today is \w+, (?P<today>[\d-]+)\. The user is in (?P<place>.*) \(time zone (?P<zone>.*)\)\."
)


def answer(asked: dict[str, Any], rng: random.Random, settings: FakeSettings) -> dict[str, Any]:
    """The body of a chat completion that answers a request."""
    message = evaluated(asked, rng, settings.known_answers, settings.answer_faults)
    if message is None:
        message = _message(asked, rng, settings)
    reason = "tool_calls" if message.get("tool_calls") else "stop"
    text = message["content"] or compact_json(message.get("tool_calls"))
    prompt = sum(len(str(turn.get("content"))) for turn in asked.get("messages", ())) // 4
    tokens = max(len(text) // 4, 1)
    return {
        "id": f"chatcmpl-{rng.getrandbits(64):016x}",
        "object": "chat.completion",
        "created": 0,
        "model": asked.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": tokens,
            "total_tokens": prompt + tokens,
        },
    }


def _message(asked: dict[str, Any], rng: random.Random, settings: FakeSettings) -> dict[str, Any]:
    content = _content(asked, rng, settings)
    text = content if isinstance(content, str) else compact_json(content)
    if tools := asked.get("tools"):
        function = {"name": tools[0]["function"]["name"], "arguments": text}
        call = {"id": "call_0", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": text}


def _content(asked: dict[str, Any], rng: random.Random, settings: FakeSettings) -> Any:
    turns = asked.get("messages") or [{}]
    prompt = str(turns[-1].get("content"))
    if (record := judged_record(prompt)) is not None:
        return verdict(
            prompt,
            rng,
            faulty=record in settings.known_faults,
            catch=settings.judge_catch,
            false_reject=settings.judge_false_reject,
            nonsense=settings.judge_nonsense,
        )
    if (answered := closing(prompt, rng, settings.closing_faults)) is not None:
        return answered
    tasks = list(_PAIR.finditer(prompt))
    if tasks:
        return {"pairs": [_pair(json.loads(m["task"]), json.loads(m["tools"]), rng) for m in tasks]}
    return instance_of(_schema(asked), rng)


def _schema(asked: dict[str, Any]) -> Any:
    if tools := asked.get("tools"):
        return tools[0]["function"].get("parameters")
    return (asked.get("response_format") or {}).get("json_schema", {}).get("schema")


def _pair(task: dict[str, Any], shown: list[dict[str, Any]], rng: random.Random) -> dict[str, Any]:
    """One pair by the embedded generator, from what the prompt says about it."""
    apis = {tool["name"]: _api(tool) for tool in shown}
    tools = tuple(
        Tool(name=api.name, description=api.description, parameters=api.parameters, api=api.name)
        for api in apis.values()
    )
    targets = tuple(apis[name] for name in task.get("call", ()) if name in apis)
    if about := task.get("about"):
        targets = (_api(about),)
    tone = task.get("tone", "plain")
    plan = DraftPlan(
        index=0,
        group="",
        style=task["style"],
        split="train",
        category="",
        targets=targets,
        tools=tools,
        missing=task.get("leave_out"),
        context=_context(task.get("system")),
        register_name=tone if tone in REGISTERS else "plain",
        seed=rng.getrandbits(64),
    )
    written = write(plan)
    pair: dict[str, Any] = {"query": written.query, "answers": written.answers}
    if written.reply is not None:
        pair["reply"] = written.reply
    return pair


def _context(system: str | None) -> Context | None:
    match = _SYSTEM.match(system or "")
    if match is None:
        return None
    today = date.fromisoformat(match["today"])
    return Context(today=today, timezone=match["zone"], place=match["place"])


def _api(tool: dict[str, Any]) -> Api:
    parameters = tool.get("parameters") or {"type": "object", "properties": {}}
    return Api(
        name=tool["name"],
        description=tool.get("description", ""),
        parameters=parameters,
        ref="fake:none",
    )
