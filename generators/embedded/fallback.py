"""Phrasings for an API that came without any, composed from its description and parameters."""

import re
from dataclasses import dataclass
from functools import lru_cache

from api_registry.types import Api, JsonSchema
from generators.embedded.adverbials import adverbial, coordinates
from generators.embedded.inlining import Inlined, inlined_task
from generators.embedded.items import item, listed_item, sentence_item
from generators.embedded.joining import ALSO, BARE, LEAD, LEAD_END, LISTED, SAID, WITH
from generators.embedded.naming import is_symbol, words_of
from generators.embedded.places import is_number
from generators.embedded.switches import is_switch, switch_words
from generators.embedded.tasks import base_form, task_of, thing_of
from generators.embedded.verbs import VERBS

_DIRECT: tuple[str, ...] = (
    "{direct}{with}{also}",
    "[can|could] you {direct}{with}{also}?",
    "i [want|need|would like] to {self}{with}{also}.",
    "please {direct}{with}{also}.",
    "[is there a way|would it be possible] to {direct}{with}{also}?",
)
"""Frames in which every value stands where the task speaks of it."""
_DIRECT_REST: tuple[str, ...] = (
    "{direct}{bare}{also}",
    "[can|could] you {direct}{bare}{also}?",
    "i [want|need] to {self}{said}{also}.",
)
"""Frames for what is left after that."""
_DIRECT_THING: tuple[str, ...] = (
    "what [is|would be] {thing}{with}{also}?",
    "[tell me|work out|find out] {thing}{with}{also}",
    "i [need|want to know] {thing}{with}{also}.",
)
_LOOSE: tuple[str, ...] = (
    "i [need|want] to {loose_self}{loose_said}{also}.",
    "please {loose}{loose_said}{also}.",
    "[can|could] you {loose}{loose_bare}{also}?",
)
"""Frames from which each value can be left out."""
_LISTS: tuple[str, ...] = (
    "i [want|need] to {loose_self}.{lead}{listed}.",
    "[can|could] you {loose}?{lead}{listed}.",
)
_LEADS = f"{LEAD} [here is what i have|these are the details|the details|details]:{LEAD_END}"
_RESERVED = str.maketrans("{}[]<>|", "()()()/")
_ACTIONS = frozenset(
    "avoid include exclude ignore skip omit keep remove require prefer suppress".split()
)
"""Names that are verbs, with their object as value: `and avoid tolls`."""
_FEW = 2
"""More required values than that are told as a list, too."""


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


@dataclass(frozen=True)
class _Told:
    """How the arguments of one API are told around a version of its task."""

    task: str
    left: tuple[str, ...]
    """Parameters that neither the task nor a phrase after it says."""


@lru_cache(maxsize=10_000)
def _compose(key: _Key) -> tuple[str, ...]:
    api = key.api
    properties = api.parameters.get("properties", {})
    required = [name for name in properties if name in api.required]
    names = [*required, *(name for name in properties if name not in required)]
    told = [name for name in names if is_switch(properties[name]) or name in _ACTIONS]
    plain = [name for name in names if name not in told]
    task = _task(api, plain).translate(_RESERVED)
    direct = _told(inlined_task(task, plain, required, properties), plain, properties)
    loose = _told(inlined_task(task, plain, required, properties, loose=True), plain, properties)
    thing = direct.task.partition(" ")[2] if thing_of(api.description) else ""
    parts = {
        "direct": direct.task,
        "loose": loose.task,
        "self": _of_oneself(direct.task),
        "loose_self": _of_oneself(loose.task),
        "thing": thing,
        "with": _marked(WITH, [item(name, properties[name]) for name in direct.left]),
        "bare": _marked(BARE, [_bare(api, name, direct.task) for name in direct.left]),
        "said": _said(api, direct),
        "loose_bare": _marked(BARE, [_bare(api, name, loose.task) for name in loose.left]),
        "loose_said": _said(api, loose),
        "listed": _marked(
            LISTED, [listed_item(name, properties[name]) for name in [*loose.left, *told]]
        ),
        "lead": _LEADS,
        "also": _marked(ALSO, [_verb_phrase(name, properties[name]) for name in told]),
    }
    needed = [name for name in loose.left if name in required]
    frames = [*_DIRECT, *(_DIRECT_THING if thing else ()), *_LOOSE]
    frames += _DIRECT_REST if direct.left else ()
    frames += _LISTS if len(needed) >= _FEW else ()
    return tuple(dict.fromkeys(_fill(frame, parts) for frame in frames))


