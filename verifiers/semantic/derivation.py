"""How an argument comes out of the conversation, or that it contradicts it.

Classes: `verbatim` (stands there as it is), `formatted` (the same value written another way),
`converted` (another unit or scale), `dated` (by the system turn's date), `enum_mapped` (one of the
schema's values, paraphrased), `inferred` (not decidable by rules), `default` (the schema's own).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from api_registry.types import JsonSchema
from verifiers.semantic.moments import read_dates, read_times, system_date, undecidable
from verifiers.semantic.numbers import Numbers, read_numbers

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Finding:
    """What was found about one argument."""

    kind: str
    """A derivation class."""
    reason: str | None = None
    """Reason code when the value is contradicted: it would have to stand there and does not."""


class Conversation:
    """What a call may draw on: the query, the system turn, earlier results."""

    def __init__(self, query: str, system: str) -> None:
        self.query = query
        self.text = f"{system}\n{query}" if system else query
        self.today = system_date(system)

    @cached_property
    def lower(self) -> str:
        """All of it in lower case, white space folded."""
        return " ".join(self.text.lower().split())

    @cached_property
    def numbers(self) -> Numbers:
        """Its numbers."""
        return read_numbers(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, in lower case."""
        return frozenset(_WORD.findall(self.lower))


def derive(value: Any, schema: JsonSchema, told: Conversation) -> Finding:
    """Say how a value follows from what was told."""
    if "const" in schema or ("default" in schema and schema["default"] == value):
        return Finding("verbatim" if _stands(value, told) else "default")
    if "enum" in schema:
        return Finding("verbatim" if _stands(value, told) else "enum_mapped")
    if isinstance(value, bool) or value is None:
        return Finding("inferred")
    if isinstance(value, int | float):
        return _number(value, told)
    if isinstance(value, str):
        return _text(value, str(schema.get("format", "")), told)
    if isinstance(value, list):
        items = schema.get("items") if isinstance(schema.get("items"), dict) else {}
        return _worst([derive(item, items or {}, told) for item in value])
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return _worst([derive(item, properties.get(key, {}), told) for key, item in value.items()])
    return Finding("inferred")


_ORDER = ("verbatim", "formatted", "default", "enum_mapped", "converted", "dated", "inferred")


def _worst(findings: list[Finding]) -> Finding:
    """One finding for a list or object: a contradiction, else the class furthest from verbatim."""
    for finding in findings:
        if finding.reason:
            return finding
    return max(findings, key=lambda f: _ORDER.index(f.kind), default=Finding("inferred"))


def _stands(value: Any, told: Conversation) -> bool:
    text = str(value).lower()
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", told.lower) is not None


def _number(value: int | float, told: Conversation) -> Finding:
    numbers = told.numbers
    if re.search(rf"(?<![\w.,]){re.escape(str(value))}(?![\w]|[.,]\d)", told.text):
        return Finding("verbatim")
    if any(abs(value - known) <= 1e-9 * max(1.0, abs(value)) for known in numbers.written):
        return Finding("formatted")
    if numbers.holds(value):
        converted = any(abs(value - known) < 1e-9 for known in numbers.converted)
        return Finding("converted" if converted else "formatted")
    return Finding("inferred", "ungrounded_number")


def _text(value: str, kind: str, told: Conversation) -> Finding:
    folded = " ".join(value.lower().split())
    if folded and folded in told.lower:
        return Finding("verbatim")
    if kind == "date" or re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return _date(value, told)
    if kind == "date-time" or re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        return _moment(value, told)
    if kind == "time" or re.fullmatch(r"\d\d:\d\d(:\d\d)?", value):
        hour, minute = int(value[:2]), int(value[3:5])
        known = (hour, minute) in read_times(told.text)
        return Finding("formatted") if known else Finding("inferred", "ungrounded_time")
    if _squeezed(value) and _squeezed(value) in _squeezed(told.text):
        return Finding("formatted")
    if _is_identifier(value):
        return Finding("inferred", "ungrounded_identifier")
    words = set(_WORD.findall(folded))
    foreign = _other_script(value) or _other_script(told.query)
    if len(words) >= 4 and not words & told.words and not foreign:
        # A sentence of which not one word was said; a translation or a summary shares names,
        # numbers or loan words. Other scripts are left to a judge.
        return Finding("inferred", "ungrounded_text")
    return Finding("inferred")


def _date(value: str, told: Conversation) -> Finding:
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return Finding("inferred")
    if day in read_dates(told.query, None):
        return Finding("formatted")
    if day in read_dates(told.text, told.today):
        return Finding("dated")
    return Finding("inferred", None if undecidable(told.query, told.today) else "ungrounded_date")


def _moment(value: str, told: Conversation) -> Finding:
    finding = _date(value, told)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return Finding("inferred")
    time = moment.hour, moment.minute
    if finding.reason is None and time != (0, 0) and time not in read_times(told.text):
        return Finding("inferred")  # time zones shift hours: not decidable
    return finding


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _other_script(text: str) -> bool:
    """Whether text holds letters beyond the Latin ones."""
    return any(character.isalpha() and ord(character) > 0x24F for character in text)


def _is_identifier(value: str) -> bool:
    """Whether text is of the kind that nobody can infer: codes, addresses, e-mails, numbers."""
    if "@" in value or "://" in value:
        return True
    tokens = value.split()
    if len(tokens) <= 3 and any(
        len(re.findall(r"\d", token)) >= 3 and len(token) >= 4 for token in tokens
    ):
        return True
    # Account and card numbers, written in groups.
    return len(re.findall(r"\d", value)) >= 6 and not re.search(r"[a-z]{3}", value.lower())
