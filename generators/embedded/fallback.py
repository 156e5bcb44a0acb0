"""Phrasings for an API that came without any, composed from its description and parameters."""

import re
from functools import lru_cache

from api_registry.types import Api, JsonSchema
from generators.embedded.inlining import inlined_task, is_number
from generators.embedded.joining import ALSO, LEAD, LEAD_END, LISTED, SAID, WITH
from generators.embedded.naming import (
    is_plural,
    is_symbol,
    label_of,
    noun_of,
    unit_of,
    with_article,
    words_of,
)
from generators.embedded.tasks import task_of, thing_of
from generators.embedded.verbs import VERBS

_FRAMES: tuple[str, ...] = (
    "{task}{with}{also}",
    "[can|could] you {task}{with}{also}?",
    "[is there a way|would it be possible] to {task}{with}{also}?",
    "i [want|need|would like] to {task}{with}{also}.",
    "i [want|need] to {task}.{lead}{listed}.",
    "[can|could] you {task}?{lead}{listed}.",
    "[please|kindly] {task}{said}{also}.",
    "{task}{said}{also}.",
)
_THING_FRAMES: tuple[str, ...] = (
    "what [is|would be] {thing}{with}{also}?",
    "[tell me|work out|find out] {thing}{with}{also}",
    "i need {thing}{with}{also}.",
)
_INLINE_FRAMES: tuple[str, ...] = (
    "{inline}{rest}{also}",
    "[can|could] you {inline}{rest}{also}?",
    "i [want|need|would like] to {inline}{rest}{also}.",
)
_INLINE_LISTS: tuple[str, ...] = (
    "[is there a way|would it be possible] to {inline}{rest}{also}?",
    "[please|kindly] {inline}{rest}{also}.",
    "i have to {inline}{rest}{also}.",
)
_LEADS = (
    f"{LEAD} [here is what i have|these are the details|the details|this is what i know]:{LEAD_END}"
)
_RESERVED = str.maketrans("{}[]<>|", "()()()/")
_DOES = frozenset(
    "include show use allow send sort reverse ignore keep add remove notify return round skip"
    " enable force expand strip merge overwrite wait".split()
)
_DIRECTIONS = frozenset(("to", "from", "into", "since", "until"))
"""Names that stand in a list as they are: `to: ann@example.com`."""
_LABELS = frozenset("year port ID IDs number code".split())
"""Last words of names whose numbers count nothing: `the order number 4417`."""
_ACTIONS = frozenset("avoid include exclude ignore skip omit keep remove require prefer".split())
"""Names that are verbs, with their object as value: `and avoid tolls`."""
_PREPOSITIONS = frozenset("to from at on by in for since until before after near".split())


def compose_phrasings(api: Api) -> tuple[str, ...]:
    """Return templates in the grammar of `docs/phrasings.md`, with the marks of `joining`."""
    return _compose(_Key(api))


