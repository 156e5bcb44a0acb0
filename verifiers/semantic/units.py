"""Units and currencies by the names that people use, and what an amount comes to in others."""

import re
from dataclasses import dataclass
from functools import lru_cache

_FAMILIES: dict[str, dict[str, tuple[float, str]]] = {
    "time": {
        "millisecond": (1e-3, "ms msec"),
        "second": (1, "sec s"),
        "minute": (60, "min"),
        "hour": (3600, "hr h"),
        "day": (86_400, "night"),
        "week": (604_800, "wk"),
        "fortnight": (1_209_600, ""),
        "month": (2_592_000, ""),
        "year": (31_536_000, "yr"),
        "decade": (315_360_000, ""),
    },
    "length": {
        "nanometre": (1e-9, "nanometer nm"),
        "millimetre": (1e-3, "millimeter mm"),
        "centimetre": (1e-2, "centimeter cm"),
        "metre": (1, "meter m"),
        "kilometre": (1000, "kilometer km kms kilometro"),
        "inch": (0.0254, 'inches in ″ "'),
        "foot": (0.3048, "feet ft '"),
        "yard": (0.9144, "yd"),
        "mile": (1609.344, "mi"),
        "nautical mile": (1852, "nmi"),
        "astronomical unit": (149_597_870_700, "au"),
        "light year": (9.4607e15, "light-year ly"),
        "parsec": (3.0857e16, ""),
    },
    "mass": {
        "milligram": (1e-6, "mg milligramme"),
        "gram": (1e-3, "g gramme gm"),
        "kilogram": (1, "kg kgs kilo kilogramme"),
        "tonne": (1000, "metric_ton"),
        "ton": (907.18474, ""),
        "ounce": (0.028349523125, "oz"),
        "pound": (0.45359237, "lb lbs"),
        "stone": (6.35029318, ""),
    },
    "volume": {
        "millilitre": (1e-3, "milliliter ml"),
        "litre": (1, "liter l"),
        "teaspoon": (0.00492892159375, "tsp"),
        "tablespoon": (0.01478676478125, "tbsp"),
        "fluid ounce": (0.0295735295625, "fl_oz"),
        "cup": (0.2365882365, ""),
        "metric cup": (0.25, "cup"),
        "legal cup": (0.24, "cup"),
        "pint": (0.473176473, ""),
        "quart": (0.946352946, ""),
        "gallon": (3.785411784, "gal"),
        "cubic centimetre": (1e-3, "cubic_centimeter cc cm³ cm^3 cm3"),
        "cubic metre": (1000, "cubic_meter m³ m^3 m3"),
        "cubic foot": (28.316846592, "cubic_feet ft³ ft^3"),
        "cubic inch": (0.016387064, "cubic_inches"),
    },
    "area": {
        "square centimetre": (1e-4, "square_centimeter cm² cm^2 sq_cm"),
        "square metre": (1, "square_meter m² m^2 sqm sq_m"),
        "square kilometre": (1e6, "square_kilometer km² km^2 sq_km"),
        "square foot": (0.09290304, "square_feet sqft sq_ft ft²"),
        "square mile": (2589988.110336, "sq_mi"),
        "acre": (4046.8564224, ""),
        "hectare": (1e4, "ha"),
    },
    "temperature": {
        "celsius": (1, "centigrade °c c degree_celsius degrees_celsius degrees_c deg_c"),
        "fahrenheit": (1, "°f f degree_fahrenheit degrees_fahrenheit degrees_f deg_f"),
        "kelvin": (1, "k"),
    },
    "angle": {"degree": (0.017453292519943295, "deg °"), "radian": (1, "rad")},
    "data": {
        "byte": (1, ""),
        "kilobyte": (1e3, "kb"),
        "megabyte": (1e6, "mb"),
        "gigabyte": (1e9, "gb"),
        "terabyte": (1e12, "tb"),
        "kibibyte": (2**10, "kib kb"),
        "mebibyte": (2**20, "mib mb"),
        "gibibyte": (2**30, "gib gb"),
        "tebibyte": (2**40, "tib tb"),
    },
    "pressure": {
        "pascal": (1, "pa"),
        "hectopascal": (100, "hpa"),
        "kilopascal": (1000, "kpa"),
        "bar": (1e5, ""),
        "millibar": (100, "mbar"),
        "atmosphere": (101_325, "atm"),
        "pound per square inch": (6894.757, "psi"),
        "millimetre of mercury": (133.322, "mmhg"),
    },
    "power": {
        "watt": (1, "w"),
        "kilowatt": (1000, "kw"),
        "megawatt": (1e6, "mw"),
        "horsepower": (745.7, "hp"),
    },
    "speed": {
        "kilometre per hour": (1 / 3.6, "km/h kph kmh"),
        "metre per second": (1, "m/s mps"),
        "mile per hour": (0.44704, "mph"),
        "knot": (0.514444, ""),
    },
    "energy": {
        "joule": (1, ""),
        "kilojoule": (1e3, "kj"),
        "calorie": (4.184, "cal"),
        "kilocalorie": (4184, "kcal"),
        "kilowatt-hour": (3.6e6, "kwh"),
    },
    "currency": {
        "USD": (1, "usd $ us$ dollar buck american_dollar us_dollar"),
        "CAD": (1, "cad c$ canadian_dollar dollar $"),
        "AUD": (1, "aud a$ australian_dollar dollar $"),
        "EUR": (1, "eur € euro"),
        "GBP": (1, "gbp £ british_pound pound_sterling pound sterling quid"),
        "JPY": (1, "jpy ¥ yen japanese_yen"),
        "CNY": (1, "cny rmb ¥ yuan renminbi"),
        "INR": (1, "inr ₹ rupee indian_rupee"),
        "CHF": (1, "chf franc swiss_franc"),
        "KRW": (1, "krw ₩ won"),
        "MXN": (1, "mxn mexican_peso peso"),
        "BRL": (1, "brl r$ real reais brazilian_real"),
        "RUB": (1, "rub ₽ ruble rouble"),
        "SEK": (1, "sek swedish_krona krona kronor"),
        "THB": (1, "thb baht"),
        "VND": (1, "vnd dong"),
    },
}


