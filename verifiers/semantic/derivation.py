"""How an argument comes out of the conversation, or that it contradicts it.

Classes: `verbatim` (stands there as it is), `formatted` (the same value written another way),
`converted` (another unit or scale), `dated` (by the system turn's date), `enum_mapped` (one of the
schema's values, paraphrased), `inferred` (not decidable by rules), `default` (the schema's own).
"""

import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from api_registry.types import JsonSchema
from verifiers.semantic.conventions import has_coordinates, is_conventional, is_place
from verifiers.semantic.conversation import Conversation, other_script, squeezed
from verifiers.semantic.dates import without_dates, written_dates
from verifiers.semantic.moments import lengths, names_date, read_times, relative_dates, undecidable
from verifiers.semantic.standing import number_stands, stands_alone

_WORD = re.compile(r"\w+")
_CUES = re.compile(
    r"\b(older|younger|twice|double|triple|doubling|total|sum|altogether|combined|difference|"
    r"remaining|left|donat\w*|spent|another|additional|extra|efficiency|increased?|decreased?|"
    r"other (?:adult|person|people|guest)s?|myself|my (?:wife|husband|partner|friend)|me and|"
    r"and me|and i|family of|years? ago)\b"
)
_LONGEST_SUM = 12
_LONGEST_DATE = 60
_LARGEST = 10**15


@dataclass(frozen=True)
class Finding:
    """What was found about one argument."""

    kind: str
    """A derivation class."""
    reason: str | None = None
    """Reason code when the value is contradicted: it would have to stand there and does not."""


@dataclass(frozen=True)
class Parameter:
    """Where a value goes."""

    name: str
    schema: JsonSchema
    said: str
    """What is said about it."""
    about: str
    """What the tool says about itself."""

    @property
    def described(self) -> str:
        """All that the tool says where it concerns this parameter."""
        return f"{self.about}\n{self.said}"

    def inner(self, schema: Any, name: str = "") -> "Parameter":
        """The parameter of a part of the value."""
        part = schema if isinstance(schema, dict) else {}
        said = f"{self.said}\n{part.get('description', '')}"
        return Parameter(f"{self.name}_{name}" if name else self.name, part, said, self.about)


def derive(value: Any, parameter: Parameter, told: Conversation) -> Finding:
    """Say how a value follows from what was told."""
    schema = parameter.schema
    if "const" in schema or ("default" in schema and schema["default"] == value):
        return Finding("verbatim" if told.stands(value) else "default")
    if "enum" in schema:
        return Finding("verbatim" if told.stands(value) else "enum_mapped")
    if isinstance(value, bool) or value is None:
        return Finding("inferred")
    if isinstance(value, int | float):
        return _number(value, str(value), parameter, told)
    if isinstance(value, str):
        return _text(value, parameter, told)
    if isinstance(value, list):
        if len(value) > 3 and _is_progression(value):
            # `from 22 to 80 in steps of 2` gives the ends and leaves the rest to be counted out.
            value = [value[0], value[-1]]
        return _worst([derive(item, parameter.inner(schema.get("items")), told) for item in value])
    if isinstance(value, dict):
        properties = schema.get("properties") or {}
        return _worst(
            [
                derive(item, parameter.inner(properties.get(key), key), told)
                for key, item in value.items()
            ]
        )
    return Finding("inferred")


def _is_progression(values: list[Any]) -> bool:
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return False
    if max(map(abs, values)) > _LARGEST:
        return False
    step = values[1] - values[0]
    return all(
        abs(after - before - step) <= 1e-9 * max(1.0, abs(step))
        for before, after in itertools.pairwise(values)
    )


_ORDER = ("verbatim", "formatted", "default", "enum_mapped", "converted", "dated", "inferred")


def _worst(findings: list[Finding]) -> Finding:
    """One finding for a list or object: a contradiction, else the class furthest from verbatim."""
    for finding in findings:
        if finding.reason:
            return finding
    return max(findings, key=lambda f: _ORDER.index(f.kind), default=Finding("inferred"))


def _number(value: int | float, shown: str, parameter: Parameter, told: Conversation) -> Finding:
    if number_stands(shown, told.text):
        return Finding("verbatim")
    try:
        number = float(value)
    except OverflowError:
        return Finding("inferred", "ungrounded_number")
    numbers = told.numbers
    if numbers.gives(number):
        return Finding("formatted")
    # A number in digits that is used as it is was not meant to be converted as well.
    if numbers.comes_to(number, told.used_as_written - {abs(number)}):
        return Finding("converted")
    if told.is_foreign and abs(number) <= 20 and not told.unused_numbers:
        return Finding("inferred")  # number words of other languages are not read
    if is_place(parameter.name, number) and not has_coordinates(told.heard):
        return Finding("inferred")
    rival = _rival(number, told)
    if _is_sum(told) and _computed(number, told):
        return Finding("converted")
    if number in lengths(told.heard):
        return Finding("converted")
    if number_stands(shown, parameter.said):
        return Finding("default")
    if number in (0, 1) or (is_conventional(parameter.name, number) and not rival):
        return Finding("inferred")
    return Finding("inferred", "ungrounded_number")


def _rival(value: float, told: Conversation, made_from: Collection[float] = ()) -> bool:
    """Whether the query has an unused number of the same size: it was meant, not this one."""
    return any(
        (value and 0.05 <= other / abs(value) <= 20) or (not value and other < 40)
        for other in told.unused_numbers
        if other not in made_from
    )


