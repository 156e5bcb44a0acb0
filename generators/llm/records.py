"""A checked sample as models are shown it: what was asked, offered, called and given back."""

from typing import Any

from api_registry.types import CallResult
from data.identity import compact_json
from data.rows import tools_json
from data.types import Sample

_RESULT = 4000
"""Characters of a result that are shown."""


def record_json(sample: Sample) -> str:
    """The conversation and its tools: nothing of the plan, nothing of what checks found.

    An object with `system` (if any), `query`, `tools`, and `calls` and `answer` (if any).
    """
    asked: dict[str, Any] = {}
    system = [turn.content for turn in sample.turns if turn.role == "system"]
    if system:
        asked["system"] = "\n".join(system)
    asked["query"] = sample.query
    done: dict[str, Any] = {}
    results = {result.call: result for result in sample.results}
    if sample.calls:
        done["calls"] = [
            {"name": call.name, "arguments": call.arguments, **_result(results.get(call.id))}
            for call in sample.calls
        ]
    if words := words_of(sample):
        done["answer"] = words
    # The tools are most of it and the same again and again: their text is made once.
    rest = f",{compact_json(done)[1:]}" if done else "}"
    return f'{compact_json(asked)[:-1]},"tools":{tools_json(sample.tools)}{rest}'


def words_of(sample: Sample) -> str:
    """What the assistant said; words beside its calls are no answer yet."""
    said = [turn for turn in sample.turns if turn.role == "assistant" and not turn.calls]
    return "\n".join(turn.content for turn in said)


def _result(result: CallResult | None) -> dict[str, Any]:
    if result is None:
        return {}
    if result.outcome != "ok":
        return {"error": f"{result.outcome}: {result.error or ''}"[:_RESULT]}
    text = compact_json(result.value)
    if len(text) > _RESULT:
        return {"result": f"{text[:_RESULT]}…", "result_is_cut": True}
    return {"result": result.value}