@dataclass(frozen=True)
class Unit:
    """One unit; `factor` is what one of it comes to in the family's own unit."""

    name: str
    family: str
    factor: float


_UNITS: dict[str, tuple[Unit, ...]] = {}
for _family, _units in _FAMILIES.items():
    for _name, (_factor, _aliases) in _units.items():
        for _alias in (_name.lower(), *_aliases.split()):
            _unit = Unit(_name, _family, _factor)
            _spoken = _alias.replace("_", " ")
            _UNITS[_spoken] = (*_UNITS.get(_spoken, ()), _unit)

_SYMBOLIC = sorted((a for a in _UNITS if len(a) > 0), key=len, reverse=True)
_AHEAD = re.compile(
    r"[\s-]*(?:of an?\s+|an?\s+)?("
    + "|".join(re.escape(alias) for alias in _SYMBOLIC)
    + r")(?:e?s)?(?![a-z])"
)
_LONG = [a for a in _SYMBOLIC if (len(a) > 1 and a not in ("in", "ms", "won")) or a in "$€£¥₹₩₽"]
_SPOKEN = re.compile(
    r"(?<![a-z])(?:" + "|".join(re.escape(alias) for alias in _LONG) + r")(?:e?s)?(?![a-z])"
)


def unit_named(text: str) -> tuple[Unit, ...]:
    """The units that a word stands for: none, one, or several (`dollar`, `pound`)."""
    word = text.strip().lower().replace("_", " ").rstrip(".")
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in _UNITS:
            return _UNITS[form]
    return ()


def unit_after(lower: str, position: int, family: str | None = None) -> tuple[Unit, ...]:
    """The units that stand right after an amount, in text of lower case.

    After an amount of a `family` (5 ft 10 in) a word that may be a unit of it is one.
    """
    match = _AHEAD.match(lower, position)
    if match is None:
        return ()
    units = _UNITS[match.group(1)]
    sure = match.start(1) == position or any(unit.family == family for unit in units)
    if match.group(1) in _WORDS_TOO and not sure and _WORD_AHEAD.match(lower, match.end()):
        return ()
    return units


_WORD_AHEAD = re.compile(r"\s*[a-z]")
_WORDS_TOO = ("in", "'", '"', "s", "m", "g", "l", "h", "won", "real", "cup")
"""Units that are other words or signs as well: in front of another word they are no unit."""


@lru_cache(maxsize=1024)
def units_in(text: str) -> frozenset[Unit]:
    """Every unit that a text speaks of, ambiguous ones in each reading."""
    return frozenset(
        unit for match in _SPOKEN.finditer(text.lower()) for unit in unit_named(match.group())
    )


def conversions(value: float, unit: Unit) -> set[float]:
    """What an amount comes to in the other units of its family."""
    if unit.family == "currency":
        return set()
    if unit.family == "temperature":
        return _temperatures(value, unit.name)
    whole = value * unit.factor
    return {
        whole / factor for factor, _ in _FAMILIES[unit.family].values() if factor != unit.factor
    }


def _temperatures(value: float, name: str) -> set[float]:
    celsius = {"celsius": value, "fahrenheit": (value - 32) / 1.8, "kelvin": value - 273.15}[name]
    return {celsius, celsius * 1.8 + 32, celsius + 273.15} - {value}
