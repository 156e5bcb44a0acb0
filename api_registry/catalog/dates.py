"""Sums with calendar dates: distances, shifts, ages, working days and moving feasts."""

import calendar
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api_registry.catalog._words import said
from api_registry.decorator import api

Weekday = Literal[
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
]
Year = Annotated[int, Field(ge=1990, le=2060)]

_WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_MONTHS = said("month", {str(number): calendar.month_name[number] for number in range(1, 13)})
_WHICH = said(
    "which",
    {
        "first": "first",
        "second": "[second|2nd]",
        "third": "[third|3rd]",
        "fourth": "[fourth|4th]",
        "last": "[last|final]",
    },
)
_DIRECTION = said("direction", {"after": "[after|from]", "before": "before"})
_TRADITION = said(
    "tradition",
    {"western": " in the [Western|Catholic] calendar", "orthodox": " in the Orthodox church"},
)
_DAY_NAMES = said("weekday", {day: day.title() for day in _WEEKDAYS})


@api(
    category="dates",
    examples=[
        {"start_date": "2026-03-01", "end_date": "2026-05-17"},
        {"start_date": "2025-12-24", "end_date": "2026-01-06", "unit": "week"},
        {"start_date": "2026-06-01", "end_date": "2026-06-30", "count_last_day": True},
    ],
    phrasings=[
        "[count|work out] the [days|time] between {start_date}< and {end_date}>"
        "<, expressed in {unit}>{count_last_day=true:, counting the last day too}",
        "[find out|calculate] how long it is< from {start_date}> until {end_date}< in {unit}>",
        "measure the [gap|stretch of time]< starting {start_date}> and ending {end_date}"
        "{unit=week: in full weeks}{unit=month: in full months}{unit=year: in full years}"
        "{unit=day: in days}",
        "how [long|much time] is there between {start_date}< and {end_date}>"
        "{count_last_day=true: if the final day counts as well}?",
        "how many {unit=day:days}{unit=week:whole weeks}{unit=month:whole months}"
        "{unit=year:whole years} [lie between|pass between]< {start_date} and> {end_date}"
        "{start_date=:}?",
        "my [project|trip|lease] runs< from {start_date}> until {end_date} and i'd like to know"
        " [its length|how long that is]{count_last_day=true:, the last day included}.",
    ],
)
def time_between_dates(
    start_date: date,
    end_date: date,
    unit: Literal["day", "week", "month", "year"] = "day",
    count_last_day: bool = False,
) -> dict[str, int | str]:
    """Count the time between two dates in whole days, weeks, months or years.

    Args:
        start_date: Date to count from.
        end_date: Date to count to.
        unit: Unit to count in.
        count_last_day: Whether the end date itself counts.

    Returns:
        The whole units, and the days that are left over.
    """
    end = end_date + timedelta(days=1) if count_last_day else end_date
    first, last = min(start_date, end), max(start_date, end)
    if unit in ("day", "week"):
        size = 1 if unit == "day" else 7
        count, rest = divmod((last - first).days, size)
    else:
        size = 1 if unit == "month" else 12
        months = (last.year - first.year) * 12 + last.month - first.month
        if _shifted(first, months) > last:
            months -= 1
        count = months // size
        rest = (last - _shifted(first, count * size)).days
    return {"count": count, "unit": unit, "days_left_over": rest}


def _shifted(day: date, months: int) -> date:
    """Move a date by months; the 31st becomes the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@api(
    category="dates",
    examples=[
        {"start_date": "2026-01-31", "amount": 3, "unit": "month"},
        {"start_date": "2026-04-10", "amount": 45, "unit": "day", "direction": "after"},
        {"start_date": "2026-09-01", "amount": 6, "unit": "week", "direction": "before"},
    ],
    phrasings=[
        "[find|work out] the date {amount} {unit} {direction=after:[after|from]}"
        "{direction=before:before} {start_date}",
    ],
)
def shift_date(
    start_date: date,
    amount: Annotated[int, Field(ge=2, le=60)],
    unit: Literal["day", "week", "month", "year"],
    direction: Literal["after", "before"],
) -> dict[str, str]:
    """Find the date that lies some time after or before another date.

    Args:
        start_date: Date to start from.
        amount: Number of units to move by.
        unit: Unit to move by.
        direction: Whether to move forward or back in time.

    Returns:
        The date found and its day of the week.
    """
    steps = amount if direction == "after" else -amount
    if unit in ("day", "week"):
        found = start_date + timedelta(days=steps * (7 if unit == "week" else 1))
    else:
        found = _shifted(start_date, steps * (12 if unit == "year" else 1))
    return {"date": found.isoformat(), "weekday": f"{found:%A}"}
