"""Puts values where a task speaks of them: `in a given city` → `in {city}`.

Of every task two versions are made. In the direct one each value stands in its place, as people
write; in the loose one a value that is left out leaves a sentence behind: `get the weather< in
{city}>`, or the task keeps its own words and the value is said elsewhere: `translate text`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api_registry.types import JsonSchema
from generators.embedded.naming import UNITS, is_symbol, words_of
from generators.embedded.places import ENDS, is_number, places_for

_UNSAID = re.compile(
    r" (?:with|using|in|by|to|for|according to) (?:the|an?) (?:given|specified|provided) [a-z ]+\Z"
)
"""What a task says of an argument that is not given."""
_RESULTS = frozenset(f"{verb} " for verb in "get calculate compute find estimate determine".split())
_SPANS = r"start|end|from|to|since|until|origin|destination|departure|arrival|begin|after|before"


@dataclass(frozen=True)
class Inlined:
    """A task with slots in place of what they stand for."""

    task: str
    used: frozenset[str]
    """Parameters that stand in the task."""


def inlined_task(
    task: str,
    plain: Sequence[str],
    required: Sequence[str],
    properties: Mapping[str, JsonSchema],
    *,
    loose: bool = False,
) -> Inlined:
    """Put values in a task.

    Args:
        task: A task in the imperative, such as `get the weather in a given city`.
        plain: Parameters that can be said as a value; only required ones are put in.
        required: Parameters that every call has.
        properties: Parameter → schema.
        loose: Whether the task has to read well without each of the values.
    """
    rest = [name for name in plain if is_rest(properties[name])]
    fitting = [name for name in plain if name in [*required, *rest] and _fits(properties[name])]
    task, used = _pairs(task, fitting, properties, loose=loose)
    # Names of many words first: `order_date` before `order`.
    for name in sorted(fitting, key=lambda name: -len(words_of(name).split())):
        if name in used:
            continue
        for pattern, direct, dropping in places_for(name, fitting, task, properties):
            words = dropping if loose else direct
            if words and name in rest and name not in required:
                before, _, after = words.partition(" the ")
                words = f"{before}< the {after}>" if after else None
            found = re.search(pattern, task, re.IGNORECASE)
            if words is None or not found or _in_slot(task, found.end()):
                continue
            if is_number(properties[name]) and task[: found.start()] in _RESULTS:
                continue  # `get the price per square metre` speaks of what comes out
            task = task[: found.start()] + found.expand(words) + task[found.end() :]
            used.add(name)
            break
    for name in plain:
        if name not in used and is_symbol(name):
            # `the last n lines`
            counted = rf"\b(last|first|top|next|previous|latest) {name}\b"
            task, count = re.subn(counted, rf"\1< {{{name}}}>", task, count=1)
            used |= {name} if count else set()
        if name not in used and properties[name].get("type") == "array":
            noun = re.escape(words_of(name))
            some = (
                r" (over|via|through|by|with|for|on|in|to) (?:one or more|some|several)"
                rf" {noun}{ENDS}"
            )
            task, count = re.subn(some, rf"< \1 {{{name}}}>", task, count=1)
            used |= {name} if count else set()
        if name not in used and is_number(properties[name]) and name in UNITS:
            # `over the last days`
            spans = rf"\bthe (last|past|next|coming|previous|following) {name}\b"
            task, count = re.subn(spans, rf"the \1< {{{name}}}> {name}", task, count=1)
            used |= {name} if count else set()
    return Inlined(_units(_UNSAID.sub("", task)), frozenset(used))


def _units(task: str) -> str:
    """Units beside their figures: `a temperature of 9 in degrees` → `of 9 degrees`."""
    task = _UNIT_AFTER.sub(r"\1 ", task)
    return re.sub(
        r"after a delay(<?) of (\{\w+\} (?:seconds|minutes|hours|days))", r"\1in \2", task
    )


_UNIT_AFTER = re.compile(
    r"(of \{\w+\}>?) in (?=(?:degrees|euros|dollars|percent|pixels|\w*metres|\w*meters|miles|hours"
    r"|minutes|seconds|\w*grams)\b)"
)


def is_rest(schema: JsonSchema) -> bool:
    """Whether this is a `*args` parameter: optional by its nature, but what the call is about."""
    return schema.get("type") == "array" and "default" not in schema


def _pairs(
    task: str, fitting: list[str], properties: Mapping[str, JsonSchema], *, loose: bool
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
    slot = "({{{}}})" if "object" in str(properties[pairs[0][0]].get("type")) else "{{{}}}"
    first, second = (slot.format(name) for name in pairs[0])
    forms = [
        (
            r" from one [a-z ]+? to another\b(?: [a-z]+ ?(?:=$|zone))?",
            f"< from {first}>< to {second}>",
        ),
    ]
    spans = all(re.search(_SPANS, name) for name in pairs[0])
    if loose and spans:
        forms.append(
            (rf" between (?:(?:the|an?) )?(?:two|2) (?:given )?(?:[a-z]+ )?[a-z]+s{ENDS}",
             f"< from {first}>< to {second}>")
        )  # fmt: skip
    if not loose:
        forms.append(
            (
                r" (?:(?:the|an?) )?(?:two|2) (?:given )?(?:[a-z]+ ){0,2}?[a-z]+s\b(?! of\b)",
                f" {first} and {second}",
            )
        )
    for pattern, words in forms:
        replaced, count = re.subn(pattern, words, task, count=1)
        if count:
            return replaced, set(pairs[0])
    return task, set()


def _in_slot(task: str, position: int) -> bool:
    return task.count("{", 0, position) > task.count("}", 0, position)


def _fits(schema: JsonSchema) -> bool:
    items = schema.get("items", {})
    if schema.get("type") == "array":
        return "prefixItems" not in schema and "array" not in str(items)
    free = schema.get("type") == "object" and not schema.get("properties")
    if "$ref" in schema:
        return True
    return free or is_number(schema) or schema.get("type") in ("string", "number", "integer")