class _Key:
    """Hashes an API by what its phrasings are made of."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._identity = (api.name, api.description, str(api.parameters))

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._identity == other._identity


@lru_cache(maxsize=10_000)
def _compose(key: _Key) -> tuple[str, ...]:
    api = key.api
    properties = api.parameters.get("properties", {})
    required = [name for name in properties if name in api.parameters.get("required", ())]
    names = [*required, *(name for name in properties if name not in required)]
    told = [name for name in names if _is_switch(properties[name]) or name in _ACTIONS]
    plain = [name for name in names if name not in told]
    task = task_of(api.description).translate(_RESERVED)
    inline, inlined = inlined_task(task, plain, required, properties)
    thing = thing_of(api.description)
    also = "".join(f"<{ALSO}{_verb_phrase(name, properties[name])}>" for name in told)

    def items(names: list[str]) -> str:
        return "".join(f"<{WITH}{_item(name, properties[name])}>" for name in names)

    parts = {
        "task": task,
        "inline": inline,
        "thing": (thing or "").translate(_RESERVED),
        "with": items(plain),
        "rest": items([name for name in plain if name not in inlined]),
        "also": also,
        "listed": "".join(
            f"<{LISTED}{_listed(name, properties[name])}>" for name in [*plain, *told]
        ),
        "lead": _LEADS,
        "said": "".join(f"<{SAID}{_sentence(api, name, properties[name])}>" for name in plain),
    }
    frames = [frame for frame in _FRAMES if names or "{listed}" not in frame]
    frames += _THING_FRAMES if thing else ()
    if inlined:
        # A few frames stay from which the value can be left out.
        frames = [_FRAMES[0], _FRAMES[4], *_INLINE_FRAMES, *_INLINE_LISTS]
    return tuple(dict.fromkeys(_fill(frame, parts) for frame in frames))


def _item(name: str, schema: JsonSchema) -> str:
    """An argument as it stands after `with`: `a limit of 5`, `the title "Team lunch"`."""
    description = str(schema.get("description", ""))
    words = noun_of(name, description, text=_is_plain_text(schema)).translate(_RESERVED)
    raw = name.strip("_")
    if raw in _PREPOSITIONS and raw not in ("by", "on", "at", "for"):
        return f"~{raw} {{{name}}}"
    if is_number(schema):
        return _number_item(name, words)
    if is_symbol(name) and words == words_of(name):
        return f"{words} = {{{name}}}"
    if schema.get("type") == "object" and not schema.get("properties"):
        return f"the {words} ({{{name}}})"
    if _is_many(schema):
        return f"the {words} {{{name}}}"
    if _is_plain_text(schema):
        return f"the {words} {{{name}:quoted}}"
    return f"the {words} {{{name}}}"


def _number_item(name: str, words: str) -> str:
    if is_symbol(name) and words == words_of(name):
        return f"{words} = {{{name}:digits}}"
    if words.split()[-1] in _LABELS:
        return f"the {words} {{{name}:digits}}"
    head, unit = unit_of(words)
    if unit:
        return f"{with_article(head)} of {{{name}}} {unit}"
    if words.startswith("per "):
        return f"{{{name}}} {words}"
    if words.startswith("number of "):
        return f"the {words} set to {{{name}}}"
    if words.startswith(("maximum ", "minimum ")) and is_plural(words):
        limit, _, things = words.partition(" ")
        return f"a {limit} of {{{name}}} {things}"
    if is_plural(words):
        return f"the number of {words} set to {{{name}}}"
    return f"{with_article(words)} of {{{name}}}"


def _listed(name: str, schema: JsonSchema) -> str:
    words = words_of(name) if _is_switch(schema) else noun_of(name, text=_is_plain_text(schema))
    words = words.translate(_RESERVED)
    raw = name.strip("_")
    if raw in _DIRECTIONS:
        return f"{raw}: {{{name}}}"
    if _is_switch(schema):
        plain = re.sub(r"^(?:is|has|with) ", "", words)
        return f"{plain}: {{{name}=true:yes}}{{{name}=false:no}}"
    if words == name and is_symbol(name):
        return f"{words} = {{{name}:digits}}" if is_number(schema) else f"{words} = {{{name}}}"
    head, unit = unit_of(words) if is_number(schema) else (words, "")
    style = ":digits" if words.split()[-1] in _LABELS and is_number(schema) else ""
    return f"{head}: {{{name}{style}}} {unit}".rstrip()


def _sentence(api: Api, name: str, schema: JsonSchema) -> str:
    label = label_of(api, name).translate(_RESERVED)
    several = is_plural(label.removeprefix("the "))
    if several and is_number(schema):
        return f"the number of {label.removeprefix('the ')} [is|is|should be] {{{name}}}"
    return f"{label} [{'are' if several else 'is'}|should be] {{{name}}}"


def _verb_phrase(name: str, schema: JsonSchema) -> str:
    """Words for an action or for both values of a boolean, as they follow a task and `and`."""
    if not _is_switch(schema):
        return f"{name} {{{name}}}"
    description = str(schema.get("description", "")).translate(_RESERVED)
    words = words_of(name).translate(_RESERVED)
    told = re.match(r"whether (?:or not )?to ([a-z][^.;,()]*)", description, re.IGNORECASE)
    if told and len(told[1].split()) <= _LONGEST_PHRASE:
        yes = told[1].strip()
        return f"{{{name}=true:{yes}}}{{{name}=false:do not {yes}}}"
    first = words.split()[0]
    if first in _DOES or (first in VERBS and " " in words):
        return f"{{{name}=true:{words}}}{{{name}=false:do not {words}}}"
    if told := re.match(
        r"(?:whether |if )?(?:the |an? )?([\w ]+?) (is|are) ([^.;,()]+)", description, re.IGNORECASE
    ):
        thing, be, what = told[1].lower(), told[2], told[3].strip()
        if len(f"{thing} {what}".split()) <= _LONGEST_PHRASE and thing not in ("it", "true"):
            thing = re.sub(r"^(?:whether|if) ", "", thing)
            return f"{{{name}=true:{thing} {be} {what}}}{{{name}=false:{thing} {be} not {what}}}"
    plain = re.sub(r"^(?:is|has|with|do|be) ", "", words)
    return f"{{{name}=true:turn the {plain} option on}}{{{name}=false:turn the {plain} option off}}"


_LONGEST_PHRASE = 7


def _is_switch(schema: JsonSchema) -> bool:
    kinds = [kind.get("type") for kind in schema.get("anyOf", ())]
    return schema.get("type") == "boolean" or set(kinds) == {"boolean", "null"}


def _is_many(schema: JsonSchema) -> bool:
    return "array" in str(schema) or "object" in str(schema)


def _is_plain_text(schema: JsonSchema) -> bool:
    shown = str({key: value for key, value in schema.items() if key != "description"})
    return "string" in shown and not re.search(r"'(?:enum|format|pattern|\$ref)'", shown)


def _fill(frame: str, parts: dict[str, str]) -> str:
    # In one pass: what is filled in may itself hold a slot called `task`.
    return re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], frame)
