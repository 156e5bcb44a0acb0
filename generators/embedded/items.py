"""One argument as it stands after `with`, in a list, or as a sentence of its own."""

import re

from api_registry.types import Api, JsonSchema
from generators.embedded.naming import (
    is_plural,
    is_symbol,
    label_of,
    noun_of,
    unit_of,
    with_article,
    words_of,
)
from generators.embedded.places import BY_PLACE, is_number
from generators.embedded.switches import is_switch, switch_words

_RESERVED = str.maketrans("{}[]<>|", "()()()/")
_PREPOSITIONS = frozenset("to from at on by in for since until before after near about".split())
_DIRECTIONS = frozenset(("to", "from", "into", "since", "until"))
"""Names that stand in a list as they are: `to: ann@example.com`."""
_ADJECTIVES = frozenset(
    "red green blue alpha hue cyan magenta yellow black systolic diastolic".split()
)
"""Names of numbers that are no nouns: `with red 165 and green 77`."""
_LABELS = frozenset("year port ID IDs number code".split())
"""Last words of names whose numbers count nothing: `the order number 4417`."""


def item(name: str, schema: JsonSchema, *, bare: bool = False) -> str:
    """After `with`: `a limit of 5`, `the title "Team lunch"`; `bare`, without articles."""
    description = str(schema.get("description", ""))
    words = noun_of(name, description, text=_is_plain_text(schema)).translate(_RESERVED)
    raw = name.strip("_")
    article = "" if bare else "the "
    if raw in _PREPOSITIONS and raw not in ("by", "on", "at", "for"):
        return f"~{raw} {{{name}}}"
    if _is_plain_text(schema) and is_plural(words) and words not in ("hours", "news"):
        words = words.removesuffix("s")
    if "percent" in words and is_number(schema):
        head = re.sub(r" ?percent(?:age)?", "", words)
        if not head and (told := re.match(r"(?:the )?([A-Za-z]+) in percent", description)):
            head = told[1].lower()
        return f"{with_article(head)} of {{{name}:percent}}" if head else f"{{{name}:percent}}"
    if _is_whole_choice(schema):
        return f"{article}{words} {{{name}:digits}}"
    if is_number(schema):
        return _number_item(name, words, bare=bare)
    if is_symbol(name) and words == words_of(name):
        return f"{words} = {{{name}}}"
    if schema.get("type") == "object" and not schema.get("properties"):
        return f"{article}{words} ({{{name}}})"
    if words in BY_PLACE and _is_plain_text(schema):
        return f"the {{{name}}} {words}"
    if _is_plain_text(schema):
        return f"{article}{words} {{{name}:quoted}}"
    if _is_choice(schema) and not bare:
        return f"{{{name}}} as the {words}"  # `with the period days` is no English
    return f"{article}{words} {{{name}}}"


def _number_item(name: str, words: str, *, bare: bool) -> str:
    if is_symbol(name) and words == words_of(name):
        return f"{words} = {{{name}:digits}}"
    if words.split()[-1] in _LABELS and " per " not in words:
        return f"{'' if bare else 'the '}{words} {{{name}:digits}}"
    head, unit = unit_of(words)
    if unit:
        return f"{head} {{{name}}} {unit}" if bare else f"{with_article(head)} of {{{name}}} {unit}"
    if words in _ADJECTIVES:
        return f"{words} {{{name}}}"
    if words.startswith("per "):
        return f"{{{name}}} {words}"
    if words.startswith("number of ") and is_plural(words.removeprefix("number of ")):
        return f"{{{name}}} {words.removeprefix('number of ')}"
    if words.startswith(("maximum ", "minimum ")) and is_plural(words):
        limit, _, things = words.partition(" ")
        return f"a {limit} of {{{name}}} {things}"
    if is_plural(words):
        return f"{{{name}}} {words}"
    return f"{words} {{{name}}}" if bare else f"{with_article(words)} of {{{name}}}"


def listed_item(name: str, schema: JsonSchema) -> str:
    """In a list: `title: Team lunch`."""
    plain = switch_words(name, schema)[0] if is_switch(schema) else ""
    words = words_of(name) if plain else noun_of(name, text=_is_plain_text(schema))
    words = words.translate(_RESERVED)
    raw = name.strip("_")
    if raw in _DIRECTIONS:
        return f"{raw}: {{{name}}}"
    if plain:
        words = re.sub(r"^(?:is|has|with) ", "", words)
        return f"{words}: {{{name}=true:yes}}{{{name}=false:no}}"
    if words == name and is_symbol(name):
        return f"{words} = {{{name}:digits}}" if is_number(schema) else f"{words} = {{{name}}}"
    head, unit = unit_of(words) if is_number(schema) else (words, "")
    style = ":digits" if words.split()[-1] in _LABELS and is_number(schema) else ""
    return f"{head}: {{{name}{style}}} {unit}".rstrip()


def sentence_item(api: Api, name: str) -> str:
    """As a sentence: `the limit is 5`."""
    schema = api.parameters["properties"][name]
    label = label_of(api, name).translate(_RESERVED)
    thing = label.removeprefix("the ")
    own, unit = unit_of(words_of(name)) if is_number(schema) else ("", "")
    head = own
    if is_number(schema) and not unit:
        head, unit = unit_of(thing)
        head = re.sub(r" in$", "", head)
    if unit:
        return f"the {head} [is|should be] {{{name}}} {unit}"
    if is_plural(thing) and is_number(schema):
        limit, _, things = thing.partition(" ")
        if limit in ("minimum", "maximum"):
            return f"the {limit} number of {things} [is|should be] {{{name}}}"
        counted = thing if thing.startswith("number of ") else f"number of {thing}"
        return f"the {counted} [is|should be] {{{name}}}"
    if thing and _is_plain_text(schema) and is_plural(thing) and len(thing.split()) < 3:
        label = label.removesuffix("s")
        thing = thing.removesuffix("s")
    if _is_choice(schema):
        return f"[use|take] {{{name}}} as {label}"
    quoted = ":quoted" if _is_plain_text(schema) else ""
    return f"{label} [{'are' if is_plural(thing) else 'is'}|should be] {{{name}{quoted}}}"


def _is_whole_choice(schema: JsonSchema) -> bool:
    return "enum" in str(schema) and re.search(r"'enum': \[\d", str(schema)) is not None


def _is_choice(schema: JsonSchema) -> bool:
    return isinstance(next(iter(schema.get("enum", ())), None), str)


def _is_plain_text(schema: JsonSchema) -> bool:
    shown = str({key: value for key, value in schema.items() if key != "description"})
    return "string" in shown and not re.search(
        r"'(?:enum|format|pattern|\$ref|array|object)'", shown
    )