def _is_sum(told: Conversation) -> bool:
    """Whether the words leave something to be worked out."""
    return told.is_foreign or _CUES.search(told.lower) is not None


def _computed(value: float, told: Conversation) -> bool:
    """Whether two numbers of the text make the value by one sum, difference, product or ratio."""
    written = sorted(told.numbers.written)[:_LONGEST_SUM]
    known = [*written, *sorted(told.numbers.read - {*written})[:_LONGEST_SUM]]
    unused = told.unused_numbers
    for first in known:
        for second in known:
            results = [first + second, first - second, first * second]
            if second:
                results.append(first / second)
            if any(abs(value - result) <= 1e-9 * max(1.0, abs(value)) for result in results):
                # Two numbers that nothing else uses were given to be worked out.
                both = first in unused and second in unused
                return not _rival(value, told, (first, second) if both else ())
    return False


_ISO_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d)?(?:\.\d+)?\s*([ap]m)?", re.IGNORECASE)
_DATE_REST = re.compile(
    r"[\s\d/.,:;()+T-]*(?:(?:to|until|till|and|at|z|am|pm|through|from|utc|gmt|est|st|nd|rd|th|"
    r"of|the|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|"
    r"mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun|(?:day))[\s\d/.,:;()+T-]*)*",
    re.IGNORECASE,
)


def _text(value: str, parameter: Parameter, told: Conversation) -> Finding:
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
        if re.fullmatch(r"[-+]?\d+(\.\d+)?", folded) and len(folded) <= 15:
            return _number(float(folded), folded, parameter, told)
    mine = squeezed(value)
    if mine and mine in told.squeezed:
        return Finding("formatted")
    if stands_alone(folded, parameter.described.lower()):
        return Finding("inferred")
    if _has_foreign_identifier(value, parameter, told):
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
        if undecidable(told.query, told.today) or told.is_foreign:
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
    if any(not _number_is_known(run, told) for run in re.findall(r"\d{3,}", rest)):
        return Finding("inferred", "ungrounded_identifier")
    return Finding(worst)


def _time(folded: str, told: Conversation) -> Finding:
    match = _ISO_TIME.match(folded)
    if match is None or _clock(match) in read_times(told.heard):
        return Finding("formatted")
    loose = re.search(
        r"\b(morning|evening|afternoon|night|lunch\w*|dinner|breakfast|noon|now|hours?|minutes?|"
        r"later|half|quarter|end|start|opening|closing)\b",
        told.lower,
    )
    vague = told.is_foreign or (loose and not re.search(r"\d", told.text))
    return Finding("inferred", None if vague else "ungrounded_time")


def _clock(match: re.Match[str]) -> tuple[int, int]:
    hour, minute = int(match.group(1)), int(match.group(2))
    if match.group(3) and match.group(3).lower() == "pm":
        hour = hour % 12 + 12
    return hour, minute


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+")
_HOST = re.compile(r"://(?:www\.)?([^/\s:?#]+)")
_TOKEN = re.compile(r"[^\s/:;,()\[\]{}\"'=<>?&|*]+")
_SPOKEN = {" at ": "@", " dot ": "."}


def _has_foreign_identifier(value: str, parameter: Parameter, told: Conversation) -> bool:
    """Whether text holds a code, address or number of the kind that nobody can infer."""
    sources = (told.squeezed, squeezed(parameter.described))
    if "@" in value:
        spoken = told.lower
        for words, sign in _SPOKEN.items():
            spoken = spoken.replace(words, sign)
        said = spoken + parameter.described.lower()
        addresses = _EMAIL.findall(value) or [token for token in value.split() if "@" in token]
        if any(address.lower().strip(".") not in said for address in addresses):
            return True
    for host in _HOST.findall(value):
        main = max(host.split("."), key=len).lower()
        if not any(squeezed(host) in source or squeezed(main) in source for source in sources):
            return True
    return any(
        not any(squeezed(token) in source for source in sources)
        and not _number_is_known(token, told)
        for token in _codes(value)
    )


def _codes(value: str) -> Iterator[str]:
    """Tokens with so many digits that they are codes; account numbers in groups as one."""
    tokens = value.split()
    if "://" in value:
        return
    if len(tokens) > 3 and not (
        sum(c.isdigit() for c in value) >= 6 and not re.search(r"[a-z]{3}", value.lower())
    ):
        return
    for token in _TOKEN.findall(value):
        if "@" not in token and sum(character.isdigit() for character in token) >= 3:
            yield token


def _number_is_known(token: str, told: Conversation) -> bool:
    digits = re.sub(r"\D", "", token)
    phone = len(digits) >= 7 and not any(character.isalpha() for character in token)
    if phone and digits[-7:] in re.sub(r"\D", "", told.text):
        return True  # a telephone number with or without its country
    plain = token.replace(",", "").strip("$€£%+")
    try:
        return told.numbers.gives(float(plain)) or told.numbers.comes_to(float(plain))
    except ValueError:
        letters = re.findall(r"[a-z]+", plain.lower())
        if len(letters) > 2 or any(run not in told.squeezed for run in letters if len(run) > 1):
            return False  # a code: its letters say as much as its digits
        runs = re.findall(r"\d+(?:\.\d+)?", plain)
        return bool(runs) and all(told.numbers.gives(float(run)) and len(run) <= 15 for run in runs)