def _task(api: Api, plain: list[str]) -> str:
    """What to ask for: the description's first sentence, unless it speaks of parameters."""
    named = api.name.replace("_", " ").split()
    description = _without_lists(_with_names(api.description, plain), api, plain)
    if _SPEAKS_OF.search(description.partition(". ")[0]) and base_form(named[0]) in VERBS:
        return " ".join([base_form(named[0]), *named[1:]])
    return task_of(description)


def _without_lists(description: str, api: Api, plain: list[str]) -> str:
    """Leave out lists of optional arguments: what is given of them is said anyway.

    `search contacts by name, company or city` → `search contacts`; `play a track, an artist or a
    playlist` → `play something`; `to the given width and height` → `to the given width`.
    """
    required = set(api.required)
    known = {word for name in plain for word in words_of(name).lower().split()}

    def by(found: re.Match[str]) -> str:
        listed = re.split(r",? (?:and|or) |, ", found[1])
        spoken = [text for text in listed if text.split()[-1].lower() in known]
        return "" if len(listed) > 1 and 2 * len(spoken) >= len(listed) else found[0]

    def things(found: re.Match[str]) -> str:
        listed = re.split(r",? or |, ", found[0])
        names = [re.sub(r"^ ?an? ", "", text).replace(" ", "_") for text in listed]
        optional = all(name in plain and name not in required for name in names)
        return " something" if optional else found[0]

    def pair(found: re.Match[str]) -> str:
        first, second = found[1].lower(), found[2].lower()
        only = first in required and second in plain and second not in required
        return found[1] if only else found[0]

    def names(found: re.Match[str]) -> str:
        listed = re.split(r",? and |, ", re.sub(r" \([^)]*\)", "", found[1]))
        return "" if set(listed) <= set(plain) else found[0]

    text = _LISTED_BY.sub(by, _LISTED_FOR.sub(names, description))
    text = re.sub(r" an? \w+(?:, an? \w+)*,? or an? \w+\b", things, text)
    return re.sub(r"\b(\w+) and (\w+)\b", pair, text)


_LISTED_BY = re.compile(
    r"(?:,? optionally)?(?: filtered)? by ((?:[\w ]+, )*[\w ]+,? or [\w ]+?)(?=[.,;]|$)"
)
_NAMED = r"\w+(?: \([^)]*\))?"
_LISTED_FOR = re.compile(
    rf" (?:for|of|from|with|given) ({_NAMED}(?:, {_NAMED})+(?:,? and {_NAMED})?)(?=[.;]|$)"
)
_SPEAKS_OF = re.compile(r"\bif [`'\"]*\w+[`'\"]* is (?:true|false|none|set|given)\b", re.IGNORECASE)


def _spoken_of(name: str, task: str) -> bool:
    """Whether a task has the very letter that a parameter is: `whether n is prime`."""
    return is_symbol(name) and re.search(rf"(?<!\{{)\b{name}\b(?!['}}:])", task) is not None


def _bare(api: Api, name: str, task: str) -> str:
    schema = api.parameters["properties"][name]
    if _spoken_of(name, task):
        return f"{name} = {{{name}{':digits' if is_number(schema) else ''}}}"
    return item(name, schema, bare=True)


def _said(api: Api, told: _Told) -> str:
    """Sentences for what is left to be told; `let a = 2`, as `A is 2` looks odd."""
    items: list[str] = []
    for name in told.left:
        text = sentence_item(api, name)
        if _spoken_of(name, told.task) or text.startswith(f"{name} "):
            style = ":digits" if is_number(api.parameters["properties"][name]) else ""
            text = f"{'' if items else 'let '}{name} = {{{name}{style}}}"
        items.append(text)
    return _marked(SAID, items)


