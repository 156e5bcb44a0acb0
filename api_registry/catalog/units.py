"""Conversions between units of measurement, all exact by definition."""

from typing import Annotated, Literal

from pydantic import Field

from api_registry.catalog._words import DECIMALS, said
from api_registry.decorator import api

LengthUnit = Literal[
    "millimetre", "centimetre", "metre", "kilometre", "inch", "foot", "yard", "mile"
]
MassUnit = Literal["gram", "kilogram", "tonne", "ounce", "pound", "stone"]
TemperatureUnit = Literal["celsius", "fahrenheit", "kelvin"]
VolumeUnit = Literal["millilitre", "litre", "tablespoon", "pint", "quart", "gallon"]
SpeedUnit = Literal["km/h", "mph", "m/s", "knots", "ft/s"]
DataUnit = Literal["kilobyte", "megabyte", "gigabyte", "terabyte"]
FuelUnit = Literal["l/100km", "mpg (US)", "mpg (UK)", "km/l"]
Amount = Annotated[float, Field(ge=2, le=900)]
Decimals = Annotated[int, Field(ge=0, le=6)]

_METRES: dict[LengthUnit, float] = {
    "millimetre": 0.001,
    "centimetre": 0.01,
    "metre": 1.0,
    "kilometre": 1000.0,
    "inch": 0.0254,
    "foot": 0.3048,
    "yard": 0.9144,
    "mile": 1609.344,
}
_GRAMS: dict[MassUnit, float] = {
    "gram": 1.0,
    "kilogram": 1000.0,
    "tonne": 1_000_000.0,
    "ounce": 28.349523125,
    "pound": 453.59237,
    "stone": 6350.29318,
}
_US_LITRES: dict[VolumeUnit, float] = {
    "millilitre": 0.001,
    "litre": 1.0,
    "tablespoon": 0.01478676478125,
    "pint": 0.473176473,
    "quart": 0.946352946,
    "gallon": 3.785411784,
}
_IMPERIAL_LITRES: dict[VolumeUnit, float] = {
    "millilitre": 0.001,
    "litre": 1.0,
    "tablespoon": 0.0177581640625,
    "pint": 0.56826125,
    "quart": 1.1365225,
    "gallon": 4.54609,
}
_METRES_PER_SECOND: dict[SpeedUnit, float] = {
    "km/h": 1 / 3.6,
    "mph": 0.44704,
    "m/s": 1.0,
    "knots": 1852 / 3600,
    "ft/s": 0.3048,
}
_DATA_STEPS: dict[DataUnit, int] = {"kilobyte": 1, "megabyte": 2, "gigabyte": 3, "terabyte": 4}
_KM_PER_LITRE: dict[FuelUnit, float] = {
    "km/l": 1.0,
    "mpg (US)": 1.609344 / 3.785411784,
    "mpg (UK)": 1.609344 / 4.54609,
}

_SPEEDS = {
    "km/h": "[kilometres per hour|km/h|kph]",
    "mph": "[miles per hour|mph|miles an hour]",
    "m/s": "[metres per second|m/s]",
    "knots": "knots",
    "ft/s": "feet per second",
}
_FUEL = {
    "l/100km": "[litres per 100 km|l/100km]",
    "mpg (US)": "[US mpg|miles per US gallon]",
    "mpg (UK)": "[UK mpg|miles per imperial gallon]",
    "km/l": "[kilometres per litre|km per litre]",
}
_TO_SPEED = said("to_unit", _SPEEDS)
_FROM_SPEED = said("from_unit", _SPEEDS)
_TO_FUEL = said("to_unit", _FUEL)
_FROM_FUEL = said("from_unit", _FUEL)
_BINARY = "{binary=true:[ with 1024 to a step| in powers of two|, counting in 1024s]}"


