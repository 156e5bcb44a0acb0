"""Text that people ask with: from a pool by topic, by format, or made up to fit a pattern."""

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from api_registry.types import JsonSchema
from generators.embedded.clues import topic_of
from generators.embedded.told import shape, told_choices, told_texts
from generators.embedded.topics import FORMAT_POOLS, POOLS

_DAY_ZERO = date(2025, 1, 6)
_DAYS = 1000
_TRIES = 20
_VARIED = 4
"""With fewer values that fit a pattern, text is made up to fit it."""


def sample_text(
    schema: JsonSchema, rng: random.Random, about: str, seen: list[str], today: date | None
) -> str:
    """Draw text by format, else by topic or from what was `seen` in examples, else make it up."""
    make = _FORMATS.get(str(schema.get("format")))
    if make is not None:
        if schema.get("format") == "date" and _PAST & set(_words(about.partition("\n")[0])):
            return _birth_date(rng)
        return make(rng, today)
    if pool := FORMAT_POOLS.get(str(schema.get("format"))):
        if pool == "file":
            name, _, rest = about.partition(":")
            described, _, task = rest.partition("\n")
            held = topic_of(name, described.strip(), task)
            pool = held if held in ("folder", "image", "log") else pool
        return rng.choice([value for value in POOLS[pool] if _fits(value, schema)] or POOLS[pool])
    if schema.get("pattern") and _takes_dates(schema):
        return _date(rng, today)
    default = str(schema.get("default") or "")
    if default and not seen:
        seen = [default]  # the one value that is known to work
    if choices := told_choices(about.partition("\n")[0]):
        return rng.choice(choices)
    told = told_texts(about.partition("\n")[0])
    candidates = _candidates(about, seen, default)
    if told and not seen:
        # What is shown says of what form values are: `DEU` rather than `Germany`.
        shapes = {shape(value) for value in told}
        candidates = [*told, *(value for value in candidates if shape(value) in shapes)]
    fitting = [value for value in candidates if _fits(value, schema)]
    if fitting and not (schema.get("pattern") and len(set(fitting)) < _VARIED):
        return rng.choice(fitting)
    return _made_up(schema, rng)


def _candidates(about: str, seen: list[str], default: str) -> list[str]:
    name, _, rest = about.partition(":")
    description, _, task = rest.partition("\n")
    topic = topic_of(name, description.strip(), task)
    if default and (topic == "unit" or not any(map(str.isalnum, default))):
        return seen
    for pool, of_the_form in _BY_DEFAULT.get(topic or "", ()):
        if re.fullmatch(of_the_form, default):
            topic = pool
    if topic is None:
        return seen or list(POOLS["word"])
    return [*POOLS[topic], *seen]


_BY_DEFAULT = {
    "language": (("language code", "[a-z]{2}"),),
    "country": (("country code", "[A-Z]{2}"),),
    "color": (("hex", "#.+"),),
}
"""Topic → topics that it is narrowed to when the default has a certain form."""


def sample_mapping(about: str, rng: random.Random) -> list[tuple[str, str | None]]:
    """Draw keys of a mapping that may have any, and what text would stand there, if that is known.

    Where there are as many values as keys, they belong together.
    """
    words = set(_words(about.partition("\n")[0]))
    keys, values = next(
        ((keys, values) for clues, keys, values in _MAPPINGS if clues & words),
        (POOLS["word"], POOLS["word"][::-1]),
    )
    chosen = rng.sample(range(len(keys)), rng.randint(2, min(3, len(keys))))
    together = len(keys) == len(values)
    return [
        (keys[at], values[at] if together else rng.choice(values) if values else None)
        for at in chosen
    ]


_MAPPINGS: tuple[tuple[frozenset[str], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        frozenset({"header", "headers"}),
        ("Accept", "Cache-Control", "Authorization"),
        ("application/json", "no-cache", "Bearer abc123"),
    ),
    (
        frozenset({"grades", "marks"}),
        POOLS["first name"],
        ("A", "B+", "B", "C", "A-"),
    ),
    (
        frozenset("scores points votes ratings ages salaries".split()),
        POOLS["first name"],
        (),
    ),
    (
        frozenset("prices cart basket stock inventory quantities items order products".split()),
        POOLS["product"],
        POOLS["color"],
    ),
    (
        frozenset("weights shares portfolio holdings allocation positions".split()),
        POOLS["ticker"],
        (),
    ),
    (frozenset("expenses costs spending budget".split()), ("rent", "food", "transport", "fun"), ()),
    (frozenset({"ingredients", "recipe"}), POOLS["ingredient"], ("200 g", "2 cups", "a pinch")),
    (
        frozenset({"labels", "tags", "metadata"}),
        ("team", "stage", "owner"),
        ("blue", "beta", "ops"),
    ),
    (
        frozenset({"env", "environment", "variables"}),
        ("DEBUG", "PORT", "TZ"),
        ("1", "8080", "UTC"),
    ),
    (frozenset({"params", "parameters", "query"}), ("page", "sort", "lang"), ("2", "price", "en")),
)
"""Clues → keys and values of mappings."""


