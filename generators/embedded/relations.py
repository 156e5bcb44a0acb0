"""What the arguments of one call have to do with each other: spans, series, a table's columns."""

import random
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

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
    ("after", "before"),
    ("since", "until"),
    ("departure", "return"),
    ("depart", "return"),
    ("checkin", "checkout"),
    ("issue", "due"),
    ("hire", "termination"),
    ("lo", "hi"),
    ("earliest", "latest"),
    ("k", "n"),
    ("pickup", "dropoff"),
    ("begin", "end"),
    ("home", "other"),
    ("origin", "destination"),
)


def relate(values: dict[str, Any], rng: random.Random | None = None) -> dict[str, Any]:
    """Put pairs such as start and end in order: numbers, dates and times come out ascending.

    With `rng`, moments are put within a few hours of each other and days within a few weeks, as
    events, stays and journeys are.
    """
    for first, second in [*related(values), *_two_days(values)]:
        low, high = values[first], values[second]
        if rng is not None and isinstance(low, str) and isinstance(high, str):
            values[second] = high = _soon_after(low, high, rng)
        if not _comparable(low, high):
            continue
        if low > high:
            values[first], values[second] = high, low
    return values


def _two_days(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Two days, the first of which is the earlier one, unless the other is today."""
    days = [name for name, value in values.items() if isinstance(value, str) and _DAY.match(value)]
    if len(days) != 2:
        return []
    one, other = days
    today = re.search(r"today|now|current|reference|as_of", other)
    return [(other, one)] if today else [(one, other)]


def _comparable(low: Any, high: Any) -> bool:
    if isinstance(low, str) and isinstance(high, str):
        # A day and a moment must not change places: each fits its own schema alone.
        return bool(_ISO.match(low)) and len(low) == len(high)
    return is_number(low) and is_number(high)


def _soon_after(low: str, high: str, rng: random.Random) -> str:
    """The later end of a span that begins at `low`, where both are moments or both are days."""
    if _MOMENT.fullmatch(low) and _MOMENT.fullmatch(high):
        end = datetime.fromisoformat(low) + timedelta(minutes=rng.choice((30, 45, 60, 90, 120)))
        return end.isoformat().replace("+00:00", "Z")
    if _DAY.fullmatch(low) and _DAY.fullmatch(high) and low >= "2010":
        later = date.fromisoformat(low) + timedelta(days=rng.choice((1, 2, 3, 5, 7, 10, 14, 30)))
        return later.isoformat()
    return high


_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z")


def same_length(values: dict[str, Any]) -> dict[str, Any]:
    """Cut lists of numbers to one length: `x` and `y`, data and weights belong together."""
    series = [name for name, value in values.items() if _is_series(value)]
    if len(series) > 1:
        length = min(len(values[name]) for name in series)
        return {name: value[:length] if name in series else value for name, value in values.items()}
    return values


def _is_series(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(map(is_number, value))


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


def same_table(values: dict[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """Let the parameters that name `columns` name those of the table that is given."""
    tables = [
        value
        for value in values.values()
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
    ]
    if not tables:
        return values
    keys = list(tables[0][0])
    named = {name: keys[index % len(keys)] for index, name in enumerate(columns) if name in values}
    return {**values, **named}


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
