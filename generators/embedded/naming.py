"""What a person calls a parameter: `max_results` is a maximum number of results."""

import re
from functools import lru_cache

from api_registry.types import Api, JsonSchema
from generators.embedded.language import article
from generators.embedded.nesting import humanise

_SHORT = {
    "max": "maximum", "min": "minimum", "avg": "average", "num": "number of", "nb": "number of",
    "qty": "quantity", "addr": "address", "desc": "description", "msg": "message",
    "lang": "language", "lat": "latitude", "lon": "longitude", "lng": "longitude",
    "temp": "temperature", "dest": "destination", "dst": "destination", "src": "source",
    "cfg": "configuration", "config": "configuration", "dir": "folder", "pct": "percentage",
    "amt": "amount", "freq": "frequency", "len": "length", "idx": "index", "pos": "position",
    "val": "value", "str": "text", "txt": "text", "arr": "list", "lst": "list", "dt": "date",
    "tz": "time zone", "cnt": "count", "char": "character", "chars": "characters",
    "sep": "separator", "exp": "exponent", "coord": "coordinate", "coords": "coordinates",
    "ref": "reference", "id": "ID", "ids": "IDs", "url": "URL", "urls": "URLs", "ip": "IP address",
    "args": "arguments", "params": "parameters", "attr": "attribute", "attrs": "attributes",
    "img": "image", "fmt": "format", "dob": "date of birth", "std": "standard deviation",
    "chr": "character", "obj": "object", "vals": "values", "pat": "pattern", "db": "database",
    "env": "environment", "op": "operator", "os": "operating system", "cc": "CC",
    "bcc": "BCC", "pwd": "password", "org": "organisation",
    "ndigits": "digits", "nbytes": "bytes", "nrows": "rows", "ncols": "columns",
}  # fmt: skip
_ALONE = {
    "since": "start", "until": "end", "from": "source", "to": "target",
    "on": "date", "at": "time", "by": "criterion", "in": "place", "for": "purpose",
    "when": "time", "where": "place", "who": "person",
    "before": "latest date", "after": "earliest date", "into": "target", "n": "number",
}  # fmt: skip
"""Names that are no nouns; what to say where a noun is due."""
_LETTERS = {"q": "search term", "s": "text", "ch": "character", "c": "character"}
"""What letters stand for where they stand for text; elsewhere they are symbols."""
_CLAUSES = frozenset(
    "how what when where which who why whether if only show set include use used optional restrict"
    " return do does should must can may will true false".split()
)
"""How descriptions begin that name no thing."""
_LONGEST = 7
UNITS = frozenset(
    "seconds minutes hours days weeks months years percent metres meters kilometres kilometers km"
    " miles feet inches kg kilograms grams pounds litres liters usd eur dollars euros celsius"
    " fahrenheit degrees bytes pixels px ms".split()
)
"""Last words of names that say what a number counts: `duration_minutes`."""


@lru_cache(maxsize=20_000)
def words_of(name: str) -> str:
    """A parameter's name in words, abbreviations spelled out."""
    parts = humanise(name.strip("_")).split()
    if len(parts) > 1 and parts[0] == "n":
        parts[0] = "num"
    return " ".join(_SHORT.get(part, part) for part in parts) or name


_PER_UNIT = re.compile(r"(.+?) ((?:[a-z]{1,3}|[a-z]+s) per \w+)")


def unit_of(words: str) -> tuple[str, str]:
    """The thing and the unit in which it is counted: `duration minutes`; no unit is empty."""
    if found := _PER_UNIT.fullmatch(words):
        return found[1], found[2]
    head, _, last = words.rpartition(" ")
    return (head, last) if head and last in UNITS else (words, "")


@lru_cache(maxsize=20_000)
def noun_of(name: str, description: str = "", *, text: bool = False) -> str:
    """A noun phrase without article; from the description where the name alone says little.

    `text` says that the parameter takes text.
    """
    words = words_of(name)
    if text and name in _LETTERS:
        words = _LETTERS[name]
    if name in _ALONE or is_symbol(name):
        return _described(description) or _ALONE.get(name, words)
    return words


def is_symbol(name: str) -> bool:
    """Whether a name is a letter or two, as in formulas: `x`, `y2`."""
    return re.fullmatch(r"[A-Za-z]\d?|[a-z]{2}\d?", name) is not None and name not in _SHORT


def is_plural(words: str) -> bool:
    """Whether a noun phrase speaks of several things."""
    head = re.split(r" (?:of|for|to|in|at|between|from|per) ", words)[0].split()[-1:]
    return bool(head) and head[0].endswith("s") and not head[0].endswith(("ss", "us", "is", "as"))


def label_of(api: Api, name: str) -> str:
    """Name a parameter for a person: `the length to convert`, from its description or its name."""
    schema = api.parameters.get("properties", {}).get(name, {})
    description = str(schema.get("description", ""))
    text = _described(description)
    if text is None and is_symbol(name) and noun_of(name, text=_is_text(schema)) == name:
        return name
    text = text or noun_of(name, text=_is_text(schema))
    first = text.split()[0].lower()
    if first in ("the", "your", "its", "each", "every", "all", "any", "one", "some"):
        return text
    return f"the {text}"


def _is_text(schema: JsonSchema) -> bool:
    kinds = [kind.get("type") for kind in schema.get("anyOf", (schema,))]
    return "string" in kinds


def with_article(words: str) -> str:
    """`a limit`, `an hour`; plurals take none."""
    return words if is_plural(words) else f"{article(words)} {words}"


@lru_cache(maxsize=20_000)
def _described(description: str) -> str | None:
    """The noun phrase that a description consists of; None if it is something else."""
    text = re.split(r"\.(?:\s|$)|[;:,]| \(| - |\s—\s", description, maxsplit=1)[0]
    words = re.sub(r"[`*\"]", "", text).split()
    if not 1 <= len(words) <= _LONGEST or words[0].lower() in _CLAUSES or "_" in text:
        return None
    if words[0].lower() in ("a", "an", "the"):
        words = words[1:]
    if not words or not words[0][:1].isalpha():
        return None
    if not words[0].isupper():
        words[0] = words[0][:1].lower() + words[0][1:]
    return " ".join(words)
