"""What the fake endpoint says where it is asked for the last message of a conversation."""

import json
import random
from typing import Any

from api_registry.types import Call, Tool
from generators.embedded.closing import closing_answer
from generators.llm.closing import TAG
from generators.llm.delimiting import RECORD


def closing(prompt: str, rng: random.Random, faults: float) -> dict[str, Any] | None:
    """The answer that the embedded generator writes; None for any other prompt.

    A share of `faults` says a number that nothing gives.
    """
    match = RECORD.search(prompt)
    if match is None or match["tag"] != TAG:
        return None
    record = json.loads(match["json"])
    shown = record.get("calls", [])
    calls = [
        Call(id=f"call_{place}", name=call["name"], arguments=call["arguments"])
        for place, call in enumerate(shown)
    ]
    values = [call.get("result") for call in shown]
    tools = [Tool(**tool, api=tool["name"]) for tool in record["tools"]]
    answer = closing_answer(calls, values, tools, rng)
    if rng.random() < faults:
        answer += f" That is {rng.randint(10**6, 10**7)}.5 in all."
    return {"answer": answer}
