"""What a person calls a parameter: `max_results` is a maximum number of results."""

import re
from functools import lru_cache

from api_registry.types import Api, JsonSchema
from generators.embedded.language import article
from generators.embedded.nesting import humanise
from generators.embedded.verbs import VERBS

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
    "iban": "IBAN", "isbn": "ISBN", "vat": "VAT", "sku": "SKU", "ssn": "SSN", "pin": "PIN",
    "html": "HTML", "css": "CSS", "json": "JSON", "xml": "XML", "csv": "CSV", "pdf": "PDF",
    "api": "API", "http": "HTTP", "gpa": "GPA", "bmi": "BMI", "uuid": "UUID", "utc": "UTC",
    "dns": "DNS", "sql": "SQL", "cpu": "CPU", "gpu": "GPU", "ram": "RAM", "vin": "VIN",
    "ean": "EAN", "bic": "BIC", "eta": "ETA", "rgb": "RGB", "cidr": "CIDR", "ttl": "TTL",
    "uri": "URI", "lo": "lower limit", "hi": "upper limit", "perms": "permissions",
    "repo": "repository", "cmd": "command", "percent": "percentage",
    "info": "information", "est": "estimated", "prev": "previous", "curr": "current",
    "calc": "calculation", "acct": "account", "auth": "authentication", "tel": "phone number",
    "lat1": "latitude of the first point", "lon1": "longitude of the first point",
    "lat2": "latitude of the second point", "lon2": "longitude of the second point",
    "fname": "first name", "lname": "last name", "kwh": "kWh", "timezone": "time zone",
    "hs": "HS", "ndigits": "digits", "nbytes": "bytes", "nrows": "rows", "ncols": "columns",
}  # fmt: skip
_ALONE = {
    "since": "start", "until": "end", "from": "source", "to": "target",
    "on": "date", "at": "time", "by": "criterion", "in": "place", "for": "purpose",
    "about": "topic", "when": "time", "where": "place", "who": "person",
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
_FEW = 3
"""Longer descriptions that begin with a verb are sentences, shorter ones may be `search term`."""
_AFTER_NOUNS = frozenset("of for to in from with by".split())
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
    if len(parts) > 1 and parts[-1] == "last4":
        parts[-1] = "ending"
    if len(parts) > 1 and parts[-1] in _ORDINALS and not is_symbol(name):
        parts = [_ORDINALS[parts[-1]], *parts[:-1]]
    return " ".join(_SHORT.get(part, part) for part in parts) or name


_UNIT_LETTERS = {
    "kg": "kg", "g": "grams", "mg": "mg", "lb": "pounds", "lbs": "pounds", "oz": "ounces",
    "m": "metres", "km": "km", "cm": "cm", "mm": "mm", "mi": "miles", "ft": "feet", "in": "inches",
    "l": "litres", "ml": "ml", "s": "seconds", "sec": "seconds", "secs": "seconds", "ms": "ms",
    "min": "minutes", "mins": "minutes", "h": "hours", "hr": "hours", "hrs": "hours",
    "w": "watts", "kw": "kW", "kWh": "kWh", "v": "volts", "hz": "Hz", "k": "kelvin",
    "c": "degrees Celsius", "f": "degrees Fahrenheit", "mb": "MB", "gb": "GB", "kb": "KB",
    "pa": "Pa", "kpa": "kPa", "j": "joules", "n": "newtons", "deg": "degrees", "kmh": "km/h",
    "mph": "mph", "kph": "km/h", "mol": "mol", "usd": "USD", "eur": "EUR", "gbp": "GBP",
    "kcal": "kcal", "mmhg": "mmHg", "ppm": "ppm", "db": "dB", "kelvin": "kelvin",
    "celsius": "degrees Celsius", "fahrenheit": "degrees Fahrenheit", "sqm": "square metres",
}  # fmt: skip
"""What stands after a number for the last part of its name: `weight_kg`, `temperature_k`."""
_ORDINALS = {
    "a": "first",
    "b": "second",
    "1": "first",
    "2": "second",
    "one": "first",
    "two": "second",
}
"""Last parts of names that number things: `city_a` is the first city."""
_PER_UNIT = re.compile(r"(.+?) ((?:[a-z]{1,3}|[a-z]+s) per \w+)")


_EACH = frozenset("per of one a an each every".split())
"""Before a unit: it is what a number is given for, not what it counts."""


def unit_of(words: str) -> tuple[str, str]:
    """The thing and the unit in which it is counted: `duration minutes`; no unit is empty."""
    if found := _PER_UNIT.fullmatch(words):
        return found[1], found[2]
    head, _, last = words.rpartition(" ")
    if head.split()[-1:] in (["square"], ["cubic"], ["nautical"]):
        head, _, kind = head.rpartition(" ")
        last = f"{kind} {last}"
        return (words, "") if not head or _EACH & set(head.split()[-1:]) else (head, last)
    # `price per kilometre` counts euros, whatever they are for.
    if _EACH & set(head.split()[-1:]):
        return words, ""
    if head and last in UNITS | set(_UNIT_LETTERS.values()):
        return head, _UNIT_LETTERS.get(last, last)
    return (head, _UNIT_LETTERS[last]) if head and last in _UNIT_LETTERS else (words, "")


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
    known = name in _SHORT or (len(name) > 1 and name in _ALONE)
    return re.fullmatch(r"[A-Za-z]\d?|[a-z]{2}\d?", name) is not None and not known


def is_plural(words: str) -> bool:
    """Whether a noun phrase speaks of several things."""
    head = re.split(r" (?:of|for|to|in|at|between|from|per|about|on) ", words)[0].split()[-1:]
    if head and head[0] in ("series", "species", "news", "status", "lens", "gas", "bus", "address"):
        return False
    if head and head[0] in ("people", "children"):
        return True
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


def _is_verb(word: str) -> bool:
    return word.lower() in VERBS and word.lower() not in ("list", "set", "order", "number")


@lru_cache(maxsize=20_000)
def _described(description: str) -> str | None:
    """The noun phrase that a description consists of; None if it is something else."""
    if re.match(r"\w+, \w+,? ", description):
        return None  # `Left, upper, right and lower coordinate`
    text = re.split(r"\.(?:\s|$)|[;:,]| \(| - |\s—\s| if ", description, maxsplit=1)[0]
    words = re.sub(r"[`*\"]", "", text).split()
    if not 1 <= len(words) <= _LONGEST or words[0].lower() in _CLAUSES or "_" in text:
        return None
    if len(words) > _FEW and _is_verb(words[0]) and words[1].lower() not in _AFTER_NOUNS:
        return None  # `Encode text to bytes using this charset`
    if words[0].lower() in ("a", "an", "the"):
        words = words[1:]
    if not words or not words[0][:1].isalpha():
        return None
    if not words[0].isupper():
        words[0] = words[0][:1].lower() + words[0][1:]
    return " ".join(words)