@api(
    category="units",
    examples=[
        {"value": 5, "from_unit": "mile", "to_unit": "kilometre"},
        {"value": 72.5, "from_unit": "inch", "to_unit": "centimetre", "decimals": 1},
        {"value": 400, "from_unit": "metre", "to_unit": "yard", "decimals": 0},
    ],
    phrasings=[
        "[convert|change] {value} {from_unit}< [to|into|over to] {to_unit}>" + DECIMALS,
        "[work out|figure out|find out] [how long|what length] {value}< {from_unit}> is"
        " in {to_unit}" + DECIMALS,
        "[convert|change] [a length of|a distance of]< {value}> {from_unit} to {to_unit}",
        "[express|write] a [length|distance]< of {value}> {from_unit} in {to_unit}" + DECIMALS,
        "how many {to_unit} [is|are|are there in] {value} {from_unit}" + DECIMALS + "?",
        "what is {value}< {from_unit}> [in|when converted to|expressed in] {to_unit}?",
        "the [plan|drawing|label|sign] says {value} {from_unit} and i need [it|that|the length]"
        "< in {to_unit}>" + DECIMALS + ".",
    ],
)
def convert_length(
    value: Amount, from_unit: LengthUnit, to_unit: LengthUnit, decimals: Decimals = 6
) -> float:
    """Convert a length or distance from one unit to another.

    Args:
        value: Length to convert.
        from_unit: Unit it is given in.
        to_unit: Unit to convert it to.
        decimals: Decimal places of the result.
    """
    return round(value * _METRES[from_unit] / _METRES[to_unit], decimals)


@api(
    category="units",
    examples=[
        {"value": 180, "from_unit": "pound", "to_unit": "kilogram"},
        {"value": 12, "from_unit": "stone", "to_unit": "pound", "decimals": 0},
        {"value": 250, "from_unit": "gram", "to_unit": "ounce", "decimals": 2},
    ],
    phrasings=[
        "[convert|change] a weight of {value} {from_unit}< [to|into] {to_unit}>" + DECIMALS,
        "[find out|work out|check] [what|how much] {value}< {from_unit}> weighs in {to_unit}",
        "turn [the weight on the scale|the weight of my parcel|this weight]<, {value}> {from_unit}"
        ", into {to_unit}",
        "how many {to_unit} [does a {value} {from_unit} load weigh|are {value} {from_unit}]"
        + DECIMALS
        + "?",
        "[how heavy is|what is] something that weighs {value} {from_unit}< in {to_unit}>"
        + DECIMALS
        + "?",
        "[the package|my suitcase|the crate] weighs {value}< {from_unit}>, and the form asks for"
        " {to_unit}.",
        "the recipe card lists {value} {from_unit} and [i can only weigh|my scale only weighs]"
        " [things|stuff]< in {to_unit}>.",
    ],
)
def convert_mass(
    value: Amount, from_unit: MassUnit, to_unit: MassUnit, decimals: Decimals = 6
) -> float:
    """Convert a mass or weight from one unit to another.

    Args:
        value: Mass to convert.
        from_unit: Unit it is given in.
        to_unit: Unit to convert it to.
        decimals: Decimal places of the result.
    """
    return round(value * _GRAMS[from_unit] / _GRAMS[to_unit], decimals)


@api(
    category="units",
    examples=[
        {"value": 72, "from_unit": "fahrenheit", "to_unit": "celsius"},
        {"value": 21.5, "from_unit": "celsius", "to_unit": "kelvin", "decimals": 2},
        {"value": 0, "from_unit": "celsius", "to_unit": "fahrenheit", "decimals": 0},
    ],
    phrasings=[
        "[convert|change] {value} {from_unit}< to {to_unit}>" + DECIMALS,
        "[convert|translate] [a temperature of|a reading of]< {value}> {from_unit} into {to_unit}",
        "[work out|figure out] what {value}< {from_unit}> is in {to_unit}" + DECIMALS,
        "what is {value} {from_unit} [in|when converted to] {to_unit}" + DECIMALS + "?",
        "[how warm is it|what does it come to]< in {to_unit}> [when|if] the thermometer"
        " [says|shows|reads] {value} {from_unit}?",
        "[the forecast|my thermostat|the display] says {value}< {from_unit}> and i think in"
        " {to_unit}.",
        "the lab [sheet|report] gives the temperature as< {value}> {from_unit} but i need"
        " [it in |]{to_unit}.",
    ],
)
def convert_temperature(
    value: Annotated[float, Field(ge=0, le=120)],
    from_unit: TemperatureUnit,
    to_unit: TemperatureUnit,
    decimals: Decimals = 1,
) -> float:
    """Convert a temperature from one scale to another.

    Args:
        value: Temperature to convert.
        from_unit: Scale it is given in.
        to_unit: Scale to convert it to.
        decimals: Decimal places of the result.
    """
    kelvin = {
        "celsius": value + 273.15,
        "fahrenheit": (value + 459.67) * 5 / 9,
        "kelvin": value,
    }[from_unit]
    result = {
        "celsius": kelvin - 273.15,
        "fahrenheit": kelvin * 9 / 5 - 459.67,
        "kelvin": kelvin,
    }[to_unit]
    return round(result, decimals)


