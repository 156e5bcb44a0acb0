"""The rule on units and currencies that are not the query's."""

import re
from functools import lru_cache

from data.types import Sample
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.findings import Problem
from verifiers.semantic.standing import spoken
from verifiers.semantic.units import Unit, unit_after, unit_named, units_in

_OF_UNITS = re.compile(
    r"unit|currenc|measure|scale|(?:^|_)(?:from|to|base|target|source)(?:_|$)", re.IGNORECASE
)

_SYMBOL = re.compile(r"\b[A-Za-z]{1,2}\b")


def wrong_unit(sample: Sample, told: Conversation) -> Problem | None:
    """A unit or currency other than the query's.

    Decided where an argument names a unit that the query does not speak of, while none that it
    speaks of is used (`to_unit: "mile"` for kilometres), and where a parameter is named for its
    unit and the number was given in another (`distance_km: 5` for 5 miles).
    """
    for call in sample.calls:
        for name, value in call.arguments.items():
            if isinstance(value, str):
                other = _unspoken_unit(name, value, sample, told)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                other = _copied_unit(name, value, told)
            else:
                continue
            if other:
                detail = f"{call.id}.arguments.{name}: {value!r}, but the query speaks of {other}"
                return Problem("wrong_unit", detail[:200], call.id)
    return None


def _unspoken_unit(name: str, value: str, sample: Sample, told: Conversation) -> str | None:
    """The units that the query speaks of instead of `value`."""
    if len(value) > 30 or not _is_of_units(name):
        return None
    units = unit_named(value)
    if not units or told.stands(value):
        return None
    families = {unit.family for unit in units}
    said = {unit.name for unit in units_in(told.query) if unit.family in families}
    if not said or said & {unit.name for unit in units}:
        return None
    # "in g": alone, a symbol of a letter or two may be anything, so it contradicts nothing.
    if any(set(unit_named(symbol)) & set(units) for symbol in _SYMBOL.findall(told.query)):
        return None
    used = {
        unit.name
        for call in sample.calls
        for text in call.arguments.values()
        if isinstance(text, str)
        for unit in unit_named(text)
    }
    return None if said & used else ", ".join(sorted(said))


@lru_cache(maxsize=4096)
def _is_of_units(name: str) -> bool:
    return _OF_UNITS.search(name) is not None


@lru_cache(maxsize=4096)
def _own_unit(name: str) -> Unit | None:
    """The unit that a parameter is named for, as `distance_km` is."""
    last = spoken(name).rpartition(" ")[2]
    # `minutes` is a unit, `minute` a part of a time; so with all names of a single period.
    if len(last) < 2 or last in ("in", "day", "month", "year", "hour", "minute", "second", "week"):
        return None
    units = unit_named(last)
    return units[0] if len(units) == 1 else None


_AMOUNT = re.compile(r"(?<![\w.,])(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?![.,]?\d)")


def _copied_unit(name: str, value: float, told: Conversation) -> str | None:
    """The unit in which the query gives a number that went into a parameter of another unit."""
    unit = _own_unit(name)
    if unit is None:
        return None
    shown = str(value).removesuffix(".0")
    if shown not in told.lower:
        return None
    found: set[str] = set()
    for match in _AMOUNT.finditer(told.lower):
        if match.group(1).removesuffix(".0") != shown:
            continue
        behind = unit_after(told.lower, match.end())
        if not behind or any(other.family != unit.family or other == unit for other in behind):
            return None
        found.add(behind[0].name)
    return " and ".join(sorted(found)) or None
