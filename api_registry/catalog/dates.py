"""Sums with calendar dates: distances, shifts, ages, working days and moving feasts."""

import calendar
from datetime import date, timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field

from api_registry.catalog._words import said
from api_registry.decorator import api

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Year = Annotated[int, Field(ge=1990, le=2060, examples=list(range(2016, 2036)))]
_BIRTHDAYS = (
    "1948-11-02 1956-07-19 1963-02-27 1969-10-08 1975-05-14 1982-12-30 1988-03-21 1991-08-05 "
    "1996-01-17 2000-02-29 2004-09-11 2012-06-24"
).split()
BirthDate = Annotated[date, Field(examples=_BIRTHDAYS)]

_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_DAY = said("weekday", {day: day.title() for day in _WEEKDAYS})
_MONTH = said("month", {str(number): calendar.month_name[number] for number in range(1, 13)})
_WHICH = (
    "{which=first:[first|1st]}{which=second:[second|2nd]}{which=third:[third|3rd]}"
    "{which=fourth:[fourth|4th]}{which=last:[last|final]}"
)
_FEAST = (
    "{feast=ash wednesday:Ash Wednesday}{feast=good friday:Good Friday}{feast=easter:Easter["
    " Sunday|]}"
    "{feast=ascension:Ascension Day}{feast=pentecost:[Pentecost|Whit Sunday]}"
)
_TRADITION = (
    "{tradition=western: in the [Western|Catholic] calendar}"
    "{tradition=orthodox: in the Orthodox church}"
)
_FROM_EASTER = {"ash wednesday": -46, "good friday": -2, "easter": 0, "ascension": 39}


