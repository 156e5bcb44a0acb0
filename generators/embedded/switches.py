"""Words for both values of a boolean, as they follow a task and `and`."""

import re

from api_registry.types import JsonSchema
from generators.embedded.naming import is_plural, words_of
from generators.embedded.verbs import VERBS

_ORDERED = re.compile(r"(?:also |if true,? )?(?P<verb>[a-z]+) (?P<rest>[^.;:,()]+)", re.IGNORECASE)
"""A description that is an order: `Send an email to the new owner.`"""
_STATED = re.compile(
    r"whether (?P<who>(?:the |an? )?[\w ]+?) (?P<verb>has|have|can|should|will|was|were|must)"
    r" (?P<rest>[^.;,()]+)",
    re.IGNORECASE,
)
_SAID_TOO_MUCH = frozenset("flag whether if or true false".split())

_DOES = frozenset(
    "include show use allow send sort reverse ignore keep add remove notify return round skip"
    " enable force expand strip merge overwrite wait shuffle repeat center normalize normalise"
    " compress recurse truncate escape subscribe".split()
)
"""Verbs that name switches also where they stand alone."""
_ADJECTIVES = frozenset(
    "express urgent polite public private verbose recursive unique exact strict active anonymous"
    " vegan vegetarian organic detailed deep metric compact raw ascending descending inclusive"
    " formatted sorted capitalized uppercase lowercase refundable case-sensitive pretty bold italic"
    " shared read-only silent quiet hot fragile signed required optional formal absolute relative"
    " exclusive nested rounded humorous present absent available married remote premium".split()
)
_TERMS = {
    "dry run": ("make it a dry run", "do not make it a dry run"),
    "case sensitive": ("mind the case", "ignore the case"),
    "ignore case": ("ignore the case", "mind the case"),
    "round trip": ("make it a round trip", "make it one way"),
    "open now": ("show only those open now", "show the closed ones too"),
    "consent": ("note that consent is given", "note that no consent is given"),
    "one way": ("make it one way", "make it a round trip"),
    "gift wrap": ("wrap it as a gift", "do not wrap it as a gift"),
}
_ACTS = re.compile(
    r"(notify|keep|preserve|update|overwrite|create|delete|use|save|send|ask) ([a-z ]+)"
)
"""Verbs before one thing, which takes an article: `notify the customer`."""
_LONGEST = 7


def switch_words(name: str, schema: JsonSchema) -> tuple[str, str]:
    """What to say for true and for false: `sort in reverse`, `do not sort in reverse`."""
    description = str(schema.get("description", ""))
    words = words_of(name)
    told = re.match(r"(?:whether|if true,?)(?: or not)?,? to ([a-z][^.;,()]*)", description, re.I)
    if told and len(told[1].split()) <= _LONGEST:
        yes = re.sub(r" or not$", "", told[1].strip())
        return yes, f"do not {yes}"
    if words in _TERMS:
        return _TERMS[words]
    if ordered := _from_description(description):
        return ordered
    first = words.split()[0]
    if found := re.fullmatch(
        r"(notify|keep|preserve|update|overwrite|create|delete|use|save|send|ask) ([a-z ]+)", words
    ):
        the = "" if found[2].endswith(("s", "ing", "ed")) else "the "
        return f"{found[1]} {the}{found[2]}", f"do not {found[1]} {the}{found[2]}"
    if found := re.fullmatch(r"include (\w+ed|lost|hidden|open|sold)", words):
        return f"include {found[1]} ones", f"leave out {found[1]} ones"
    if words.endswith(" only") and is_plural(words.removesuffix(" only")):
        things = words.removesuffix(" only")
        return f"restrict it to {things}", f"do not restrict it to {things}"
    if first == "can" and " " in words:
        return f"let them {words.partition(' ')[2]}", f"do not let them {words.partition(' ')[2]}"
    if first in _DOES or (first in VERBS and " " in words):
        return words, f"do not {words}"
    if said := re.match(
        r"(?:whether |if )?(?:the |an? )?([\w ]+?) (is|are) ([^.;,()]+)", description, re.IGNORECASE
    ):
        thing, be, what = said[1].lower(), said[2], said[3].strip()
        thing = re.sub(r"^(?:whether|if) ", "", thing)
        if len(f"{thing} {what}".split()) <= _LONGEST and thing not in ("it", "true"):
            return f"the {thing} {be} {what}", f"the {thing} {be} not {what}"
    if first in ("is", "has", "with", "no") and " " in words:
        rest = words.partition(" ")[2]
        return {
            "is": (f"it is {rest}", f"it is not {rest}"),
            "has": (f"it has {rest}", f"it has no {rest}"),
            "with": (f"include {rest}", f"leave out {rest}"),
            "no": (f"leave out {rest}", f"include {rest}"),
        }[first]
    if re.fullmatch(r"(?:\w+ )?\w+(?:ible|able)|\w+ (?:friendly|free|ready|proof)", words):
        return f"make sure it is {words}", f"it need not be {words}"
    if words.replace(" ", "-") in _ADJECTIVES or re.fullmatch(r"\w+[^aeiou]ed", words):
        return f"make it {words}", f"do not make it {words}"
    if is_plural(words):
        return f"include {words}", f"leave out {words}"
    return f"turn {words} on", f"turn {words} off"


def _from_description(description: str) -> tuple[str, str] | None:
    """What to say after a description that is an order or says what holds when it is true."""
    if stated := _STATED.match(description):
        who, verb, rest = stated["who"].lower(), stated["verb"], stated["rest"].strip()
        if len(f"{who} {rest}".split()) <= _LONGEST + 1 and " or not" not in rest:
            return f"{who} {verb} {rest}", f"{who} {verb} not {rest}"
    if ordered := _ORDERED.match(description):
        verb, rest = ordered["verb"].lower(), ordered["rest"].strip()
        words = rest.split()
        if verb in VERBS and 1 < len(words) <= _LONGEST and not _SAID_TOO_MUCH & set(words):
            return f"{verb} {rest}", f"do not {verb} {rest}"
    return None


def is_switch(schema: JsonSchema) -> bool:
    """Whether a schema takes true and false, null aside."""
    kinds = [kind.get("type") for kind in schema.get("anyOf", ())]
    return schema.get("type") == "boolean" or set(kinds) == {"boolean", "null"}