@api(
    category="units",
    examples=[
        {"value": 3, "from_unit": "gallon", "to_unit": "litre"},
        {"value": 20, "from_unit": "pint", "to_unit": "litre", "system": "imperial"},
        {"value": 750, "from_unit": "millilitre", "to_unit": "tablespoon", "system": "US"},
    ],
    phrasings=[
        "[convert|change] {value} {from_unit} of [water|liquid|juice|oil]< to {to_unit}>"
        "<, going by {system} measures>",
        "[work out|calculate] how many {to_unit} [fit into|make up|go into] {value}< {from_unit}>"
        "< by {system} measures>",
        "[convert|turn] a volume of< {value}> {from_unit} into {to_unit}"
        "{system=imperial:[, imperial ones|, the British kind]}",
        "how [much|many {to_unit}] is {value} {from_unit}< in {to_unit}>"
        "{system=imperial: in British measures}{system=US: in American measures}?",
        "what [volume in {to_unit} do i get from|does it come to in {to_unit} if i pour out|is the"
        " volume in {to_unit} of] {value}< {from_unit}>?",
        "[my bucket|the tank|this jug] holds {value} {from_unit} and i [want|need] to know that"
        "< in {to_unit}>{system=imperial:, using imperial units}.",
        "i bought {value} {from_unit} of [paint|milk|olive oil] and need the volume< in {to_unit}>"
        "{system=US:, the US kind}.",
    ],
)
def convert_volume(
    value: Amount,
    from_unit: VolumeUnit,
    to_unit: VolumeUnit,
    system: Literal["US", "imperial"] = "US",
) -> float:
    """Convert a volume of liquid from one unit to another.

    Args:
        value: Volume to convert.
        from_unit: Unit it is given in.
        to_unit: Unit to convert it to.
        system: Whose pints, quarts and gallons are meant.
    """
    litres = _US_LITRES if system == "US" else _IMPERIAL_LITRES
    return round(value * litres[from_unit] / litres[to_unit], 4)


@api(
    category="units",
    examples=[
        {"value": 65, "from_unit": "mph", "to_unit": "km/h"},
        {"value": 18, "from_unit": "knots", "to_unit": "m/s"},
        {"value": 9.5, "from_unit": "m/s", "to_unit": "km/h"},
    ],
    phrasings=[
        "[convert|change] a speed of {value} " + _FROM_SPEED + "< to " + _TO_SPEED + ">",
        "[work out|figure out] how fast {value}< " + _FROM_SPEED + "> is in " + _TO_SPEED,
        "[express|write] a [wind|driving|cruising] speed of< {value}> "
        + _FROM_SPEED
        + " in "
        + _TO_SPEED,
        "how fast is {value} "
        + _FROM_SPEED
        + "< [in|when you say it in|if you want it in] "
        + _TO_SPEED
        + ">?",
        "[the boat|the train|the storm] is doing {value} " + _FROM_SPEED + ", what is that"
        "< in " + _TO_SPEED + ">?",
        "the [speedometer|gauge] [shows|reads] {value}< "
        + _FROM_SPEED
        + "> but i need it in "
        + _TO_SPEED
        + ".",
    ],
)
def convert_speed(
    value: Annotated[float, Field(ge=2, le=300)], from_unit: SpeedUnit, to_unit: SpeedUnit
) -> float:
    """Convert a speed from one unit to another.

    Args:
        value: Speed to convert.
        from_unit: Unit it is given in.
        to_unit: Unit to convert it to.
    """
    return round(value * _METRES_PER_SECOND[from_unit] / _METRES_PER_SECOND[to_unit], 3)