@api(
    category="dates",
    examples=[
        {"start_date": "2026-03-01", "end_date": "2026-05-17"},
        {"start_date": "2025-12-24", "end_date": "2026-01-06", "unit": "week"},
        {"start_date": "2026-06-01", "end_date": "2026-06-30", "count_last_day": True},
    ],
    phrasings=[
        "[count|work out] the [days|time] between {start_date} and {end_date}<, in full {unit}>"
        "{count_last_day=true:, counting the last day too}",
        "[find out|calculate|check] how long it is< from {start_date}> until {end_date}"
        "< when counted in {unit}>",
        "measure the [gap|stretch of time] that starts {start_date}< and ends {end_date}>"
        "{unit=week: in weeks}{unit=month: in months}{unit=year: in years}{unit=day: in days}",
        "how [long|much time] is [it|there] from {start_date}< to {end_date}>"
        "{count_last_day=true: if the final day counts as well}?",
        "how [much time|long] [passes|is left] between {start_date} and {end_date}<, given in"
        " whole {unit}>?",
        "[my project|our trip|the lease] runs< from {start_date}> until {end_date} and i'd like to"
        " know how long that is{count_last_day=true:, the last day included}.",
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
    if end_date < start_date:
        raise ValueError(f"the end date {end_date} lies before the start date {start_date}")
    end = end_date + timedelta(days=1) if count_last_day else end_date
    if unit in ("day", "week"):
        count, rest = divmod((end - start_date).days, 7 if unit == "week" else 1)
    else:
        size = 12 if unit == "year" else 1
        months = (end.year - start_date.year) * 12 + end.month - start_date.month
        if _shifted(start_date, months) > end:
            months -= 1
        count = months // size
        rest = (end - _shifted(start_date, count * size)).days
    return {"count": count, "unit": unit, "days_left_over": rest}


def _shifted(day: date, months: int) -> date:
    """Move a date by months; the 31st becomes the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@api(
    category="dates",
    examples=[
        {"start_date": "2026-01-31", "amount": 3, "unit": "month", "direction": "after"},
        {"start_date": "2026-04-10", "amount": 28, "unit": "day", "direction": "after"},
        {"start_date": "2026-09-01", "amount": 6, "unit": "week", "direction": "before"},
    ],
    phrasings=[
        "[find|work out|get] the date< {amount}> {unit}"
        " {direction=after:[after|following]}{direction=before:before} {start_date}",
        "move [an appointment|a deadline|a delivery]< planned for {start_date}> {amount} {unit}"
        " {direction=after:[into the future|later]}{direction=before:earlier}",
        "move the date {amount} {unit}< {direction=after:[forward|ahead]}"
        "{direction=before:[back|backwards]}> from {start_date}",
        "[what|which] [date|day] [is|comes] {amount} {unit}"
        " {direction=after:after}{direction=before:before} {start_date}?",
        "what day do i [land on|get] if i [start|begin] with {start_date} and go"
        "{direction=after: forward}{direction=before: back} by {amount}< {unit}>?",
        "[the warranty|my visa|the contract] is dated {start_date} and i need the date"
        " {amount} {unit} {direction=after:[later|after that]}{direction=before:before that}.",
    ],
)
def shift_date(
    start_date: date,
    amount: Annotated[int, Field(ge=2, le=30)],
    unit: Literal["day", "week", "month", "year"],
    direction: Literal["after", "before"],
) -> dict[str, str]:
    """Find the date that lies some time after or before another date.

    Args:
        start_date: Date to start from.
        amount: Number of units to move by.
        unit: Unit to move by.
        direction: Whether to look after or before the start date.

    Returns:
        The date found and its day of the week.
    """
    steps = amount if direction == "after" else -amount
    if unit in ("day", "week"):
        found = start_date + timedelta(days=steps * (7 if unit == "week" else 1))
    else:
        found = _shifted(start_date, steps * (12 if unit == "year" else 1))
    return {"date": found.isoformat(), "weekday": f"{found:%A}"}


@api(
    category="dates",
    examples=[
        {"birth_date": "1988-03-21", "on_date": "2026-05-01"},
        {"birth_date": "2000-02-29", "on_date": "2027-02-28"},
        {"birth_date": "1963-02-27", "on_date": "2026-02-27"},
    ],
    phrasings=[
        "[work out|calculate] the age of [someone|a person] born on {birth_date}< as of {on_date}>",
        "figure out how old [my aunt|a customer|our coach] will be[|, in years and days,]"
        "< when it is {on_date}>, born on {birth_date}",
        "[check|find] the [exact |]age< as of {on_date}> of a person< with the birthday"
        " {birth_date}>",
        "how old is [someone|a person|a student] born on {birth_date}< as of {on_date}>?",
        "what age [goes on|belongs on] the form for a [patient|passenger]< born on {birth_date}>"
        " if the cut-off date is {on_date}?",
        "[my grandfather|our trainer|my cousin] was born on {birth_date} and i need the age"
        "< as of {on_date}>.",
    ],
)
def age_on_date(birth_date: BirthDate, on_date: date) -> dict[str, int | str]:
    """Calculate how old a person is on a given date.

    Args:
        birth_date: Date of birth.
        on_date: Date for which the age is wanted.

    Returns:
        Full years of age, days since the last birthday, and the date of the next one.
    """
    if on_date < birth_date:
        raise ValueError(f"{on_date} lies before the date of birth {birth_date}")
    years = on_date.year - birth_date.year
    if _shifted(birth_date, years * 12) > on_date:
        years -= 1
    return {
        "years": years,
        "days_since_birthday": (on_date - _shifted(birth_date, years * 12)).days,
        "next_birthday": _shifted(birth_date, (years + 1) * 12).isoformat(),
    }


@api(
    category="dates",
    examples=[
        {"start_date": "2026-03-02", "end_date": "2026-03-31"},
        {"start_date": "2026-12-14", "end_date": "2027-01-08", "days_off": 4},
        {"start_date": "2026-05-01", "end_date": "2026-05-30", "saturdays_count": True},
    ],
    phrasings=[
        "[count|work out] the [working days|business days|workdays] from {start_date}"
        "< through {end_date}><, minus {days_off} days off>",
        "[calculate|check] how many days [our team|the crew|i] will work"
        "< from {start_date}> [until|up to] {end_date}{saturdays_count=true:, Saturdays"
        " included}{saturdays_count=false:,"
        " Saturdays off}",
        "find the number of [office days|business days] left< from {start_date}> until {end_date}"
        "< if there are {days_off} days of leave>",
        "how many [working days|workdays|weekdays] [are there|do we have] between {start_date} and"
        " {end_date}{saturdays_count=true: when we work Saturdays too}?",
        "how many days do i [go to work|have to be in the office] from {start_date}"
        "< up to {end_date}>< if i take {days_off} days off>?",
        "the job [starts|begins] {start_date}< and is due {end_date}>, and i need the number of"
        " [working days|business days] in it{saturdays_count=true:, with Saturdays as workdays}.",
    ],
)
def count_workdays(
    start_date: date,
    end_date: date,
    days_off: Annotated[int, Field(ge=0, le=60, examples=list(range(2, 11)))] = 0,
    saturdays_count: bool = False,
) -> dict[str, int]:
    """Count the working days between two dates, both included.

    Args:
        start_date: First day of the period.
        end_date: Last day of the period.
        days_off: Holidays and days of leave to subtract.
        saturdays_count: Whether Saturdays are working days.

    Returns:
        Working days, days in all, and days that fall on a weekend.
    """
    if end_date < start_date:
        raise ValueError(f"the last day {end_date} lies before the first day {start_date}")
    days = (end_date - start_date).days + 1
    free = (6,) if saturdays_count else (5, 6)
    weeks, rest = divmod(days, 7)
    weekend = weeks * len(free)
    weekend += sum((start_date.weekday() + offset) % 7 in free for offset in range(rest))
    return {
        "working_days": max(0, days - weekend - days_off),
        "days": days,
        "weekend_days": weekend,
    }


@api(
    category="dates",
    examples=[
        {"year": 2026, "month": 11, "weekday": "thursday", "which": "fourth"},
        {"year": 2027, "month": 5, "weekday": "monday", "which": "last"},
        {"year": 2025, "month": 2, "weekday": "friday", "which": "second"},
    ],
    phrasings=[
        f"[find|look up|work out] the date of the {_WHICH} {_DAY} [of|in] {_MONTH}"
        "< {year:digits}>",
        f"[check|find out] [when|on what date] the< {_WHICH}> {_DAY} of {_MONTH} {{year:digits}}"
        f" is",
        f"work out when a [club|committee|support group] meets that< always> gets together on the"
        f" {_WHICH} {_DAY} of the month< in {_MONTH}>, for the year {{year:digits}}",
        f"what [date|day of the month] is the {_WHICH} {_DAY} [of|in] {_MONTH}< {{year:digits}}>?",
        f"when is [our|the] [monthly |]meeting in< {_MONTH}> {{year:digits}} if it is held every"
        f" {_WHICH} {_DAY}?",
        f"[our book club|the board|my choir] always meets< on a {_DAY}>, the {_WHICH} one in the"
        f" month, and i need the date for {_MONTH} {{year:digits}}.",
    ],
)
def nth_weekday_of_month(
    year: Year,
    month: Annotated[int, Field(ge=1, le=12)],
    weekday: Weekday,
    which: Literal["first", "second", "third", "fourth", "last"],
) -> str:
    """Find the date of, for example, the second Tuesday of a month.

    Args:
        year: Year.
        month: Number of the month.
        weekday: Day of the week.
        which: Which of these days in the month.

    Returns:
        The date in ISO form.
    """
    days = [
        week[_WEEKDAYS.index(weekday)]
        for week in calendar.monthcalendar(year, month)
        if week[_WEEKDAYS.index(weekday)]
    ]
    place = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}[which]
    return date(year, month, days[place]).isoformat()


@api(
    category="dates",
    examples=[
        {"year": 2026, "feast": "easter"},
        {"year": 2027, "feast": "pentecost", "tradition": "orthodox"},
        {"year": 2031, "feast": "good friday", "tradition": "western"},
    ],
    phrasings=[
        f"[find|look up] the date of {_FEAST}< in {{year:digits}}>{_TRADITION}",
        f"[work out|calculate|check] when {_FEAST} [is|falls] in {{year:digits}}{_TRADITION}",
        f"find out when [my school holidays|the long weekend]< at {_FEAST}> will be in"
        f" {{year:digits}}",
        f"when is {_FEAST}< in {{year:digits}}>{_TRADITION}?",
        f"what date [does|will] the church [holiday|feast]< of {_FEAST}> fall on in"
        f" {{year:digits}}{{tradition=orthodox: for Orthodox Christians}}?",
        f"we're [planning a trip|getting married|visiting family] around {_FEAST}< in"
        " {year:digits}> and need its date{tradition=orthodox:, the Orthodox one}.",
    ],
)
def church_feast_date(
    year: Year,
    feast: Literal["ash wednesday", "good friday", "easter", "ascension", "pentecost"],
    tradition: Literal["western", "orthodox"] = "western",
) -> dict[str, str]:
    """Find the date of a church feast that depends on Easter.

    Args:
        year: Year.
        feast: Name of the feast.
        tradition: Church whose calendar counts.

    Returns:
        The date of the feast and of Easter in the calendar used today.
    """
    easter = _western_easter(year) if tradition == "western" else _orthodox_easter(year)
    day = easter + timedelta(days=_FROM_EASTER.get(feast, 49))
    return {"date": day.isoformat(), "weekday": f"{day:%A}", "easter": easter.isoformat()}


def _western_easter(year: int) -> date:
    """Anonymous Gregorian algorithm (Meeus, Jones, Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    shift = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * shift) // 451
    month, day = divmod(epact + shift - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _orthodox_easter(year: int) -> date:
    """Meeus' Julian algorithm, moved by the 13 days that hold from 1900 to 2099."""
    moon = (19 * (year % 19) + 15) % 30
    shift = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + shift + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


@api(
    category="dates",
    examples=[
        {"day": "2026-07-04"},
        {"day": "2026-12-31", "week_start": "sunday"},
        {"day": "2028-02-29", "fiscal_year_start": 4},
    ],
    phrasings=[
        "[look up|find] the [weekday and week number|calendar week] of [a date|one date]<,"
        " {day}>{week_start=sunday:, with weeks that begin on Sunday}",
        "work out which [quarter|week and quarter] {day} [is in|belongs to]"
        "{fiscal_year_start=4:, with a fiscal year that starts in April}"
        "{fiscal_year_start=10:, with a fiscal year that starts in October}",
        "[check|find out] what day of the [week|year] {day} is",
        "what [week of the year|calendar week|week number] is {day}"
        "{week_start=sunday: if my week starts on Sunday}"
        "{week_start=monday: if my week starts on Monday}?",
        "which quarter [is {day} in|does {day} belong to|do i book {day} under]"
        "{fiscal_year_start=4: if the fiscal year starts in April}"
        "{fiscal_year_start=7: if our books start in July}"
        "{fiscal_year_start=10: if the year runs from October}?",
        "[our invoice|the ticket|the report] is dated {day} and has to be filed by week and"
        " quarter{fiscal_year_start=4:, counting from April}{fiscal_year_start=7:, counting from"
        " July}.",
    ],
)
def calendar_position(
    day: date,
    week_start: Literal["monday", "sunday"] = "monday",
    fiscal_year_start: Literal[1, 4, 7, 10] = 1,
) -> dict[str, int | str]:
    """Find a date's weekday, week number, quarter and day of the year.

    Args:
        day: Date to look at.
        week_start: First day of the week; ISO weeks for Monday.
        fiscal_year_start: Month in which the fiscal year starts.

    Returns:
        Weekday, week, quarter of the fiscal year, and day of the year.
    """
    week = day.isocalendar().week if week_start == "monday" else int(f"{day:%U}")
    return {
        "weekday": f"{day:%A}",
        "week": week,
        "quarter": (day.month - fiscal_year_start) % 12 // 3 + 1,
        "day_of_year": day.timetuple().tm_yday,
    }
