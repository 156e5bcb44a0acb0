"""What amounts come to in other units: 5 ft 10 in, an hour and a half, 100 µF."""

import re

from verifiers.semantic.notations import Made
from verifiers.semantic.units import Unit, conversions, unit_after

_SI = {"p": 1e-12, "n": 1e-9, "µ": 1e-6, "μ": 1e-6, "u": 1e-6, "m": 1e-3, "c": 1e-2, "k": 1e3,
       "g": 1e9, "t": 1e12}  # fmt: skip
_SI_UNIT = re.compile(r"\s*([pnµμumckgt])(?:f|h|hz|v|a|w|wh|j|ohms?|ω|ev|pa|c|n|mol)\b")
_FAR = 25
"""Characters between the parts of one amount, at most."""


def add_conversions(
    lower: str,
    amounts: list[tuple[float, int, int]],
    converted: Made,
    rounded: Made,
) -> None:
    """What amounts come to in other units; `2 hours and 15 minutes` as a whole too."""
    total: tuple[Unit, float, int] | None = None
    for value, start, end in amounts:
        if prefix := _SI_UNIT.match(lower, end):
            scaled = value * _SI[prefix.group(1)]
            rounded |= {(scaled, value), (scaled * 1e3, value)}
        source = value
        if _AND_A_HALF.match(lower, end):
            value += 0.5
            converted.add((value, source))
        family = total[0].family if total and start - total[2] < _FAR else None
        for unit in unit_after(lower, end, family):
            into = converted if unit.family == "time" else rounded
            into |= {(made, source) for made in conversions(value, unit)}
            if unit.family == "time":
                converted |= {(made, source) for made in _calendar(value, unit.name)}
            if total and family == unit.family and unit.factor < total[0].factor:
                total = unit, total[1] + value * unit.factor, end
                sum_here = total[1] / unit.factor
                into |= {(made, source) for made in (sum_here, *conversions(sum_here, unit))}
            else:
                total = unit, value * unit.factor, end


_AND_A_HALF = re.compile(r"[\s-]*[a-z]+ and a half")
_CALENDAR: dict[str, tuple[float, ...]] = {
    "year": (365, 366, 52, 12, 4),
    "month": (30, 31, 28, 4, 1 / 12),
    "quarter": (3, 90),
    "week": (7, 5),
    "day": (24, 1 / 7, 1 / 365),
    "decade": (10, 120),
}


def _calendar(value: float, name: str) -> set[float]:
    return {value, *(value * parts for parts in _CALENDAR.get(name, ()))}
