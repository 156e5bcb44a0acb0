"""Which values fit a text parameter: by its name, else by what its description speaks of."""

import re
from functools import lru_cache

from generators.embedded.clue_words import CLUES
from generators.embedded.nesting import humanise

_TOPIC_OF = {clue: topic for topic, clues in CLUES.items() for clue in clues.split(", ")}
_WHOLE = {
    "what": "task",
    "about": "errand",
    "to": "email",
    "cc": "email",
    "bcc": "email",
    "q": "topic",
    "start": "city",
    "end": "city",
}
"""Names that are clues only where nothing stands beside them."""
_SAYS_LITTLE = frozenset(
    "name number code value text string s str x data input arg content key item id raw line"
    " chars".split()
)
"""Names after which the task has to be asked: the `number` of a card or of an order."""
_OF_THE_TASK = frozenset("title subject path file filename src source".split())
_HELD = frozenset("issue book movie song headline task image log".split())
"""Topics of a task that say what a title or file is of."""
_WRITTEN = frozenset(
    "isbn html json csv xml yaml url morse binary roman base64 dna hex expression sql code email"
    " phone iban card fraction complex mac ip network version regex barcode doi vin bic vat"
    " clock username password cron command number".split()
) | {"query string", "iso date"}
"""Topics whose values are written in a form of their own, though they are text."""
_LONGEST = 3
_NAMED = re.compile(r"(?:the )?(?:new )?name (?:of|for) (?:the|an?|this|your) (?:new )?(\w+)", re.I)
_HEAD_ENDS = re.compile(r"[,.;:(]| (?:of|for|in|to|that|which|from|with|on|at|as|by|used|is|are) ")


@lru_cache(maxsize=20_000)
def topic_of(name: str, description: str = "", task: str = "") -> str | None:
    """The topic of a text parameter's values; None if nothing says what they are.

    Args:
        name: The parameter's name; its last words say most: a `to_currency` is a currency.
        description: What is said of the parameter.
        task: What is said of the function; asked where the name says little.
    """
    words = _words(name)
    if words[-1:] and words[-1] in _OF_THE_TASK and (told := _of_task(task)) in _HELD:
        return told
    if " ".join(words) in _WHOLE:
        return _WHOLE[" ".join(words)]
    if words[-1:] == ["name"] and len(words) > 1:
        qualified = next((t for size in (3, 2) if (t := _topic(words[-size:]))), None)
        if found := qualified or _last(words[:-1]):
            return found
    if words == ["name"] and (thing := _NAMED.match(description)):
        named = _topic(_words(thing[1])[-1:])
        if thing[1].lower() not in ("person", "user", "customer") and named != "person":
            return named or "label"
    vague = len(words) == 1 and words[0] in _SAYS_LITTLE
    said = _of_text(description)
    if vague:
        told = said if said not in (None, "text", "person") else _of_task(task) or said
        own = _TOPIC_OF.get(words[0])
        if own == "text" and told not in _WRITTEN:
            return own
        if words == ["name"]:
            spoken = told if told not in (None, "text", "id", "topic", "word") else None
            return spoken or said or ("label" if task else "person")
        if told not in (None, "text", "word", "id", "person") or words[0] in (
            "value",
            "input",
            "arg",
            "x",
        ):
            return told or _TOPIC_OF.get(words[0])
        return _TOPIC_OF.get(words[0], told)
    return _last(words) or _anywhere(words) or said


def _of_task(task: str) -> str | None:
    """The topic of what a function works on; its verb says nothing."""
    return _of_text(" ".join(task.split()[1:]))


def _of_text(text: str) -> str | None:
    """The topic of the thing that a text begins with, else of any that it speaks of."""
    head = _words(_HEAD_ENDS.split(text, maxsplit=1)[0])
    if found := _last(head):
        if head[-1] not in _SAYS_LITTLE:
            return found
        # An `ISBN number` is an ISBN.
        said = [word for word in _words(text) if word not in _SAYS_LITTLE]
        return _last(head[:-1]) or _anywhere(said) or found
    return _anywhere(_words(text))


def _last(words: list[str]) -> str | None:
    for length in range(_LONGEST, 0, -1):
        if len(words) >= length and (found := _topic(words[-length:])):
            return found
    return None


def _anywhere(words: list[str]) -> str | None:
    for length in range(_LONGEST, 0, -1):
        for start in range(len(words) - length + 1):
            if found := _topic(words[start : start + length]):
                return found
    return None


def _topic(words: list[str]) -> str | None:
    text = " ".join(words)
    singular = re.sub(r"(?:(?<=[sxz])|(?<=[cs]h))es$|(?<!s)s$", "", text)
    if text.endswith("ies"):
        singular = f"{text[:-3]}y"
    return _TOPIC_OF.get(text) or _TOPIC_OF.get(singular)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", humanise(text))
