"""Writes a query and its calls for every plan: template, values, words, register, answer."""

import hashlib
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from api_registry.types import Api, Tool
from data.identity import compact_json
from generators.embedded.alternatives import fitting_schema
from generators.embedded.clues import topic_of
from generators.embedded.composing import Ask, compose, skeleton_of, text_of
from generators.embedded.fallback import compose_phrasings
from generators.embedded.inlining import is_rest
from generators.embedded.joining import joined
from generators.embedded.phrasing import Phrasing, parse, value_text
from generators.embedded.pools import sample_value
from generators.embedded.relations import clashes, relate, same_length, same_table
from generators.embedded.replies import question, refusal
from generators.embedded.small_talk import small_talk
from generators.embedded.wording import words_for
from generators.types import Completion, DraftPlan, Request

_ENOUGH = 3
"""With fewer phrasings of its own, an API gets composed ones as well."""
_HELD_OUT = 6
"""One phrasing in so many is held out of training."""
_TRIES = 30
_OPTIONAL = 0.5
"""Chance that an optional parameter which the chosen phrasing can mention is given."""
_VAGUE = {
    "number": "a certain amount",
    "integer": "a certain number",
    "array": "a few of them",
    "boolean": "one way or the other",
}


@dataclass(frozen=True)
class Written:
    """One draft before it becomes a completion."""

    query: str
    skeleton: str
    """The query with its values masked, for measuring how varied phrasings are."""
    answers: list[dict[str, Any]]
    reply: str | None = None


class EmbeddedGenerator:
    """The generator that needs no model; answers are right by construction."""

    name = "embedded@3"

    async def draft(self, request: Request) -> Completion:
        """Write one pair per plan; another one where it is asked again."""
        plans = request.plans
        if request.attempt:
            plans = tuple(
                plan.model_copy(update={"seed": plan.seed ^ request.attempt}) for plan in plans
            )
        return completion_of([write(plan) for plan in plans])


def completion_of(written: list[Written]) -> Completion:
    """Encode drafts in the generator's own answer format."""
    pairs = []
    for draft in written:
        pair: dict[str, Any] = {"query": draft.query, "answers": draft.answers}
        if draft.reply is not None:
            pair["reply"] = draft.reply
        pairs.append(pair)
    return Completion(text=compact_json({"pairs": pairs}))


def contrast_completion(query: str, plan: DraftPlan) -> Completion:
    """Answer a verified query again, now that its tool is not offered."""
    rng = random.Random(plan.seed)
    reply = refusal(plan.targets[0], plan.tools, rng)
    return completion_of([Written(query=query, skeleton="", answers=[], reply=reply)])


def write(plan: DraftPlan) -> Written:
    """Write one draft; a pure function of its plan."""
    rng = random.Random(plan.seed)
    if not plan.targets:
        pieces, kind = small_talk(rng)
        asked = compose([Ask(tuple(pieces), kind)], plan.register_name, rng)
        reply = refusal(None, plan.tools, rng)
        return Written(text_of(asked), skeleton_of(asked), [], reply)
    today = plan.context.today if plan.context else None
    tools = {tool.api: tool for tool in plan.tools}
    asks: list[Ask] = []
    answers: list[dict[str, Any]] = []
    seen: list[tuple[str, dict[str, Any]]] = []
    for api in plan.targets:
        ask, arguments = _one(api, plan, rng, today, seen)
        seen.append((api.name, arguments))
        asks.append(ask)
        if api.name in tools:
            answers.append(_call(tools[api.name], api, arguments))
    pieces = compose(asks, plan.register_name, rng)
    query, skeleton = text_of(pieces), skeleton_of(pieces)
    if plan.style == "irrelevant":
        return Written(query, skeleton, [], refusal(plan.targets[0], plan.tools, rng))
    if plan.missing is not None:
        return Written(query, skeleton, [], question(plan.targets[0], plan.missing, rng))
    return Written(query, skeleton, answers)


def phrasing_of(plan: DraftPlan, attempt: int = 0) -> Phrasing:
    """The template of which a draft's query asks for its first call."""
    return _choose(plan.targets[0], plan, random.Random(plan.seed ^ attempt))


