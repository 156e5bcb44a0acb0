"""Realistic values out of JSON Schemas: what a person would plausibly ask with."""

import math
import random
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from api_registry.types import JsonSchema
from generators.embedded.lexicon import POOLS, TOPICS

_PAIRS: tuple[tuple[str, str], ...] = (
    ("start", "end"),
    ("from", "to"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("lower", "upper"),
    ("low", "high"),
    ("check_in", "check_out"),
    ("earlier", "later"),
    ("departure", "arrival"),
    ("first", "last"),
    ("birth", "on"),
    ("open", "close"),
    ("source", "target"),
    ("old", "new"),
    ("before", "after"),
    ("begin", "end"),
    ("home", "other"),
    ("origin", "destination"),
)
_DAY_ZERO = date(2025, 1, 6)
_DAYS = 1000
_MAX_DEPTH = 6
_TRIES = 20


def sample_value(
    schema: JsonSchema,
    rng: random.Random,
    *,
    about: str = "",
    seen: tuple[Any, ...] = (),
    today: date | None = None,
    root: JsonSchema | None = None,
    depth: int = 0,
) -> Any:
    """Draw a value that fits a schema.

    Args:
        schema: Schema of the value; `$ref` is looked up in `root`.
        rng: Source of all randomness.
        about: Name and description of the parameter, for choosing a pool.
        seen: Values of this parameter in the API's examples.
        today: Date near which dates are drawn.
        root: Schema that holds `$defs`.
        depth: How deep in a nested schema this is.
    """
    root = root if root is not None else schema
    schema = _resolved(schema, root)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    if schema.get("examples"):
        return rng.choice(schema["examples"])
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            options = [option for option in schema[key] if option.get("type") != "null"]
            return sample_value(
                rng.choice(options or schema[key]),
                rng,
                about=about,
                seen=seen,
                today=today,
                root=root,
                depth=depth + 1,
            )
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        kind = next((item for item in kind if item != "null"), "null")
    if kind == "boolean":
        return rng.random() < 0.5
    if kind in ("integer", "number"):
        return _number(schema, rng, about, [item for item in seen if _is_number(item)], kind)
    if kind == "array":
        return _array(schema, rng, about, seen, today, root, depth)
    if kind == "object":
        return _object(schema, rng, seen, today, root, depth)
    if kind == "null":
        return None
    return _string(schema, rng, about, [item for item in seen if isinstance(item, str)], today)


def relate(values: dict[str, Any]) -> dict[str, Any]:
    """Put pairs such as start and end in order: numbers, dates and times come out ascending."""
    for first, second in related(values):
        low, high = values[first], values[second]
        if type(low) is type(high) or (_is_number(low) and _is_number(high)):
            comparable = _is_number(low) or (isinstance(low, str) and _ISO.match(low))
            if comparable and low > high:
                values[first], values[second] = high, low
    return values


def clashes(values: Mapping[str, Any]) -> set[str]:
    """Second parameters of pairs whose two values are equal: nobody converts miles to miles."""
    return {second for first, second in related(values) if values[first] == values[second]}


def related(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of parameters whose names say that they are two ends of one thing."""
    found = []
    for name in values:
        parts = name.split("_")
        for first, second in _PAIRS:
            other = "_".join(second if part == first else part for part in parts)
            if name.startswith(first) or first in parts or name == first:
                for candidate in (other, name.replace(first, second, 1)):
                    if candidate != name and candidate in values:
                        found.append((name, candidate))
                        break
    return list(dict.fromkeys(found))


_ISO = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d")


def _resolved(schema: JsonSchema, root: JsonSchema) -> JsonSchema:
    for _ in range(_MAX_DEPTH):
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        target: Any = root
        for part in reference[2:].split("/"):
            target = target.get(part, {})
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(
    schema: JsonSchema, rng: random.Random, about: str, seen: list[Any], kind: str
) -> int | float:
    low, high = _bounds(schema, about, seen)
    whole = kind == "integer" or (high - low >= 2 and rng.random() < 0.6)
    if schema.get("multipleOf"):
        step = schema["multipleOf"]
        value: int | float = step * rng.randint(math.ceil(low / step), math.floor(high / step))
        return round(value) if kind == "integer" else round(value, 6)
    if low > 0 and high / low >= 100:
        drawn = math.exp(rng.uniform(math.log(low), math.log(high)))
    else:
        # Twice the dice: bounds say what is possible, people ask about what is usual.
        drawn = low + (high - low) * (rng.random() + rng.random()) / 2
    span = high - low
    for step in _round_steps(drawn, span, whole, rng):
        value = round(drawn / step) * step
        value = round(value) if whole or step >= 1 else round(value, 4)
        if low <= value <= high and (kind == "number" or float(value).is_integer()):
            return _plain(value)
    value = round(drawn) if kind == "integer" else round(drawn, 4)
    return _plain(min(max(value, math.ceil(low) if kind == "integer" else low), high))


def _plain(value: int | float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _round_steps(value: float, span: float, whole: bool, rng: random.Random) -> list[float]:
    """Roundings to try, first the one that people would use for a number of this size."""
    size = abs(value)
    steps = [1.0]
    if size >= 10_000:
        steps = [1000.0, 500.0, 1.0]
    elif size >= 1000:
        steps = [50.0, 100.0, 1.0]
    elif size >= 100:
        steps = [5.0, 10.0, 1.0]
    elif not whole and span >= 2:
        steps = [0.5, 0.1, 0.25] if size >= 10 else [0.1, 0.5, 0.25]
    elif span < 2:
        steps = [0.05, 0.01] if span >= 0.2 else [0.01, 0.005, 0.001]
    if rng.random() < 0.3:
        steps = [1.0 if size >= 100 else steps[-1], *steps]
    return steps


def _bounds(schema: JsonSchema, about: str, seen: list[Any]) -> tuple[float, float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    tiny = 1.0 if schema.get("type") == "integer" else 0.01
    if low is not None and "exclusiveMinimum" in schema:
        low += tiny
    if high is not None and "exclusiveMaximum" in schema:
        high -= tiny
    if low is not None and high is not None:
        return float(low), float(high)
    words = set(_words(about))
    typical = (min(seen) * 0.5, max(seen) * 2.0) if seen else _typical(words)
    if low is None:
        low = min(typical[0], high) if high is not None else typical[0]
    if high is None:
        high = max(typical[1], low * 10 if low > typical[1] else typical[1])
    return float(low), float(max(high, low))


def _typical(words: set[str]) -> tuple[float, float]:
    """Bounds that fit a parameter of which only name and description are known."""
    for clue, bounds in _TYPICAL:
        if clue in words:
            return bounds
    return (1, 100)


_TYPICAL: tuple[tuple[str, tuple[float, float]], ...] = (
    ("year", (1990, 2030)),
    ("age", (1, 90)),
    ("latitude", (-60, 65)),
    ("longitude", (-170, 175)),
    ("percent", (1, 60)),
    ("percentage", (1, 60)),
    ("rate", (0.5, 15)),
    ("probability", (0.05, 0.95)),
    ("ratio", (0.1, 3)),
    ("price", (5, 900)),
    ("amount", (10, 5000)),
    ("cost", (5, 900)),
    ("salary", (20_000, 150_000)),
    ("income", (20_000, 150_000)),
    ("principal", (500, 50_000)),
    ("month", (1, 12)),
    ("day", (1, 28)),
    ("hour", (0, 23)),
    ("minute", (0, 59)),
    ("quantity", (1, 20)),
    ("count", (1, 20)),
    ("limit", (1, 50)),
    ("page", (1, 20)),
    ("weight", (1, 120)),
    ("height", (1, 220)),
    ("distance", (1, 900)),
    ("temperature", (-20, 40)),
    ("digits", (0, 4)),
    ("decimals", (0, 4)),
    ("precision", (0, 4)),
    ("index", (0, 20)),
)


def _words(about: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", about)
    return [word.lower() for word in re.findall(r"[A-Za-z]+", spaced)]


def _string(
    schema: JsonSchema, rng: random.Random, about: str, seen: list[str], today: date | None
) -> str:
    make = _FORMATS.get(str(schema.get("format")))
    if make is not None:
        return make(rng, today)
    fitting = [value for value in _candidates(about, seen) if _fits(value, schema)]
    if fitting:
        return rng.choice(fitting)
    return _made_up(schema, rng)


def _candidates(about: str, seen: list[str]) -> list[str]:
    name, _, description = about.partition(":")
    for text in (" ".join(_words(name)), " ".join(_words(description))):
        words = f" {text} "
        for clue, pool in TOPICS:
            if f" {clue} " in words or f" {clue}s " in words:
                return [*POOLS[pool], *seen]
    return seen or list(POOLS["topic"])


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


def _array(
    schema: JsonSchema,
    rng: random.Random,
    about: str,
    seen: tuple[Any, ...],
    today: date | None,
    root: JsonSchema,
    depth: int,
) -> list[Any]:
    if schema.get("prefixItems"):
        return [
            sample_value(item, rng, about=about, today=today, root=root, depth=depth + 1)
            for item in schema["prefixItems"]
        ]
    low = schema.get("minItems", 1 if depth < _MAX_DEPTH else 0)
    high = min(schema.get("maxItems", low + 4), low + 5)
    items = schema.get("items", {"type": "string"})
    inner = tuple(value for values in seen if isinstance(values, list) for value in values)
    length = rng.randint(max(low, min(2, high)), max(high, low))
    result: list[Any] = []
    for _ in range(length * _TRIES):
        value = sample_value(
            items, rng, about=about, seen=inner, today=today, root=root, depth=depth + 1
        )
        # People do not repeat themselves in a list, but a small enum leaves no choice.
        if value not in result or (len(result) < low and not schema.get("uniqueItems")):
            result.append(value)
        if len(result) == length:
            break
    return result


def _object(
    schema: JsonSchema,
    rng: random.Random,
    seen: tuple[Any, ...],
    today: date | None,
    root: JsonSchema,
    depth: int,
) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    if not properties and isinstance(schema.get("additionalProperties"), dict):
        keys = rng.sample(POOLS["word"], rng.randint(2, 3))
        extra = schema["additionalProperties"]
        return {
            key: sample_value(extra, rng, today=today, root=root, depth=depth + 1) for key in keys
        }
    wanted = [
        name
        for name in properties
        if name in required or (depth < _MAX_DEPTH and rng.random() < 0.5)
    ]
    examples = [value for value in seen if isinstance(value, dict)]
    values = {
        name: sample_value(
            properties[name],
            rng,
            about=f"{name}: {properties[name].get('description', '')}",
            seen=tuple(value[name] for value in examples if name in value),
            today=today,
            root=root,
            depth=depth + 1,
        )
        for name in wanted
    }
    return relate(values)


def _date(rng: random.Random, today: date | None) -> str:
    if today is not None:
        # Mostly soon, sometimes far off.
        days = rng.choice(
            (0, 1, 1, 2, 3, 5, 7, 14, -1, rng.randrange(2, 7), rng.randrange(-60, 400))
        )
        return (today + timedelta(days=days)).isoformat()
    return (_DAY_ZERO + timedelta(days=rng.randrange(_DAYS))).isoformat()


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
    "duration": lambda rng, today: f"PT{rng.randint(5, 90)}M",
}
