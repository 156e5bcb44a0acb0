"""From an argument's value to the words that a person would write for it."""

import random
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from api_registry.types import JsonSchema
from generators.embedded.alternatives import fitting_schema
from generators.embedded.lexicon import FORMS
from generators.embedded.nesting import humanise, list_words, object_words

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
).split()
_CODE_LENGTH = 4
"""Longer capitals are words written large, such as `EARTH`; shorter ones may be codes."""
_TEXT_WORDS = 4
"""Text of that many words is set in quotation marks."""


def words_for(
    value: Any,
    schema: JsonSchema,
    rng: random.Random,
    *,
    style: str = "",
    today: date | None = None,
    root: JsonSchema | None = None,
    nested: bool = False,
) -> str:
    """Write a value in words.

    Args:
        value: A JSON value.
        schema: Its schema; tells dates, times and enums from plain text.
        rng: Chooses among the ways to write it.
        style: A slot style of `docs/phrasings.md`.
        today: The conversation's date; allows "tomorrow" and its like.
        root: Schema that holds `$defs`.
        nested: Whether the value stands inside another.
    """
    root = root if root is not None else schema
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _NUMBERS.get(style, _number)(value, rng)
    if value is None:
        return "nothing"
    if isinstance(value, list):
        places = schema.get("prefixItems", [schema.get("items", {})] * len(value))
        written = [
            _inside(item, place, rng, today, root)
            for item, place in zip(value, [*places, *[{}] * len(value)], strict=False)
        ]
        return list_words(written, value, rng, nested=nested)
    if isinstance(value, dict):
        fields = []
        for key, item in value.items():
            place = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
            kind = "digits" if "year" in key.lower() or not schema.get("properties") else ""
            fields.append((key, item, _inside(item, place, rng, today, root, kind)))
        return object_words(fields, free_keys=not schema.get("properties"))
    if nested and schema.get("format") == "date":
        # Commas separate what is listed, so the date itself has none.
        day = date.fromisoformat(value)
        return rng.choice(
            (value, f"{day.day} {day:%B} {day.year}", f"{day.day} {day:%b} {day.year}")
        )
    return _text(value, schema, rng, style, today)


def _inside(
    value: Any,
    schema: Any,
    rng: random.Random,
    today: date | None,
    root: JsonSchema,
    style: str = "",
) -> str:
    """Words for a value inside another one."""
    plain = fitting_schema(schema if isinstance(schema, dict) else {}, value, root)
    return words_for(value, plain, rng, style=style, today=today, root=root, nested=True)


def number_words(value: int) -> str:
    """Spell a number from 0 to 99."""
    if value < 20:
        return _ONES[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens] if not ones else f"{_TENS[tens]}-{_ONES[ones]}"


def _number(value: int | float, rng: random.Random) -> str:
    if isinstance(value, float):
        whole = int(value)
        if value - whole == 0.5 and 1 <= whole <= 12 and rng.random() < 0.4:
            return f"{number_words(whole)} and a half"
        return _grouped(value) if abs(value) >= 1000 else str(value)
    if value == 12 and rng.random() < 0.1:
        return "a dozen"
    if 0 <= value <= 20 and rng.random() < 0.45:
        return number_words(value)
    if 20 < value < 100 and rng.random() < 0.15:
        return number_words(value)
    if value >= 10_000 and value % 1000 == 0 and rng.random() < 0.35:
        return f"{value // 1000}k"
    if value >= 1000 and value % 100 == 0 and value < 10_000 and rng.random() < 0.15:
        return f"{value / 1000:g}k"
    return _grouped(value) if abs(value) >= 1000 and rng.random() < 0.7 else str(value)


def _grouped(value: int | float) -> str:
    return f"{value:,}"


def _money(value: int | float, rng: random.Random) -> str:
    amount = _grouped(value) if isinstance(value, int) else f"{value:,.2f}"
    if rng.random() < 0.6:
        return f"${amount}"
    return f"{amount} dollars" if rng.random() < 0.7 else f"{_number(value, rng)} dollars"


def _percent(value: int | float, rng: random.Random) -> str:
    if isinstance(value, int) and 0 <= value <= 20 and rng.random() < 0.25:
        return f"{number_words(value)} percent"
    return f"{value}%" if rng.random() < 0.65 else f"{value} percent"


def _fraction(value: int | float, rng: random.Random) -> str:
    if rng.random() < 0.15:
        return str(value)
    return _percent(_tidy(round(value * 100, 6)), rng)


