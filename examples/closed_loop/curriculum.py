"""What the base model learns, in three stages: to echo, to fill in what it is told, to call.

A model of this size learns calls alone to 13 % only, as copying values is what is hard; with two
stages before them that are about nothing else it gets to copy, and then calls come fast.
"""

import random
import string
from collections.abc import Mapping, Sequence
from typing import Any

Conversation = dict[str, Any]
"""`messages` and `tools`, as `data.training_view` gives them."""


def echo(rng: random.Random, words: Sequence[str]) -> Conversation:
    """A user says one to six values, and the assistant says the same."""
    said = " ".join(str(_value(rng, words)) for _ in range(rng.randint(1, 6)))
    return {
        "messages": [
            {"role": "user", "content": said},
            {"role": "assistant", "content": said},
        ],
        "tools": [],
    }


def extraction(rng: random.Random, words: Sequence[str]) -> Conversation:
    """One of one to three made-up tools is called with the values that stand beside its keys."""
    tools = [_tool(rng, words) for _ in range(rng.randint(1, 3))]
    name, keys = rng.choice(tools)
    arguments = {key: _value(rng, words) for key in keys}
    besides = {_key(rng, words): _value(rng, words) for _ in range(rng.randint(0, 2))}
    told = [f"{key} {value}" for key, value in (besides | arguments).items()]
    rng.shuffle(told)
    opening = name.replace("_", " ") + rng.choice((": ", " ", ", "))
    call = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return {
        "messages": [
            {"role": "user", "content": opening + rng.choice((", ", " ", " and ")).join(told)},
            {"role": "assistant", "content": "", "tool_calls": [call]},
        ],
        "tools": [_described(name, keys) for name, keys in tools],
    }


def _tool(rng: random.Random, words: Sequence[str]) -> tuple[str, list[str]]:
    name = _key(rng, words) + (f"_{_key(rng, words)}" if rng.random() < 0.7 else "")
    keys = dict.fromkeys(_key(rng, words) for _ in range(rng.randint(1, 3)))
    return name, list(keys)


def _described(name: str, keys: Sequence[str]) -> Mapping[str, Any]:
    parameters = {"type": "object", "properties": {key: {} for key in keys}}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


def _key(rng: random.Random, words: Sequence[str]) -> str:
    return rng.choice(words) if rng.random() < 0.5 else _letters(rng, 3, 5)


def _value(rng: random.Random, words: Sequence[str]) -> str | int:
    """A number, letters, a code of capitals and digits, or a word."""
    kind = rng.random()
    if kind < 0.3:
        return rng.randint(1, 999)
    if kind < 0.55:
        return _letters(rng, 3, 6)
    if kind < 0.7:
        return _letters(rng, 2, 4).upper()
    if kind < 0.9:
        digits = "".join(rng.choices(string.digits, k=rng.randint(2, 4)))
        return f"{_letters(rng, 1, 2).upper()}{rng.choice(('', '-'))}{digits}"
    return rng.choice(words)


def _letters(rng: random.Random, least: int, most: int) -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(least, most)))
