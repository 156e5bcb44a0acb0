"""The same questions otherwise: names that say nothing, another order, tools that cannot serve.

A model that has learned names by heart loses under `renamed`, one that has learned positions under
`shuffled`, and one that always calls something under `swapped`, where nothing is to be called.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from api_registry.types import Tool
from flows.evaluation.config import Variant
from flows.evaluation.questions import Question

_DONORS = 50
"""Other questions whose tools are tried, before a question is left out."""


def variant_of(
    questions: Sequence[Question], variant: Variant, seed: int = 0
) -> tuple[Question, ...]:
    """The questions in one variant; those that it cannot be made of are left out."""
    if variant == "plain":
        return tuple(questions)
    if variant == "renamed":
        return tuple(renamed(question) for question in questions if question.tools)
    if variant == "shuffled":
        return tuple(
            shuffled(question, random.Random(f"{seed}/{question.id}"))
            for question in questions
            if len(question.tools) > 1
        )
    rng = random.Random(f"{seed}/swapped")
    made = (swapped(question, questions, rng) for question in questions if question.expected)
    return tuple(question for question in made if question is not None)


def shuffled(question: Question, rng: random.Random) -> Question:
    """The tools in another order than they were."""
    order = list(range(len(question.tools)))
    while order == sorted(order):
        rng.shuffle(order)
    return replace(
        question,
        tools=tuple(question.tools[place] for place in order),
        functions=tuple(question.functions[place] for place in order),
    )


def swapped(
    question: Question, questions: Sequence[Question], rng: random.Random
) -> Question | None:
    """The tools of another question, none like one of this question's; no call is right then.

    Likeness is that of names and descriptions: the same API under other names would serve as well.
    """
    for _ in range(_DONORS):
        donor = rng.choice(questions)
        if donor.tools and not any(_alike(a, b) for a in question.tools for b in donor.tools):
            return replace(
                question, tools=donor.tools, functions=donor.functions, expected=(), results=None
            )
    return None


_LIKE = 0.3


def _alike(one: Tool, other: Tool) -> bool:
    """Whether two tools share their name, or much of what their names and descriptions say."""
    first, second = _words(one), _words(other)
    return one.name == other.name or len(first & second) > _LIKE * len(first | second)


def _words(tool: Tool) -> frozenset[str]:
    return _words_of(f"{tool.name} {tool.description}")


@lru_cache(maxsize=20_000)
def _words_of(text: str) -> frozenset[str]:
    words = re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}|[^\W\d_A-Za-z]{2,}", text)
    return frozenset(word.lower().rstrip("s") for word in words)


def renamed(question: Question) -> Question:
    """Tools and their parameters with names that say nothing, in what is expected as well."""
    names = {tool.name: f"function_{number}" for number, tool in enumerate(question.tools, 1)}
    arguments = {tool.name: _argument_names(tool.parameters) for tool in question.tools}
    expected = question.expected and tuple(
        {
            names[name]: {arguments[name].get(key, key): values for key, values in allowed.items()}
            for name, allowed in call.items()
        }
        for call in question.expected
    )
    tools = tuple(
        tool.model_copy(
            update={
                "name": names[tool.name],
                "parameters": _renamed(tool.parameters, arguments[tool.name]),
                "argument_names": {
                    new: tool.argument_names.get(old, old)
                    for old, new in arguments[tool.name].items()
                },
            }
        )
        for tool in question.tools
    )
    functions = tuple(
        tools[number] if isinstance(document, Tool) else _document(document, names, arguments)
        for number, document in enumerate(question.functions)
    )
    return replace(question, tools=tools, functions=functions, expected=expected)


def _document(
    document: Mapping[str, Any], names: Mapping[str, str], arguments: Mapping[str, dict[str, str]]
) -> dict[str, Any]:
    name = document["name"]
    schema = _renamed(document.get("parameters") or {}, arguments[name])
    return {**document, "name": names[name], "parameters": schema}


def _argument_names(schema: Mapping[str, Any]) -> dict[str, str]:
    properties = schema.get("properties")
    there = properties if isinstance(properties, Mapping) else {}
    return {name: f"argument_{number}" for number, name in enumerate(there, 1)}


def _renamed(schema: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A schema with its own properties renamed; those of values inside keep their names."""
    new = dict(schema)
    if isinstance(schema.get("properties"), Mapping):
        new["properties"] = {names[key]: part for key, part in schema["properties"].items()}
    if isinstance(schema.get("required"), list):
        new["required"] = [names.get(key, key) for key in schema["required"]]
    return new