@api(
    category="units",
    examples=[
        {"value": 512, "from_unit": "megabyte", "to_unit": "gigabyte"},
        {"value": 3, "from_unit": "terabyte", "to_unit": "gigabyte", "binary": True},
        {"value": 640, "from_unit": "kilobyte", "to_unit": "megabyte", "binary": False},
    ],
    phrasings=[
        "[convert|change] {value} {from_unit} of [data|disk space|storage]< to {to_unit}>"
        + _BINARY,
        "[work out|calculate] how many {to_unit} [a file of|a download of] {value}< {from_unit}>"
        " takes up{binary=true:, with 1024 to a step}{binary=false:, with 1000 to a step}",
        "[express|write down] the size of [a backup|a video|an archive] of< {value}> {from_unit}"
        " in {to_unit}",
        "how many {to_unit} [is|are|does it make for] {value} {from_unit} of data" + _BINARY + "?",
        "how [big|large] is a file of {value} {from_unit}< in {to_unit}>"
        "{binary=false: if a kilobyte is 1000 bytes}{binary=true: if a kilobyte is 1024 bytes}?",
        "my [phone|plan|memory card] has {value}< {from_unit}> and i'd like to see that"
        " in {to_unit}" + _BINARY + ".",
    ],
)
def convert_data_size(
    value: Amount, from_unit: DataUnit, to_unit: DataUnit, binary: bool = False
) -> float:
    """Convert an amount of data from one unit to another.

    Args:
        value: Amount of data to convert.
        from_unit: Unit it is given in.
        to_unit: Unit to convert it to.
        binary: Whether a unit holds 1024 of the next smaller one, instead of 1000.
    """
    step = 1024 if binary else 1000
    return float(f"{value * step ** (_DATA_STEPS[from_unit] - _DATA_STEPS[to_unit]):.9g}")


@api(
    category="units",
    examples=[
        {"value": 6.5, "from_unit": "l/100km", "to_unit": "mpg (US)"},
        {"value": 32, "from_unit": "mpg (UK)", "to_unit": "l/100km"},
        {"value": 18, "from_unit": "km/l", "to_unit": "mpg (UK)"},
    ],
    phrasings=[
        "[convert|change] a [consumption|fuel economy] of {value} "
        + _FROM_FUEL
        + "< to "
        + _TO_FUEL
        + ">",
        "[work out|find] the [fuel economy|consumption] in "
        + _TO_FUEL
        + " of a car that does {value}< "
        + _FROM_FUEL
        + ">",
        "[translate|turn] the [brochure|test] figure of< {value}> "
        + _FROM_FUEL
        + " into "
        + _TO_FUEL,
        "what is {value} "
        + _FROM_FUEL
        + "< [in|expressed in|when you convert it to] "
        + _TO_FUEL
        + ">?",
        "how [thirsty|economical] is a car< in "
        + _TO_FUEL
        + "> if it is rated at {value} "
        + _FROM_FUEL
        + "?",
        "my [car|van|rental] averages {value}< "
        + _FROM_FUEL
        + "> and i want to compare it in "
        + _TO_FUEL
        + ".",
    ],
)
def convert_fuel_economy(
    value: Annotated[float, Field(ge=3, le=60)], from_unit: FuelUnit, to_unit: FuelUnit
) -> float:
    """Convert the fuel economy of a vehicle from one unit to another.

    Args:
        value: Fuel economy to convert.
        from_unit: Unit it is given in.
        to_unit: Unit to convert it to.
    """
    if value <= 0:
        raise ValueError(f"fuel economy must be above zero, got {value}")
    economy = 100 / value if from_unit == "l/100km" else value * _KM_PER_LITRE[from_unit]
    return round(100 / economy if to_unit == "l/100km" else economy / _KM_PER_LITRE[to_unit], 2)