def _tidy(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _ordinal(value: int | float, rng: random.Random) -> str:
    number = int(value)
    if 0 < number < len(_ORDINALS) and rng.random() < 0.5:
        return _ORDINALS[number]
    return f"{number}{_suffix(number)}"


def _suffix(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _digits(value: int | float, rng: random.Random) -> str:
    return str(value)


def _duration(unit: str, parts: int, larger: str) -> Callable[[int | float, random.Random], str]:
    """Words for a number of `unit`s, of which `parts` make one `larger`."""

    def write(value: int | float, rng: random.Random) -> str:
        if value == parts and rng.random() < 0.5:
            return f"{'an' if larger == 'hour' else 'a'} {larger}"
        if value == parts * 1.5 and rng.random() < 0.6:
            return f"{'an' if larger == 'hour' else 'a'} {larger} and a half"
        if value == parts / 2 and larger == "hour" and rng.random() < 0.4:
            return "half an hour"
        if value > parts and value % parts == 0 and rng.random() < 0.5:
            return f"{_number(int(value // parts), rng)} {larger}s"
        return f"{_number(value, rng)} {unit}{'' if value == 1 else 's'}"

    return write


_NUMBERS: dict[str, Callable[[int | float, random.Random], str]] = {
    "": _number,
    "money": _money,
    "percent": _percent,
    "fraction": _fraction,
    "ordinal": _ordinal,
    "digits": _digits,
    "seconds": _duration("second", 60, "minute"),
    "minutes": _duration("minute", 60, "hour"),
    "hours": _duration("hour", 24, "day"),
}


_BARE = re.compile(r"\S*\w(?:.*[\w)/>\]}%])?", re.DOTALL)
"""Text that stands in a sentence without quotation marks; a separator or `re-` does not."""
_DURATION = re.compile(r"PT(\d+)([HMS])")
_DURATION_UNITS = {"H": "hours", "M": "minutes", "S": "seconds"}


def _text(
    value: str, schema: JsonSchema, rng: random.Random, style: str, today: date | None
) -> str:
    kind = schema.get("format")
    if kind == "date":
        return date_words(date.fromisoformat(value), rng, today)
    if kind == "duration" and (duration := _DURATION.fullmatch(value)):
        return _NUMBERS[_DURATION_UNITS[duration[2]]](int(duration[1]), rng)
    if kind == "time":
        return _time_words(value, rng)
    if kind == "date-time":
        moment = datetime.fromisoformat(value)
        # A moment with an offset is another one than the same time where the user is: say which.
        zone = f" {moment.tzname()}" if moment.tzinfo else ""
        return f"{date_words(moment.date(), rng, today)} at {_time_words(value[11:], rng)}{zone}"
    if value in FORMS:
        forms = FORMS[value]
        # Codes such as USD are also written as they are; a unit's singular after a number is not.
        written_too = value.isupper() or "/" in value
        return value if written_too and rng.random() < 0.15 else rng.choice(forms)
    if "enum" in schema:
        if value.isupper() and value.isalpha() and len(value) > _CODE_LENGTH:
            return value.capitalize()
        if not _BARE.fullmatch(value):
            return f'"{value}"'
        return humanise(value) if "_" in value else value
    bare = _BARE.fullmatch(value)
    if style == "quoted" or not bare or len(value.split()) >= _TEXT_WORDS:
        return f'"{value}"' if rng.random() < 0.8 or "'" in value else f"'{value}'"
    return value


def date_words(day: date, rng: random.Random, today: date | None) -> str:
    """Write a date as people do; relative to `today`, where that is known, half of the time."""
    relative = _relative(day, today) if today is not None else []
    if relative and rng.random() < 0.7:
        return rng.choice(relative)
    month, number, suffix = f"{day:%B}", day.day, _suffix(day.day)
    return rng.choice(
        (
            day.isoformat(),
            f"{month} {number}, {day.year}",
            f"{number} {month} {day.year}",
            f"{month} {number}{suffix}, {day.year}",
            f"the {number}{suffix} of {month} {day.year}",
            f"{day:%b} {number}, {day.year}",
            f"{day:%A}, {month} {number}, {day.year}",
            f"{number} {day:%b} {day.year}",
        )
    )


def _relative(day: date, today: date) -> list[str]:
    days = (day - today).days
    fixed = {
        -1: ["yesterday"],
        0: ["today"],
        1: ["tomorrow"],
        2: ["the day after tomorrow"],
        7: ["a week from today"],
        14: ["two weeks from today"],
    }
    if 2 < days < 7:
        return [f"this coming {day:%A}", f"{number_words(days)} days from today"]
    return fixed.get(days, [])


RELATIVE = re.compile(
    r"(yesterday|today|tomorrow|the day after tomorrow|this coming \w+"
    r"|[\w-]+ (days|weeks?) from today)( at .+)?$"
)
"""Relative dates: they take no `on` before them."""


def _time_words(value: str, rng: random.Random) -> str:
    hour, minute = int(value[:2]), int(value[3:5])
    if (hour, minute) == (12, 0) and rng.random() < 0.5:
        return "noon"
    half = "am" if hour < 12 else "pm"
    twelve = hour % 12 or 12
    clock = f"{twelve}" if minute == 0 else f"{twelve}:{minute:02}"
    day_time = "in the morning" if hour < 12 else "in the afternoon" if hour < 18 else "at night"
    ways = [f"{hour:02}:{minute:02}", f"{clock} {half}", f"{clock}{half}"]
    if minute == 30:
        ways.append(f"half past {number_words(twelve)} {day_time}")
    return rng.choice(ways)
