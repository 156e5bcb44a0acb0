"""What a task calls an argument: `zip_code` is the postal code, `order_id` the order."""

import re
from collections.abc import Mapping, Sequence

from api_registry.types import JsonSchema
from generators.embedded.naming import unit_of, words_of

_OF_THE_FORMAT = {
    "date": "date|day|calendar date",
    "date-time": "datetime|date and time|timestamp|point in time|time",
    "uri": "URL|link|web page|website|page",
    "email": "email address|email|e-mail",
    "zoneinfo": "time zone|timezone",
    "path": "file|path|folder|directory",
    "uuid": "UUID",
}
"""Format of text → what a task calls it, whatever the parameter's name."""
SYNONYMS = {
    "zip code": "postal code|postcode|zip", "postcode": "postal code|zip code",
    "postal code": "zip code|postcode", "email": "e-mail|email address|e-mail address",
    "url": "web page|link|page|website|site", "location": "place|city|area",
    "city": "town|location|place", "number": "integer|value|figure", "n": "number|integer",
    "num": "number", "text": "string|message|sentence|passage", "s": "string|text",
    "string": "text", "string text": "text",
    "value": "number|string|temperature|length|weight|amount|distance",
    "seq": "sequence", "data": "data|values|numbers|samples|sample|string|text",
    "values": "numbers|data|series|list", "numbers": "values|list of numbers|numbers",
    "x": "number|value", "cidr": "subnet|network|CIDR block", "symbol": "stock|ticker|company",
    "ticker": "stock|symbol|company", "message": "text message|notification", "name": "",
    "duration": "time", "to": "contact|recipient|person|someone",
    "what": "something|task|thing", "about": "something", "sku": "item|product",
    "sql": "SQL query|SQL statement|query", "input": "string|text|input",
    "time zone": "timezone|zone", "hex": "color|colour", "people": "guests",
}  # fmt: skip
"""Names → other words that tasks have for the same thing."""
LABELS = ("id", "number", "code", "reference", "sku", "username", "slug", "uuid", "key")
"""Last words of names by which things are told apart: `order_id` says which order."""
_NO_NOUNS = frozenset("name title to from in on at by for since until into of".split())
"""Names that a task does not speak of as things."""
_SAYS_NOTHING = " ending| name| text| string| URL| file| value| amount| list| path".split("|")
"""Ends of names that a task may leave away: a `city name` is the city."""


def nouns_of(
    name: str, fitting: Sequence[str], properties: Mapping[str, JsonSchema], *, number: bool
) -> str:
    """What a task may call an argument: alternatives of a regular expression, the longest first.

    Args:
        name: The parameter.
        fitting: All parameters that can stand in the task.
        properties: Parameter → schema.
        number: Whether it takes numbers alone, whose unit is no part of the noun.
    """
    words = words_of(name)
    plain = unit_of(words)[0] if number else words
    names = [plain]
    for ending in _SAYS_NOTHING:
        if plain.endswith(ending):
            names.append(plain.removesuffix(ending))
    for start in ("target ", "source ", "input ", "given ", "new ", "my ", "destination ", "the "):
        if plain.startswith(start):
            names.append(plain.removeprefix(start))
    if plain.endswith(" IDs"):
        names.append(f"{plain.removesuffix(' IDs')}s")
    last = plain.split()[-1]
    alone = [other for other in fitting if words_of(other).split()[-1] == last] == [name]
    if len(last) > 3 and alone and last not in LABELS:
        names.append(last)
    names += [same for same in SYNONYMS.get(plain.lower(), "").split("|") if same]
    names += [same for same in SYNONYMS.get(name, "").split("|") if same]
    kind = properties[name].get("format")
    formats = [properties[other].get("format") for other in fitting]
    aims = re.fullmatch(r"to|until|target(?: date)?|deadline|date|day", words)
    if kind in _OF_THE_FORMAT and (formats.count(kind) == 1 or (kind == "date" and aims)):
        names += _OF_THE_FORMAT[str(kind)].split("|")
    unique = [text for text in dict.fromkeys(names) if text and not re.fullmatch(r"\w", text)]
    unique = [text for text in unique if text not in _NO_NOUNS]
    return "|".join(re.escape(text) for text in sorted(unique, key=len, reverse=True))
