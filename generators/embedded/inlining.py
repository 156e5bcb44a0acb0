"""Puts values where a task speaks of them: `in a given city` → `in {city}`."""

import re
from collections.abc import Mapping

from api_registry.types import JsonSchema
from generators.embedded.naming import is_symbol, words_of

_FOLLOWS = (
    r"(?=$|[,.]| (?:to|in|on|at|by|for|from|with|and|or|into|as|is|are|was|has|belongs?|fits?"
    r"|matches|between|within|against|per|under|over|after|before|using|given|ends?|falls?)\b)"
)
"""What may stand after a noun that a value replaces."""
_ANY = r"\b(?:an?|the|some) (?:given |specified |certain |particular |single )?"
_OF_THE_FORMAT = {
    "date": "date|day|calendar date",
    "date-time": "datetime|date and time|timestamp|point in time",
    "uri": "URL|link|web page|website",
    "email": "email address|email|e-mail",
    "zoneinfo": "time zone|timezone",
}
"""Format of text → what a task calls it, whatever the parameter's name."""


def inlined_task(
    task: str, plain: list[str], required: list[str], properties: Mapping[str, JsonSchema]
) -> tuple[str, set[str]]:
    """Return the task with slots in place of what they stand for, and their parameters.

    Args:
        task: A task in the imperative, such as `get the weather in a given city`.
        plain: Parameters that can be said as a value; only required ones are put in.
        required: Parameters that every call has.
        properties: Parameter → schema.
    """
    fitting = [name for name in plain if name in required and _fits(properties[name])]
    task, used = _two_of_a_kind(task, fitting, properties)
    for name in fitting:
        if name in used:
            continue
        for pattern, words in _places(name, fitting, task, properties):
            found = re.search(pattern, task)
            if found and "{" not in task[: found.start()][-1:]:
                task = task[: found.start()] + found.expand(words) + task[found.end() :]
                used.add(name)
                break
    return task, used


def is_number(schema: JsonSchema) -> bool:
    """Whether a schema takes numbers alone, null aside."""
    kinds = [kind for kind in schema.get("anyOf", (schema,)) if kind.get("type") != "null"]
    return all(kind.get("type") in ("integer", "number") for kind in kinds) and "enum" not in schema


def _places(
    name: str, fitting: list[str], task: str, properties: Mapping[str, JsonSchema]
) -> list[tuple[str, str]]:
    """Patterns of places in a task where a value can stand, and what stands there then."""
    schema, words = properties[name], words_of(name)
    slot, digits = f"{{{name}}}", f"{{{name}:digits}}" if is_number(schema) else f"{{{name}}}"
    if is_symbol(name):
        if name == "n" and schema.get("type") == "integer":
            return [
                (r"\bn-?th\b", "{n:ordinal}"),
                (rf"(?<=\bof |\bto |\bat |\bby )n{_FOLLOWS}", slot),
            ]
        alone = name not in ("a", "i") and len(re.findall(rf"\b{name}\b", task)) == 1
        return [(rf"(?<=\bof |\bat |\bby |\bto ){name}\b(?!')", slot)] if alone else []
    noun = re.escape(words)
    places = [(rf"{_ANY}{noun}{_FOLLOWS}", slot)]
    last = re.escape(words.split()[-1])
    places.append(
        (rf"\bby (?:its |their |an? |the )?{last}{_FOLLOWS}", f"with the {words} {digits}")
    )
    if is_number(schema):
        # `add a number of business days` takes `days`.
        places.append((rf"\b(?:a|the) (?:given )?number of ((?:\w+ )?{noun})\b", rf"{slot} \1"))
    kind = schema.get("format")
    if (
        kind in _OF_THE_FORMAT
        and [properties[other].get("format") for other in fitting].count(kind) == 1
    ):
        places.append((rf"{_ANY}(?:{_OF_THE_FORMAT[str(kind)]}){_FOLLOWS}", slot))
    return places


def _two_of_a_kind(
    task: str, fitting: list[str], properties: Mapping[str, JsonSchema]
) -> tuple[str, set[str]]:
    """`between two dates` → `between {start} and {end}`, where just two parameters are alike."""
    alike: dict[str, list[str]] = {}
    for name in fitting:
        schema = properties[name]
        if schema.get("type") != "array":
            kind = {key: schema.get(key) for key in ("type", "format", "enum")}
            alike.setdefault(str(kind), []).append(name)
    pairs = [names for names in alike.values() if len(names) > 1]
    if len(pairs) != 1 or len(pairs[0]) != 2:
        return task, set()
    first, second = (f"{{{name}}}" for name in pairs[0])
    for pattern, words in (
        (r"\bfrom one [a-z ]+? to another\b", f"from {first} to {second}"),
        (rf"\b(?:the )?two (?:given )?(?:[a-z]+ )?[a-z]+s{_FOLLOWS}", f"{first} and {second}"),
    ):
        replaced, count = re.subn(pattern, words, task, count=1)
        if count:
            return replaced, set(pairs[0])
    return task, set()


def _fits(schema: JsonSchema) -> bool:
    scalars = ("string", "number", "integer")
    items = schema.get("items", {})
    return schema.get("type") in scalars or (
        schema.get("type") == "array"
        and items.get("type") in scalars
        and "prefixItems" not in schema
    )