def _told(inlined: Inlined, plain: list[str], properties: dict[str, JsonSchema]) -> _Told:
    """Add what can be said by a preposition to a task, and see what is left to be told."""
    task, left = inlined.task, []
    rest = [name for name in plain if name not in inlined.used]
    task, rest = _places_on_earth(task, rest, properties)
    for name in rest:
        said = adverbial(name, properties[name], inlined.task)
        if said is None or len([word for word in task.split() if word.startswith("{")]) > 6:
            left.append(name)
        else:
            task += f"<{said}>"
    return _Told(task, tuple(left))


def _of_oneself(task: str) -> str:
    """A task as one does it oneself: `i want to give me …` is no English."""
    for pattern, words in ((r"\bgive me\b", "get"), (r"\btell me\b", "find out"),
                           (r"\bshow me\b", "see"), (r" for me\b", ""),
                           (r"\Aremind me\b", "be reminded")):  # fmt: skip
        task = re.sub(pattern, words, task)
    return task


def _places_on_earth(
    task: str, rest: list[str], properties: dict[str, JsonSchema]
) -> tuple[str, list[str]]:
    """Say latitude and longitude as one."""
    pairs = [pair for pair in coordinates(properties) if set(pair) <= set(rest)]
    if not pairs:
        return task, rest
    rest = [name for name in rest if not any(name in pair for pair in pairs)]
    if len(pairs) == 1:
        (lat, lon) = pairs[0]
        said = rf"\1 latitude {{{lat}}}, longitude {{{lon}}}"
        task, count = _ON_EARTH.subn(said, task, count=1)
        if count:
            return task, rest
        return f"{task}< at latitude {{{lat}}}>< and longitude {{{lon}}}>", rest
    (one, other), (two, another) = pairs[:2]
    between = (
        f"latitude {{{one}}}, longitude {{{other}}}",
        f"latitude {{{two}}}, longitude {{{another}}}",
    )
    found = re.search(r"\bbetween (?:two|2) [a-z ]+?(?= on | in |$|,)", task)
    if found:
        task = f"{task[: found.start()]}between {between[0]} and {between[1]}{task[found.end() :]}"
    else:
        task = f"{task} from {between[0]} to {between[1]}"
    return task, [*rest, *(name for pair in pairs[2:] for name in pair)]


_ON_EARTH = re.compile(
    r"\b(near|at|around|from|for|of|in|to) (?:an?|the) (?:given |specified |particular )?"
    r"(?:geographic(?:al)? )?(?:location|point|place|coordinates?|position)s?\b"
)
_INTERVAL = re.compile(r"[\[(](\w+), ?(\w+)[\])]")


def _with_names(description: str, plain: list[str]) -> str:
    """`the range [low, high]` → `the range low to high`, where these are parameters."""
    text = _INTERVAL.sub(
        lambda found: (
            f"{found[1]} to {found[2]}" if {found[1], found[2]} <= set(plain) else found[0]
        ),
        description,
    )
    # `an International Bank Account Number (IBAN)` is an IBAN to those who have one.
    for name in plain:
        short = re.search(rf" \(({re.escape(name)})\)", text, re.IGNORECASE)
        if short and len(name) > 1:
            words = rf"(?:[A-Z]\w+[ -](?:of )?){{{len(name) - 1}}}[A-Z]\w+ \({short[1]}\)"
            text = re.sub(words, short[1], text)
    return text


def _verb_phrase(name: str, schema: JsonSchema) -> str:
    """Words for an action or for both values of a boolean, as they follow a task and `and`."""
    if not is_switch(schema):
        return f"{name} {{{name}}}"
    yes, no = (text.translate(_RESERVED) for text in switch_words(name, schema))
    return f"{{{name}=true:{yes}}}{{{name}=false:{no}}}"


def _marked(mark: str, items: list[str]) -> str:
    return "".join(f"<{mark}{text}>" for text in items)


def _fill(frame: str, parts: dict[str, str]) -> str:
    # In one pass: what is filled in may itself hold a slot called `task`.
    return re.sub(r"\{(\w+)\}", lambda match: parts[match[1]], frame)
