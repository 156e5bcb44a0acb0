"""How a text comes out of the conversation: as words, a date, a time of day, a code."""

import re
from datetime import date

from verifiers.semantic.clock_times import read_times
from verifiers.semantic.conversation import Conversation, other_script, squeezed
from verifiers.semantic.dates import without_dates, written_dates
from verifiers.semantic.derived_numbers import derive_number
from verifiers.semantic.findings import Finding, Parameter
from verifiers.semantic.identifiers import has_foreign_identifier, number_is_known
from verifiers.semantic.moments import may_mean, names_date, relative_dates, undecidable
from verifiers.semantic.standing import stands_alone

_WORD = re.compile(r"\w+")
_LONGEST_DATE = 60
_LONG_FIGURES = re.compile(r"[-+]?\d{7,40}")
"""Of telephones and accounts, not of amounts."""
_ISO_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d)?(?:\.\d+)?\s*([ap]m)?", re.IGNORECASE)
_DATE_REST = re.compile(
    r"[\s\d/.,:;()+T-]*(?:(?:to|until|till|and|at|z|am|pm|through|from|utc|gmt|est|st|nd|rd|th|"
    r"of|the|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|"
    r"mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|(?:day))[\s\d/.,:;()+T-]*)*",
    re.IGNORECASE,
)


def derive_text(value: str, parameter: Parameter, told: Conversation) -> Finding:
    """Say how a text follows from what was told."""
    folded = " ".join(value.lower().split())
    if folded and folded in told.lower:
        return Finding("verbatim")
    if not folded:
        return Finding("inferred")
    kind = parameter.schema.get("format")
    if any(character.isdigit() for character in folded):
        dates = written_dates(folded) if len(folded) <= _LONGEST_DATE else []
        if dates and _DATE_REST.fullmatch(folded):
            return _dates(folded, dates, told)
        if kind == "time" or re.fullmatch(r"\d\d:\d\d(:\d\d)?", folded):
            return _time(folded, told)
        if _LONG_FIGURES.fullmatch(folded):
            known = folded.lstrip("+-") in told.squeezed or number_is_known(folded, told)
            return Finding(
                "formatted" if known else "inferred", None if known else "ungrounded_identifier"
            )
        if re.fullmatch(r"[-+]?\d+(\.\d+)?", folded) and len(folded) <= 15:
            return derive_number(float(folded), folded, parameter, told)
    mine = squeezed(value)
    if mine and mine in told.squeezed:
        return Finding("formatted")
    if stands_alone(folded, parameter.described.lower()):
        return Finding("inferred")
    if has_foreign_identifier(value, parameter, told):
        return Finding("inferred", "ungrounded_identifier")
    words = set(_WORD.findall(folded))
    if len(words) >= 4 and not words & told.words:
        foreign = told.is_foreign or other_script(value) or other_script(told.query)
        described = words & set(_WORD.findall(parameter.described.lower()))
        if not foreign and not described:
            # A sentence of which not one word was said; a translation or a summary shares names,
            # numbers or loan words. Other scripts are left to a judge.
            return Finding("inferred", "ungrounded_text")
    return Finding("inferred")


def _dates(folded: str, dates: list[frozenset[date]], told: Conversation) -> Finding:
    worst = "formatted"
    for readings in dates:
        if any(names_date(told.query, day) for day in readings):
            continue
        worst = "dated"
        if any(names_date(told.heard, day) for day in readings):
            continue
        if told.today and readings & relative_dates(told.heard, told.today):
            continue
        loose = any(may_mean(told.query, day) for day in readings)
        if loose or undecidable(told.query, told.today) or told.is_foreign:
            return Finding("inferred")
        return Finding("inferred", "ungrounded_date")
    for match in _ISO_TIME.finditer(folded):
        hour, minute = _clock(match)
        # Time zones shift hours, and the beginning and end of days are implied.
        if (hour, minute) not in ((0, 0), (23, 59)) and (hour, minute) not in read_times(
            told.heard
        ):
            return Finding("inferred")
    rest = _ISO_TIME.sub(" ", without_dates(folded))
    if any(not number_is_known(run, told) for run in re.findall(r"\d{3,}", rest)):
        return Finding("inferred", "ungrounded_identifier")
    return Finding(worst)


def _time(folded: str, told: Conversation) -> Finding:
    match = _ISO_TIME.match(folded)
    if match is None or _clock(match) in read_times(told.heard):
        return Finding("formatted")
    loose = re.search(
        r"\b(morning|evening|afternoon|night|lunch\w*|dinner|breakfast|noon|now|hours?|minutes?|"
        r"later|end|start|opening|closing)\b",
        told.lower,
    )
    vague = told.is_foreign or told.has_zone or (loose and not re.search(r"\d", told.text))
    return Finding("inferred", None if vague else "ungrounded_time")


def _clock(match: re.Match[str]) -> tuple[int, int]:
    hour, minute = int(match.group(1)), int(match.group(2))
    if match.group(3) and match.group(3).lower() == "pm":
        hour = hour % 12 + 12
    return hour, minute
