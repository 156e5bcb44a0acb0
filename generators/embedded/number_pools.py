"""Numbers that people ask with: round ones of a size that fits what they are about."""

import math
import random
import re
from typing import Any

from api_registry.types import JsonSchema
from generators.embedded.nesting import humanise
from generators.embedded.told import told_numbers


def sample_number(
    schema: JsonSchema, rng: random.Random, about: str, seen: list[Any], kind: str
) -> int | float:
    """Draw a number within the schema's bounds, or within those that fit what it is about.

    `seen` are numbers from the API's examples, `kind` is `integer` or `number`.
    """
    value = _drawn(schema, rng, about, seen, kind)
    money = not schema.get("multipleOf") and _MONEY & set(humanise(about).split())
    return _plain(round(value, 2)) if money and value >= 1 else value


def _drawn(
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
    name, _, description = about.partition("\n")[0].partition(":")
    default = schema.get("default")
    if low is None and high is None and not seen and _BODY.search(about) and "weight" in name:
        return 45.0, 120.0
    if low is not None and high is not None:
        usual = _usual(name, description)
        if usual and not seen and max(low, usual[0]) < min(high, usual[1]):
            # Bounds say what is possible, the name what is usual.
            return float(max(low, usual[0])), float(min(high, usual[1]))
        return float(low), float(high)
    seen = seen or list(told_numbers(description))
    if seen and min(seen) > 0:
        typical = (min(seen) * 0.5, max(seen) * 2.0)
    elif isinstance(default, int | float) and not isinstance(default, bool) and default > 0:
        usual = _usual(name, description)
        # What is a share by default stays one.
        typical = (default * 0.5, min(default * 3.0, 1.0) if default < 1 else default * 3.0)
        if usual and usual[0] <= default <= usual[1]:
            typical = (max(typical[0], usual[0]), min(typical[1], usual[1]))
    elif _IMAGE.search(about) and _SIZE & set(humanise(name).split()):
        typical = (200, 2000)
    else:
        typical = _usual(name, description) or (1, 100)
    if low is None:
        low = min(typical[0], high) if high is not None else typical[0]
    if high is None:
        high = max(typical[1], low * 10 if low > typical[1] else typical[1])
    return float(low), float(max(high, low))


def _usual(name: str, description: str) -> tuple[float, float] | None:
    """Bounds that fit what a parameter's name and description say; None if they say nothing.

    The name counts first: the amount in `principal: The amount invested` is a large one.
    """
    named = set(humanise(name).split())
    if "per" in named:
        named -= {"year", "month", "day", "hour", "minute"}
    described = set(re.findall(r"[a-z]+", description.lower()))
    if _SHARE.search(description):
        return (0.01, 0.3) if "rate" in named else (0.05, 0.95)
    for words in (named, described):
        for clue, bounds in _TYPICAL:
            first, _, unit = clue.partition(" ")
            if first in words and (not unit or unit in named | described):
                return bounds
    return None


_BODY = re.compile(r"\b(?:bmi|body mass|bmr|calorie|person|patient|metabolic)", re.IGNORECASE)
_IMAGE = re.compile(r"\b(?:image|photo|picture|screenshot|video|pixels?)\b", re.IGNORECASE)
_SIZE = frozenset("width height size".split())
_SHARE = re.compile(
    r"\bas an? (?:decimal|fraction|proportion)|between 0(?:\.0)? and 1(?:\.0)?\b|\b0(?:\.0)? to 1\b"
    r"|\[0, ?1\]|\(0, ?1\)",
    re.IGNORECASE,
)
"""How descriptions say that a number is a share of one."""
_MONEY = frozenset("amount: price: cost: total: fee: salary: balance: budget:".split())
"""Names of parameters, as they stand in `about`, whose values have at most two decimals."""

_TYPICAL: tuple[tuple[str, tuple[float, float]], ...] = (
    ("split", (2, 8)),
    ("systolic", (95, 180)),
    ("diastolic", (55, 110)),
    ("creatinine", (0.6, 2.5)),
    ("glucose", (70, 200)),
    ("cholesterol", (120, 280)),
    ("price home", (90_000, 900_000)),
    ("price house", (90_000, 900_000)),
    ("price property", (90_000, 900_000)),
    ("rent", (400, 4000)),
    ("total", (15, 400)),
    ("subtotal", (15, 400)),
    ("tip", (10, 25)),
    ("times per", (1, 12)),
    ("queue", (2, 30)),
    ("horizon", (2, 25)),
    ("coats", (1, 4)),
    ("wall height", (2, 4)),
    ("watts", (5, 3000)),
    ("kwh", (0.1, 900)),
    ("chunk", (2, 6)),
    ("size", (2, 20)),
    ("brightness", (10, 100)),
    ("volume percent", (5, 100)),
    ("opacity", (0.1, 1)),
    ("alpha", (0.01, 0.9)),
    ("calories", (50, 900)),
    ("replicas", (1, 12)),
    ("priority", (1, 5)),
    ("level", (1, 10)),
    ("periods", (1, 12)),
    ("retries", (1, 6)),
    ("attempts", (1, 6)),
    ("workers", (1, 16)),
    ("k", (1, 10)),
    ("id", (100, 9999)),
    ("humidity", (10, 95)),
    ("pressure", (950, 1050)),
    ("speed", (5, 130)),
    ("rpm", (500, 6000)),
    ("voltage", (1.5, 240)),
    ("mass", (0.5, 90)),
    ("radius", (1, 50)),
    ("tolerance", (0.001, 0.1)),
    ("threshold", (0.1, 0.9)),
    ("offset", (0, 60)),
    ("temperature kelvin", (250, 450)),
    ("temperature k", (250, 450)),
    ("heart", (50, 180)),
    ("bpm", (60, 180)),
    ("mileage", (1000, 200_000)),
    ("sqft", (300, 4000)),
    ("population", (1000, 9_000_000)),
    ("height metres", (1.4, 2.1)),
    ("height meters", (1.4, 2.1)),
    ("height m", (1.4, 2.1)),
    ("weight kg", (1, 110)),
    ("principal", (1000, 50_000)),
    ("loan", (5000, 400_000)),
    ("mortgage", (80_000, 600_000)),
    ("deposit", (200, 20_000)),
    ("investment", (500, 50_000)),
    ("salary", (20_000, 150_000)),
    ("income", (20_000, 150_000)),
    ("revenue", (5000, 900_000)),
    ("budget", (200, 50_000)),
    ("bill", (15, 300)),
    ("lat", (-60, 65)),
    ("lon", (-170, 175)),
    ("lng", (-170, 175)),
    ("term months", (6, 360)),
    ("confidence", (0.8, 0.99)),
    ("bedrooms", (1, 5)),
    ("guests", (1, 10)),
    ("party", (2, 12)),
    ("people", (2, 12)),
    ("persons", (2, 12)),
    ("passengers", (1, 6)),
    ("years", (1, 30)),
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
    ("port", (1024, 49151)),
    ("width", (10, 120)),
    ("minutes", (5, 120)),
    ("seconds", (5, 600)),
    ("days", (1, 30)),
    ("times", (1, 8)),
    ("factor", (2, 9)),
    ("discount", (1, 40)),
    ("rating", (1, 5)),
    ("score", (1, 100)),
    ("bytes", (500, 5_000_000)),
    ("red", (0, 255)),
    ("green", (0, 255)),
    ("blue", (0, 255)),
)