def _takes_dates(schema: JsonSchema) -> bool:
    """Whether a pattern means dates: it takes one, and no text of another kind."""
    takes = [_fits(value, schema) for value in ("2027-03-14", "1999-12-31", "lantern", "2027")]
    return takes == [True, True, False, False]


def _fits(value: str, schema: JsonSchema) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    pattern = schema.get("pattern")
    try:
        return pattern is None or re.search(pattern, value) is not None
    except re.error:
        return True


def _made_up(schema: JsonSchema, rng: random.Random) -> str:
    """Text for a pattern or length that no pool fits: words, or the pattern's own characters."""
    pattern = schema.get("pattern")
    if pattern:
        for _ in range(_TRIES):
            text = _from_pattern(pattern, rng)
            if _fits(text, schema):
                return text
    low = schema.get("minLength", 3)
    text = rng.choice(POOLS["word"])
    while len(text) < low:
        text += " " + rng.choice(POOLS["word"])
    return text[: schema.get("maxLength", len(text))]


def _from_pattern(pattern: str, rng: random.Random) -> str:
    """Draw from the simple patterns that identifiers have: classes, literals, counts."""
    text = []
    tokens = re.findall(
        r"(\[[^\]]+\]|\\d|\\w|\\.|[^\\^$*+?{}\[\]()|])(\{\d+(?:,\d*)?\}|[+*?])?",
        pattern.removeprefix("^").removesuffix("$"),
    )
    for token, count in tokens:
        low, high = 1, 1
        if count.startswith("{"):
            bounds = count[1:-1].split(",")
            low, high = int(bounds[0]), int(bounds[-1] or bounds[0])
        elif count:
            low, high = 1, 4
        for _ in range(rng.randint(low, high)):
            text.append(_character(token, rng))
    return "".join(text)


def _character(token: str, rng: random.Random) -> str:
    if token == r"\d":
        return rng.choice("0123456789")
    if token == r"\w":
        return rng.choice("abcdefghijkmnpqrstuvwxyz")
    if token.startswith("[") and not token.startswith("[^"):
        characters = ""
        for first, last, single in re.findall(r"(\w)-(\w)|\\?([^\\])", token[1:-1]):
            characters += single or "".join(map(chr, range(ord(first), ord(last) + 1)))
        return rng.choice(characters or "x")
    return token[-1]


def _words(about: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", about)
    return [word.lower() for word in re.findall(r"[A-Za-z]+", spaced)]


def _date(rng: random.Random, today: date | None) -> str:
    if today is not None:
        # Mostly soon, sometimes far off.
        days = rng.choice(
            (0, 1, 1, 2, 3, 5, 7, 14, -1, rng.randrange(2, 7), rng.randrange(-60, 400))
        )
        return (today + timedelta(days=days)).isoformat()
    return (_DAY_ZERO + timedelta(days=rng.randrange(_DAYS))).isoformat()


_PAST = frozenset("birth birthday birthdate born dob".split())


def _birth_date(rng: random.Random) -> str:
    return (date(1950, 1, 1) + timedelta(days=rng.randrange(60 * 365))).isoformat()


def _time(rng: random.Random, today: date | None) -> str:
    return f"{rng.randint(6, 22):02}:{rng.choice((0, 0, 15, 30, 30, 45)):02}:00"


def _date_time(rng: random.Random, today: date | None) -> str:
    return f"{_date(rng, today)}T{_time(rng, today)}Z"


_FORMATS: dict[str, Callable[[random.Random, date | None], str]] = {
    "date": _date,
    "time": _time,
    "date-time": _date_time,
    "email": lambda rng, today: rng.choice(POOLS["email"]),
    "uri": lambda rng, today: rng.choice(POOLS["url"]),
    "uuid": lambda rng, today: str(UUID(int=rng.getrandbits(128), version=4)),
    "ipv4": lambda rng, today: (
        f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
    ),
    "ipv6": lambda rng, today: f"2001:db8::{rng.randrange(1, 65535):x}",
    "duration": lambda rng, today: f"PT{rng.choice((5, 10, 15, 20, 30, 45, 60, 75, 90))}M",
}
