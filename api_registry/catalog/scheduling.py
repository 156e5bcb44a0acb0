"""Meetings, repeating dates and the slots of a day."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api_registry.catalog._cities import City, local_moment, zone_of
from api_registry.decorator import api

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WEEKDAYS: tuple[Weekday, ...] = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


@api(
    category="scheduling",
    examples=[
        {
            "meeting_date": "2026-03-10",
            "meeting_time": "15:00:00",
            "from_city": "New York",
            "to_city": "Berlin",
        },
        {
            "meeting_date": "2026-07-01",
            "meeting_time": "09:30:00",
            "from_city": "London",
            "to_city": "Sydney",
        },
        {
            "meeting_date": "2025-12-05",
            "meeting_time": "22:00:00",
            "from_city": "Tokyo",
            "to_city": "Los Angeles",
        },
    ],
    phrasings=[
        "[convert|translate|change] {meeting_time} {from_city} time on {meeting_date}< to "
        "{to_city} time>",
        "[work out|tell me] [when|at what local time] someone in {to_city} has to [join|dial in]"
        " for a meeting[| that starts]< at {meeting_time}>, {from_city} time, on {meeting_date}",
        "[find|figure out] the {to_city} time of a call [held|scheduled] at {meeting_time}"
        "< in {from_city}> on {meeting_date}",
        "when it's {meeting_time} in {from_city}< on {meeting_date}>, what [time is it|does the "
        "clock say] "
        "[in|over in] {to_city}?",
        "[what|which] time in {to_city} [is|corresponds to] {meeting_time} in {from_city} on "
        "{meeting_date}?",
        "[my colleague|our partner|the client] in {from_city} set the [meeting|call] for "
        "{meeting_time} on {meeting_date} and i [need|want] the time in {to_city}.",
    ],
)
def convert_meeting_time(
    meeting_date: date, meeting_time: time, from_city: City, to_city: City
) -> dict[str, str | int]:
    """Convert the time of a meeting from one city's clock to another's.

    Args:
        meeting_date: Date of the meeting in the first city.
        meeting_time: Time of the meeting in the first city.
        from_city: City whose clock the time is given by.
        to_city: City whose local time is wanted.
    """
    start = local_moment(meeting_date, meeting_time, from_city)
    there = start.astimezone(zone_of(to_city))
    return {
        "local_date": there.date().isoformat(),
        "local_time": there.strftime("%H:%M"),
        "weekday": _WEEKDAYS[there.weekday()],
        "day_shift": (there.date() - meeting_date).days,
    }


@api(
    category="scheduling",
    examples=[
        {"starting_on": "2026-01-31", "frequency": "monthly", "occurrences": 4},
        {
            "starting_on": "2026-05-02",
            "frequency": "daily",
            "occurrences": 5,
            "avoid_weekends": True,
        },
        {"starting_on": "2025-09-01", "frequency": "fortnightly", "occurrences": 6},
    ],
    phrasings=[
        "[list|give me|lay out] the dates of {occurrences} meetings held< {frequency=daily:every "
        "day}{frequency=weekly:every week}{frequency=fortnightly:every [two weeks|other week]}"
        "{frequency=monthly:[once a month|every month]}>, [starting|beginning] on {starting_on}"
        "{avoid_weekends=true:, [moving weekend ones to Monday|never on a weekend]}",
        "[schedule|plan] {frequency=daily:daily}{frequency=weekly:weekly}"
        "{frequency=fortnightly:fortnightly}{frequency=monthly:monthly} [check-ins|sessions]"
        "< from {starting_on} on>, {occurrences} [of them|in all]"
        "{avoid_weekends=true:, keeping weekends free}",
        "[work out|tell me|list] when a {frequency=daily:daily}{frequency=weekly:weekly}"
        "{frequency=fortnightly:fortnightly}{frequency=monthly:monthly} course that starts on "
        "{starting_on} takes place<, {occurrences} times in all>",
        "[which|what] dates do {occurrences} {frequency=daily:daily}{frequency=weekly:weekly}"
        "{frequency=fortnightly:fortnightly}{frequency=monthly:monthly} [lessons|meetings] fall on"
        " if the first is on {starting_on}{avoid_weekends=true: and weekends are avoided}?",
        "when are the [next |]{occurrences} dates of something that [repeats|happens] "
        "{frequency=daily:every day}{frequency=weekly:every week}{frequency=fortnightly:every "
        "second week}{frequency=monthly:every month} from {starting_on}?",
        "[our team|my book club|the band] meets {frequency=daily:every day}{frequency=weekly:once "
        "a week}{frequency=fortnightly:every other week}{frequency=monthly:once a month} from "
        "{starting_on}, and [i need|i want] the [dates of the |]first {occurrences} dates"
        "{avoid_weekends=true:, none of them on a weekend}.",
    ],
)
def recurring_dates(
    starting_on: date,
    frequency: Literal["daily", "weekly", "fortnightly", "monthly"],
    occurrences: Annotated[int, Field(ge=2, le=12)],
    avoid_weekends: bool = False,
) -> list[str]:
    """List the dates of a repeating event.

    Args:
        starting_on: Date of the first event.
        frequency: Rhythm in which it repeats.
        occurrences: Number of dates to list.
        avoid_weekends: Whether to move dates on a weekend to the following working day.
    """
    if occurrences < 1:
        raise ValueError("`occurrences` must be at least 1")
    dates: list[date] = []
    for index in range(occurrences):
        day = _repeated(starting_on, frequency, index)
        while avoid_weekends and (day.weekday() >= 5 or day in dates):
            day += timedelta(days=1)
        dates.append(day)
    return [day.isoformat() for day in dates]


def _repeated(start: date, frequency: str, index: int) -> date:
    if frequency == "monthly":
        years, month = divmod(start.month - 1 + index, 12)
        last = calendar.monthrange(start.year + years, month + 1)[1]
        return date(start.year + years, month + 1, min(start.day, last))
    return start + timedelta(days=index * {"daily": 1, "weekly": 7, "fortnightly": 14}[frequency])


@api(
    category="scheduling",
    examples=[
        {"weekday": "Friday", "reference_date": "2026-02-11"},
        {"weekday": "Monday", "reference_date": "2026-02-09"},
        {"weekday": "Monday", "reference_date": "2026-02-09", "include_reference": True},
    ],
    phrasings=[
        "[find|get|give me] the date of the [first|next] {weekday} after {reference_date}"
        "{include_reference=true: or that very day if it is one}",
        "[tell me|look up] [which date|what date] the next {weekday} [falls on|is]<, counting from "
        "{reference_date}>",
        "[work out|determine] on which date [that|the right] weekday comes round again after "
        "{reference_date}<, i mean {weekday}>",
        "[what date is|when is|when do we have] the next {weekday} after {reference_date}"
        "{include_reference=true:, [counting that day itself|the day itself included]}?",
        "on [which|what] date does the {weekday} [following|right after] {reference_date} fall?",
        "the [parcel|order] [arrives|is due] on the first {weekday} after {reference_date} and i "
        "[need|want] the exact date.",
    ],
)
def next_weekday(
    weekday: Weekday, reference_date: date, include_reference: bool = False
) -> dict[str, str | int]:
    """Find the next date that falls on a weekday.

    Args:
        weekday: Weekday to look for.
        reference_date: Date to count from.
        include_reference: Whether the date itself may be the answer.
    """
    ahead = (_WEEKDAYS.index(weekday) - reference_date.weekday()) % 7
    if ahead == 0 and not include_reference:
        ahead = 7
    return {"date": (reference_date + timedelta(days=ahead)).isoformat(), "days_ahead": ahead}


@api(
    category="scheduling",
    examples=[
        {"home_city": "London", "other_city": "New York", "meeting_date": "2026-03-10"},
        {"home_city": "Tokyo", "other_city": "Los Angeles", "meeting_date": "2026-07-01"},
        {
            "home_city": "Nairobi",
            "other_city": "Mumbai",
            "meeting_date": "2025-11-05",
            "early_starters": True,
        },
    ],
    phrasings=[
        "[find|work out] the office hours that {home_city} shares< with {other_city}> on "
        "{meeting_date}"
        "{early_starters=true:, [both teams starting|with both sides starting] early}",
        "[tell me|check|find out] when [people|the teams] in {home_city} and {other_city} are "
        "both at work< on {meeting_date}>",
        "[list|get] the [overlap|common hours] between the working days [in|of] {other_city}"
        "< and {home_city}> on {meeting_date}",
        "when on {meeting_date} do [working|office|business] hours in {home_city} overlap with "
        "those in {other_city}?",
        "[how many|which] office hours do {home_city} and {other_city} have in common on "
        "{meeting_date}{early_starters=true: if everybody starts early}?",
        "[our team sits|we work|i'm based] in {home_city}, the [client|other office] is in "
        "{other_city}, and [i need|we need] the hours when both are at work on {meeting_date}"
        "{early_starters=true:, given that both sides start early}.",
    ],
)
def shared_office_hours(
    home_city: City, other_city: City, meeting_date: date, early_starters: bool = False
) -> dict[str, str | float]:
    """Find when the offices of two cities are both open, by the clock of the first.

    Args:
        home_city: City by whose clock the hours are told.
        other_city: City of the other office.
        meeting_date: Date in the first city.
        early_starters: Whether offices are open from 7 to 15 o'clock instead of from 9 to 17.
    """
    opening, closing = (time(7), time(15)) if early_starters else (time(9), time(17))
    start = local_moment(meeting_date, opening, home_city)
    end = local_moment(meeting_date, closing, home_city)
    # Half round the world the day of the other office may be the one before or after.
    for shift in (-1, 0, 1):
        day = meeting_date + timedelta(days=shift)
        latest_start = max(start, local_moment(day, opening, other_city))
        earliest_end = min(end, local_moment(day, closing, other_city))
        if latest_start < earliest_end:
            zone = zone_of(home_city)
            return {
                "from": latest_start.astimezone(zone).strftime("%H:%M"),
                "to": earliest_end.astimezone(zone).strftime("%H:%M"),
                "hours": (earliest_end.astimezone(UTC) - latest_start.astimezone(UTC))
                / timedelta(hours=1),
            }
    return {"from": "none", "to": "none", "hours": 0.0}


@api(
    category="scheduling",
    examples=[
        {"start_time": "09:00:00", "task_minutes": [30, 45, 20]},
        {"start_time": "13:30:00", "task_minutes": [60, 60], "break_minutes": 15},
        {"start_time": "22:15:00", "task_minutes": [90, 40, 10]},
    ],
    phrasings=[
        "[work out|tell me] when i [finish|am done] if i start at {start_time} and my tasks take "
        "{task_minutes} minutes<, with {break_minutes:minutes} of break in between>",
        "[calculate|figure out] the end of a work session[| that begins]< at {start_time}> with "
        "tasks of {task_minutes} minutes< and {break_minutes:minutes} between them>",
        "[plan|lay out] my tasks one after [the other|another] from {start_time}<, they take "
        "{task_minutes} minutes>< and i want {break_minutes:minutes} off after each but the last>",
        "[when|what time] will i be [done|finished] with tasks of {task_minutes} minutes"
        "< if i start at {start_time}>?",
        "at what time [does|will] a [session|workshop] from {start_time} end if its parts take "
        "{task_minutes}"
        " minutes< and there are breaks of {break_minutes:minutes}>?",
        "[i start|we begin] at {start_time} with [jobs|agenda items] of {task_minutes} minutes"
        "< and pause {break_minutes:minutes} between them>, and i need to know when it's over.",
    ],
)
def plan_finish_time(
    start_time: time,
    task_minutes: Annotated[
        list[Annotated[int, Field(ge=5, le=90, multiple_of=5)]], Field(min_length=2, max_length=6)
    ],
    break_minutes: Annotated[int, Field(ge=5, le=30, multiple_of=5)] | None = None,
) -> dict[str, str | int | list[str]]:
    """Plan tasks one after the other and tell when the last is finished.

    Args:
        start_time: Time at which the first task starts.
        task_minutes: Minutes that each task takes.
        break_minutes: Minutes of break between two tasks, none unless given.
    """
    if not task_minutes or min(task_minutes) < 0:
        raise ValueError("`task_minutes` needs at least one task and no negative lengths")
    pause = timedelta(minutes=break_minutes or 0)
    moment = datetime.combine(date(2000, 1, 1), start_time.replace(tzinfo=None))
    starts = []
    for minutes in task_minutes:
        starts.append(moment.strftime("%H:%M"))
        moment += timedelta(minutes=minutes) + pause
    finish = moment - pause
    return {
        "finish_time": finish.strftime("%H:%M"),
        "days_later": (finish.date() - date(2000, 1, 1)).days,
        "task_starts": starts,
    }


@api(
    category="scheduling",
    examples=[
        {"start_time": "09:00:00", "end_time": "12:00:00", "slot_minutes": 30},
        {"start_time": "13:00:00", "end_time": "17:30:00", "slot_minutes": 45, "gap_minutes": 10},
        {"start_time": "08:15:00", "end_time": "10:00:00", "slot_minutes": 20},
    ],
    phrasings=[
        "[list|show me|lay out] the appointment slots of {slot_minutes:minutes} between "
        "{start_time} "
        "and {end_time}<, leaving {gap_minutes:minutes} between two of them>",
        "[divide|split up] the time from {start_time} [until|to] {end_time} into appointments"
        "< of {slot_minutes:minutes}>< with gaps of {gap_minutes:minutes}>",
        "[fit|pack|squeeze] as many appointments of {slot_minutes:minutes} as possible into a "
        "day that "
        "starts at {start_time}< and ends at {end_time}>",
        "how many [appointments|interviews|slots] of {slot_minutes:minutes} fit[ in|] before "
        "{end_time}< if we start at {start_time}><, with {gap_minutes:minutes} in between>?",
        "[when|at what times] [could|can] appointments of {slot_minutes:minutes} start between "
        "{start_time} and {end_time}< if {gap_minutes:minutes} are kept free after each>?",
        "[the clinic|our office|the salon] is open from {start_time} to {end_time} and we need "
        "the possible slots of {slot_minutes:minutes} each.",
    ],
)
def appointment_slots(
    start_time: time,
    end_time: time,
    slot_minutes: Annotated[int, Field(ge=10, le=90, multiple_of=5)],
    gap_minutes: Annotated[int, Field(ge=5, le=20, multiple_of=5)] | None = None,
) -> dict[str, int | list[str]]:
    """Divide opening hours into appointment slots.

    Args:
        start_time: Time at which the first appointment may start.
        end_time: Time by which the last appointment must be over.
        slot_minutes: Minutes that an appointment takes.
        gap_minutes: Minutes to keep free between two appointments, none unless given.
    """
    if slot_minutes < 1:
        raise ValueError("`slot_minutes` must be at least 1")
    opening = start_time.hour * 60 + start_time.minute
    closing = end_time.hour * 60 + end_time.minute
    if closing < opening:
        raise ValueError("`end_time` must not be before `start_time`")
    starts = range(opening, closing - slot_minutes + 1, slot_minutes + (gap_minutes or 0))
    return {
        "slot_count": len(starts),
        "slots": [f"{start // 60:02}:{start % 60:02}" for start in starts],
    }