def split_phrasings(api: Api) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the phrasings for training and the held-out ones, by a hash of their text."""
    enough = len(api.phrasings) >= _ENOUGH
    return _split(api.phrasings if enough else (*api.phrasings, *compose_phrasings(api)))


@lru_cache(maxsize=20_000)
def _split(phrasings: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    held: set[str] = set()
    order = sorted(phrasings, key=lambda text: hashlib.blake2b(text.encode()).digest())
    for text in order:
        rest = [other for other in phrasings if other not in held and other != text]
        # Training needs a phrasing from which each value can be left out.
        if len(held) < max(1, len(phrasings) // _HELD_OUT) and _droppable(rest) == _droppable(
            phrasings
        ):
            held.add(text)
    held = held or {order[0]}
    return (
        tuple(text for text in phrasings if text not in held),
        tuple(text for text in phrasings if text in held),
    )


def _droppable(phrasings: Iterable[str]) -> set[str]:
    return {name for text in phrasings for name in parse(text).droppable}


def _one(
    api: Api,
    plan: DraftPlan,
    rng: random.Random,
    today: date | None,
    seen: list[tuple[str, dict[str, Any]]],
) -> tuple[Ask, dict[str, Any]]:
    """Choose a phrasing and arguments for one call, different from the calls before it."""
    phrasing = _choose(api, plan, rng)
    properties = api.parameters.get("properties", {})
    given = [
        name
        for name in properties
        if name in phrasing.mentioned
        and (name in api.required or is_rest(properties[name]) or rng.random() < _OPTIONAL)
    ]
    if not given and not api.required and rng.random() < _OPTIONAL:
        # A question with nothing in it is one every now and then, not every other time.
        given = (
            [rng.choice(known)] if (known := sorted(phrasing.mentioned & set(properties))) else []
        )
    shown_names = phrasing.shown(given)
    given = [name for name in given if name in shown_names]
    for _ in range(_TRIES):
        arguments = _arguments(api, phrasing, given, rng, today)
        if (api.name, arguments) not in seen:
            break
    shown = dict(arguments)
    if plan.missing is not None:
        shown.pop(plan.missing, None)

    def render(name: str, style: str) -> str:
        value = arguments[name]
        schema = _schema_of(api, name, value)
        return words_for(value, schema, rng, style=style, today=today, root=api.parameters)

    if plan.missing is not None and plan.missing not in phrasing.droppable:
        schema = properties[plan.missing]
        vague = (
            "a certain date"
            if schema.get("format") == "date"
            else _VAGUE.get(str(schema.get("type")), "one of the usual ones")
        )
        hidden = plan.missing

        def render_vague(name: str, style: str) -> str:
            return vague if name == hidden else render(name, style)

        vague_pieces = phrasing.expand(rng, arguments, render_vague)
        return Ask(tuple(joined(vague_pieces)), phrasing.kind), shown
    return Ask(tuple(joined(phrasing.expand(rng, shown, render))), phrasing.kind), shown


def _choose(api: Api, plan: DraftPlan, rng: random.Random) -> Phrasing:
    training, held_out = split_phrasings(api)
    texts = held_out if plan.held_out_phrasing and held_out else training
    phrasings = [parse(text) for text in texts]
    if plan.missing is not None:
        fitting = [phrasing for phrasing in phrasings if plan.missing in phrasing.droppable]
        # Where words stand for the missing value there is nothing that could be left vague.
        slotted = [phrasing for phrasing in phrasings if plan.missing not in phrasing.words]
        phrasings = fitting or slotted or phrasings
    return rng.choice(phrasings)


def _arguments(
    api: Api, phrasing: Phrasing, given: list[str], rng: random.Random, today: date | None
) -> dict[str, Any]:
    """Draw the arguments, in the order of the schema."""
    values = {name: _draw(api, phrasing, name, rng, today) for name in given}
    for _ in range(_TRIES):
        equal = clashes(values)
        if not equal:
            break
        for name in equal:
            values[name] = _draw(api, phrasing, name, rng, today)
    properties = api.parameters["properties"]
    columns = [
        name
        for name in given
        if isinstance(values[name], str)
        and "enum" not in properties[name]
        and _names_column(name, str(properties[name].get("description", "")))
    ]
    return same_table(same_length(relate(values, rng)), columns)


_COLUMNS = frozenset("key value index columns values by group_by sort_by on attr".split())


def _names_column(name: str, description: str) -> bool:
    names = (
        "key",
        "value",
        "index",
        "columns",
        "values",
        "by",
        "group_by",
        "sort_by",
        "on",
        "attr",
    )
    return name in names or topic_of(name, description) == "column"


def _draw(api: Api, phrasing: Phrasing, name: str, rng: random.Random, today: date | None) -> Any:
    schema = api.parameters["properties"][name]
    covered = phrasing.words.get(name)
    seen = tuple(example[name] for example in api.examples if name in example)
    about = f"{name}: {schema.get('description', '')}\n{api.description}"
    value = None
    for _ in range(_TRIES):
        value = sample_value(schema, rng, about=about, seen=seen, today=today, root=api.parameters)
        if covered is None or value_text(value) in covered:
            return value
    return _covered(schema, api.parameters, covered, value)


def _covered(
    schema: Mapping[str, Any], root: Mapping[str, Any], covered: frozenset[str] | None, value: Any
) -> Any:
    """The value that a template's words stand for, where drawing did not hit it."""
    options = _resolve(schema, root).get("enum", [True, False])
    fitting = [option for option in options if value_text(option) in (covered or ())]
    return fitting[0] if fitting else value


def _schema_of(api: Api, name: str, value: Any) -> dict[str, Any]:
    """A parameter's schema, less the reference and the alternatives that the value is not of."""
    schema = api.parameters["properties"][name]
    return fitting_schema(schema, value, api.parameters)


def _resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return dict(root.get("$defs", {}).get(reference.rpartition("/")[2], {}))
    return dict(schema)


def _call(tool: Tool, api: Api, arguments: dict[str, Any]) -> dict[str, Any]:
    """Write a call in the tool's own names, arguments in the order of the schema."""
    names = {original: shown for shown, original in tool.argument_names.items()}
    order = [name for name in api.parameters.get("properties", {}) if name in arguments]
    return {
        "name": tool.name,
        "arguments": {names.get(name, name): arguments[name] for name in order},
    }
