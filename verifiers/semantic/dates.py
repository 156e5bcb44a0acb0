"""Dates as texts name them: in figures, with months in several languages, without a year or day."""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from verifiers.semantic.spoken_numbers import with_dates_in_digits

_ENGLISH = (
    "january february march april may june july august september october november december"
).split()
_NAMES = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
_MONTHS = {name: number for names in _NAMES for number, name in enumerate(names.split(), 1)}
_MONTHS |= {
    short: number for number, name in enumerate(_ENGLISH, 1) for short in (name, name[:3], name[:4])
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_FIGURES = re.compile(r"(?<!\d)(\d{1,4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,4})(?!\d)")
_HAN = re.compile(r"(?:(\d{4}) ?[年년] ?)?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号일]?")
_COMPACT = re.compile(r"(?<!\d)([12]\d{3})(\d\d)(\d\d)(?!\d)")
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})[.,]?\s{{0,3}}(?:the\s{{1,3}})?(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
    rf"(?:,?\s{{0,3}}(?:of\s{{1,3}})?(\d{{4}})\b)?"
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s{{0,3}}[-/]?\s{{0,3}}"
    rf"(?:(?:day )?of\s(?:this )?|de\s)?({_MONTH})\b"
    rf"\.?(?:,?\s{{0,3}}[-/]?\s{{0,3}}(?:of\s{{1,3}}|de\s{{1,3}}|del\s{{1,3}})?(\d{{4}})\b)?"
)
_MONTH_FIGURES = re.compile(
    r"(?<![\d/.-])(?:(\d{1,2})\s?[-/]\s?(\d{4})|(\d{4})\s?[-/]\s?(\d{1,2}))(?![\d/.-])"
)
_DAY_MONTH = re.compile(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})(?![\d/.-])")
_MONTH_ALONE = re.compile(rf"\b({_MONTH})\b\.?,?\s{{0,3}}(?:of\s{{1,3}}|de\s{{1,3}})?(\d{{4}}\b)?")
_DAY_ALONE = re.compile(r"(?:\bthe\s{1,3}|\bof\s{1,3}|\bday\s{1,3})(\d{1,2})(?:st|nd|rd|th)\b")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|2[01])\d\d(?!\d)")
_PLAIN = re.compile(r"\d|\b(?:" + _MONTH + r")\b")
_OTHER_MONTH = re.compile(r"(?<![\w.])\d{1,2}\.?\s([^\W\d_]{3,12})\s(?:1[5-9]|2[01])\d\d(?!\d)")


@dataclass(frozen=True)
class Dates:
    """What a text says of dates."""

    days: frozenset[date] = frozenset()
    """Dates named in full; ambiguous ones in each reading."""
    yearless: frozenset[tuple[int, int]] = frozenset()
    """(month, day) of dates without a year."""
    months: frozenset[tuple[int | None, int]] = frozenset()
    """(year, month) of months named without a day."""
    years: frozenset[int] = frozenset()
    """Every year that stands there."""
    month_days: frozenset[int] = frozenset()
    """Days named by number alone, as in `until the 12th`."""

    def name(self, day: date) -> bool:
        """Whether the text names this day, or a month or year that begins or ends with it."""
        if day in self.days:
            return True
        if self._year_fits(day) and (day.month, day.day) in self.yearless:
            return True
        edge = day.day in (1, *monthrange(day.year, day.month)[1:])
        if edge and self._in_named_month(day):
            return True
        if day.day in self.month_days and self._has_month(day):
            return True
        return day.year in self.years and (day.month, day.day) in ((1, 1), (12, 31))

    def _has_month(self, day: date) -> bool:
        """Whether the day is in the month of another date, or in one that is named."""
        with_day = {(known.year, known.month) for known in self.days}
        yearless = {month for month, _ in self.yearless}
        return (
            (day.year, day.month) in with_day
            or (self._year_fits(day) and day.month in yearless)
            or self._in_named_month(day)
        )

    def _in_named_month(self, day: date) -> bool:
        if (day.year, day.month) in self.months:
            return True
        return self._year_fits(day) and (None, day.month) in self.months

    def _year_fits(self, day: date) -> bool:
        return not self.years or day.year in self.years


@lru_cache(maxsize=1024)
def named_dates(text: str) -> Dates:
    """Read every date that a text names."""
    lower = with_dates_in_digits(text.lower())
    if not _PLAIN.search(lower):
        return Dates()
    days: set[date] = set()
    yearless: set[tuple[int, int]] = set()
    for readings in written_dates(lower):
        days |= readings
    for month, day, year in spelled_dates(lower):
        if year is None:
            yearless.add((month, day))
    for first, second in _DAY_MONTH.findall(lower):
        yearless |= {(int(first), int(second)), (int(second), int(first))}
    months: set[tuple[int | None, int]] = {
        (int(year) if year else None, _MONTHS[name]) for name, year in _MONTH_ALONE.findall(lower)
    }
    for month, year, year_first, month_last in _MONTH_FIGURES.findall(lower):
        months.add((int(year or year_first), int(month or month_last)))
    with_day = {day.month for day in days} | {month for month, _ in yearless}
    return Dates(
        frozenset(days),
        frozenset(yearless),
        frozenset((year, month) for year, month in months if year or month not in with_day),
        frozenset(int(year) for year in _YEAR.findall(lower)),
        frozenset(int(day) for day in _DAY_ALONE.findall(lower)),
    )


def written_dates(lower: str) -> list[frozenset[date]]:
    """The dates that are written in full, each in all its readings, in text of lower case."""
    found: list[frozenset[date]] = []
    for first, second, third in _FIGURES.findall(lower):
        found.append(_readings(int(first), int(second), int(third)))
    for year, month, day in _COMPACT.findall(lower):
        found.append(_valid((int(year), int(month), int(day))))
    for month, day, year in spelled_dates(lower):
        if year is not None:
            found.append(_valid((year, month, day)))
    return [readings for readings in found if readings]


def has_other_month(lower: str) -> bool:
    """Whether a date is spelled with a word that is no month of the languages read here."""
    return any(word not in _MONTHS for word in _OTHER_MONTH.findall(lower))


def without_dates(lower: str) -> str:
    """The rest of a text, in lower case, less the dates that are written in full."""
    for pattern in (_FIGURES, _COMPACT, _MONTH_FIRST, _DAY_FIRST):
        lower = pattern.sub(" ", lower)
    return lower


def spelled_dates(lower: str) -> Iterable[tuple[int, int, int | None]]:
    """(month, day, year) of dates whose month is a word or a Chinese or Korean sign."""
    for name, day, year in _MONTH_FIRST.findall(lower):
        yield _MONTHS[name], int(day), int(year) if year else None
    for day, name, year in _DAY_FIRST.findall(lower):
        yield _MONTHS[name], int(day), int(year) if year else None
    if not lower.isascii():
        for year, month, day in _HAN.findall(lower):
            yield int(month), int(day), int(year) if year else None


def _readings(first: int, second: int, third: int) -> frozenset[date]:
    return _valid((first, second, third), (third, first, second), (third, second, first))


def _valid(*readings: tuple[int, int, int]) -> frozenset[date]:
    found = set()
    for year, month, day in readings:
        try:
            found.add(date(year if year >= 100 else 2000 + year, month, day))
        except ValueError:
            continue
    return frozenset(found)
