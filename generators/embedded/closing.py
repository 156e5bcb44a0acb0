"""Closing answers from templates: what the calls gave back, in plain words and varied sentences."""

import random
from collections.abc import Sequence
from typing import Any

from api_registry.types import Call, Tool
from data.identity import compact_json
from data.types import Sample
from generators.embedded.nesting import humanise
from generators.embedded.tasks import task_of
from generators.types import Completion

_YES = ("Yes, that is the case.", "Yes, it is.", "The answer is yes.", "Yes, it does.")
_NO = ("No, that is not the case.", "No, it is not.", "The answer is no.", "No, it does not.")
_ONE = (
    "The answer is {value}.",
    "I get {value}.",
    "The result is {value}.",
    "That gives {value}.",
    "It is {value}.",
    "Here is the result: {value}.",
    "You get {value}.",
)
_SEVERAL = (
    "Here is what I found: {value}.",
    "The results are these: {value}.",
    "This is what comes out: {value}.",
    "I get {value}.",
    "The outcome: {value}.",
)
_PART = (
    "To {task}{given}: {value}.",
    "For the request to {task}{given}, the result is {value}.",
    "I was able to {task}{given} and got {value}.",
    "The outcome of the request to {task}{given}: {value}.",
)
_OPENING = ("", "", "", "Here you go. ", "Done. ", "Of course. ", "I have looked it up. ")
_CLOSING = (
    "",
    "",
    "",
    "",
    " Let me know if you need anything else.",
    " Is there anything else?",
)
_STATED = 0.7
"""Chance that an object's fields are each told in a clause of their own."""
_ADJECTIVES = ("able", "ible", "id")
_SHOWN_ITEMS = 6
_SHOWN_FIELDS = 8
_SHOWN_ARGUMENTS = 4
_LONG_TEXT = 300


class EmbeddedCloser:
    """The writer of closing answers that needs no model."""

    name = "embedded-closing@1"

    async def close(self, sample: Sample) -> Completion:
        """Write the answer to a sample whose calls have run; a function of its content and seed."""
        rng = random.Random(f"closing/{sample.provenance.get('seed')}/{sample.id}")
        values = [result.value for result in sample.results]
        text = closing_answer(sample.calls, values, sample.tools, rng)
        return Completion(text=compact_json({"answer": text}))


def closing_answer(
    calls: Sequence[Call], values: Sequence[Any], tools: Sequence[Tool], rng: random.Random
) -> str:
    """Say what each call gave back, in the order of the calls; never empty."""
    described = {tool.name: tool.description for tool in tools}
    if len(calls) == 1:
        body = _alone(values[0], rng)
    else:
        template = rng.choice(_PART)
        body = " ".join(
            _sentence(
                template,
                task=task_of(described.get(call.name, humanise(call.name))),
                given=_given(call),
                value=_words(value),
            )
            for call, value in zip(calls, values, strict=True)
        )
    return f"{rng.choice(_OPENING)}{body}{rng.choice(_CLOSING)}"


def _alone(value: Any, rng: random.Random) -> str:
    if isinstance(value, bool):
        return rng.choice(_YES if value else _NO)
    if isinstance(value, dict) and value and rng.random() < _STATED:
        return _sentence("{value}.", value=_joined([_statement(*field) for field in _shown(value)]))
    several = isinstance(value, dict | list) and len(value) != 1
    return _sentence(rng.choice(_SEVERAL if several else _ONE), value=_words(value))


def _statement(key: str, value: Any) -> str:
    """A field as a clause: `the total is 5`, `it is valid`."""
    label = humanise(key)
    if isinstance(value, bool):
        verb, _, rest = label.partition(" ")
        if verb in ("is", "has"):
            return f"it {label}" if value else f"it {verb} {'not' if verb == 'is' else 'no'} {rest}"
        if label.endswith(_ADJECTIVES):
            return f"it is {'' if value else 'not '}{label}"
        return f"the answer to {label} is {'yes' if value else 'no'}"
    if value is None or value == []:
        return f"there is no {label}" if not label.endswith("s") else f"there are no {label}"
    verb = "are" if label.endswith("s") and not label.endswith("ss") else "is"
    return f"the {label} {verb} {_words(value, inner=True)}"


def _sentence(template: str, **parts: str) -> str:
    """Fill a template in; it begins with a capital and ends with one stop."""
    said = template.format(**parts)
    return said[0].upper() + said[1:]


def _given(call: Call) -> str:
    """The arguments of a call that tell it from others, in parentheses."""
    shown = [
        _words(value)
        for value in call.arguments.values()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    ]
    return f" ({', '.join(shown[:_SHOWN_ARGUMENTS])})" if shown else ""


def _words(value: Any, *, inner: bool = False) -> str:
    """A value as a person reads it; `inner` inside another one."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return compact_json(value)
    if isinstance(value, list):
        return _list(value, inner=inner)
    return _fields(value, inner=inner)


def _text(value: str) -> str:
    if not value.strip():
        return "an empty text"
    shown = value if len(value) <= _LONG_TEXT else f"{value[:_LONG_TEXT].rstrip()} …"
    single = len(value.split()) == 1 and any(character.isalnum() for character in value)
    if '"' in shown:
        return f"“{shown}”"
    return shown if single else f'"{shown}"'


def _list(values: list[Any], *, inner: bool) -> str:
    if not values:
        return "nothing"
    words = [_words(value, inner=True) for value in values[:_SHOWN_ITEMS]]
    cut = len(values) > _SHOWN_ITEMS
    said = f"{', '.join(words)} and so on" if cut else _joined(words)
    return f"({said})" if inner and len(words) > 1 else said


def _fields(value: dict[str, Any], *, inner: bool) -> str:
    if not value:
        return "nothing"
    said = [_field(*field) for field in _shown(value)]
    return f"({', '.join(said)})" if inner else _joined(said)


def _shown(value: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(value.items())[:_SHOWN_FIELDS]


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _field(key: str, value: Any) -> str:
    label = humanise(key)
    if isinstance(value, bool):
        return f"{label}: {'yes' if value else 'no'}"
    if value is None or value == []:
        return f"no {label}"
    return f"{label} {_words(value, inner=True)}"
