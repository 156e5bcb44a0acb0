"""Faults that only judges are tried on: those of rows without a call, and of results.

The embedded generator's own faults (`generators.embedded.pair_faults`) are all in the calls.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

from api_registry.types import Api
from data.types import Sample
from generators.embedded.pair_faults import Pair
from generators.embedded.replies import question, refusal
from generators.types import DraftPlan

ReplyFault = Callable[[Pair, DraftPlan, Mapping[str, Api], random.Random], Pair | None]


def _false_refusal(
    pair: Pair, plan: DraftPlan, apis: Mapping[str, Api], rng: random.Random
) -> Pair | None:
    """Say that there is no tool for what a tool that is there would do."""
    if not pair["answers"]:
        return None
    others = [tool for tool in plan.tools if tool.api != plan.targets[0].name]
    return {"query": pair["query"], "answers": [], "reply": refusal(plan.targets[0], others, rng)}


def _needless_question(
    pair: Pair, plan: DraftPlan, apis: Mapping[str, Api], rng: random.Random
) -> Pair | None:
    """Ask for a value that the query gives."""
    if not pair["answers"]:
        return None
    given = pair["answers"][0]["arguments"]
    names = [name for name in plan.targets[0].parameters.get("required", ()) if name in given]
    if not names:
        return None
    reply = question(plan.targets[0], rng.choice(names), rng)
    return {"query": pair["query"], "answers": [], "reply": reply}


def _wrong_question(
    pair: Pair, plan: DraftPlan, apis: Mapping[str, Api], rng: random.Random
) -> Pair | None:
    """Ask for another value than the one that is missing."""
    if plan.missing is None:
        return None
    required = plan.targets[0].parameters.get("required", ())
    others = [name for name in required if name != plan.missing]
    if not others:
        return None
    return pair | {"reply": question(plan.targets[0], rng.choice(others), rng)}


def _unasked_call(
    pair: Pair, plan: DraftPlan, apis: Mapping[str, Api], rng: random.Random
) -> Pair | None:
    """Call some tool that is there, though none can do what is asked."""
    if plan.style != "irrelevant":
        return None
    usable = [tool for tool in plan.tools if tool.api in apis and apis[tool.api].examples]
    if not usable:
        return None
    tool = rng.choice(usable)
    arguments = dict(rng.choice(apis[tool.api].examples))
    return {"query": pair["query"], "answers": [{"name": tool.name, "arguments": arguments}]}


REPLY_FAULTS: dict[str, ReplyFault] = {
    "false_refusal": _false_refusal,
    "needless_question": _needless_question,
    "wrong_question": _wrong_question,
    "unasked_call": _unasked_call,
}
FOREIGN_RESULT = "foreign_result"
"""The kind of a record whose call came back with what another call gave."""


def with_foreign_result(sample: Sample, value: Any) -> Sample | None:
    """The sample with another value as its first result; None where that is no fault."""
    if not sample.results or sample.results[0].value == value:
        return None
    first = sample.results[0].model_copy(update={"value": value})
    return sample.model_copy(update={"results": (first, *sample.results[1:])})
