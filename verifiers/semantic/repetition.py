"""The rule on calls that say the same: repeated, or in other words."""

import re
from collections.abc import Mapping
from typing import Any

from api_registry.types import Api, Call, Tool
from data.identity import canonical_json
from data.types import Sample
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.findings import Problem
from verifiers.semantic.standing import spoken

_ONCE_MORE = re.compile(
    r"(?<![a-z])(?:random\w*|roll|draw|shuffle|sample|pick|toss|flip|append|add|create|book|order|"
    r"post|send|insert|push|increment|move|step|play|deal|press|click|buy|wait|sleep|execute|run|"
    r"cmd|purchase|pay|transfer|next$|make (?:\w+ )?(?:reservation|booking|appointment|payment|"
    r"order|purchase|transfer|deposit|donation|call))(?![a-z])",
    re.IGNORECASE,
)
"""Names of tools of which a second call is another event, not a repetition."""
_READING = re.compile(
    r" (?:time|duration|rate|cost|fee|price|status|history|info|details?)(?: \d+)?$"
)
"""Ends of names of tools that only tell something: the time of a transfer is none."""
_AGAIN = re.compile(
    r"\b(?:twice|thrice|again|another|more|each|every|both|times|repeat(?:ed|edly|s)?|separate\w*|"
    r"couple|pair|several|few|many)\b"
)
"""Words with which people ask for an event more than once."""
_COUNTS = {word: number for number, word in enumerate("two three four five six".split(), 2)}


def repeated_call(sample: Sample, apis: Mapping[str, Api], told: Conversation) -> Problem | None:
    """The same call twice (`duplicate_call`), or the same but for its wording (`extra_call`).

    Abstains where a call changes or draws something and the query may well want that twice: there a
    second call is another event.
    """
    calls = sample.calls
    if len({call.name for call in calls}) == len(calls):
        return None  # calls to different tools never say the same
    tools = {tool.name: tool for tool in sample.tools}
    exact: set[str] = set()
    alike: dict[str, str] = {}
    for call in calls:
        tool = tools.get(call.name)
        if tool is None or _is_event(call, tool, apis.get(tool.api), told):
            continue
        same = f"{call.name} {canonical_json(call.arguments)}"
        if same in exact:
            detail = f"{call.id} repeats an earlier call to {call.name}"
            return Problem("duplicate_call", detail, call.id)
        exact.add(same)
        meaning = f"{call.name} {canonical_json(_meaning(call))}"
        if meaning in alike:
            detail = f"{call.id} asks {call.name} for the same as {alike[meaning]} in other words"
            return Problem("extra_call", detail, call.id)
        alike[meaning] = call.id
    return None


def _is_event(call: Call, tool: Tool, api: Api | None, told: Conversation) -> bool:
    """Whether a second call may be wanted."""
    if api is not None:
        return bool(api.environment or api.effects)
    name = spoken(tool.name)
    if not _ONCE_MORE.search(name) or _READING.search(name) or "seed" in call.arguments:
        return False
    if told.is_foreign or _AGAIN.search(told.lower):
        return True
    counts = {*told.unused_numbers, *(n for word, n in _COUNTS.items() if word in told.words)}
    return any(1 < number < 100 for number in counts - told.used_numbers)


def _meaning(call: Call) -> dict[str, Any]:
    """The arguments spelled alike; null is no argument."""
    return {name: _alike(value) for name, value in call.arguments.items() if value is not None}


def _alike(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, str):
        return " ".join(value.split())
    return value
