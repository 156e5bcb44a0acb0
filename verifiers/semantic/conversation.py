"""What a call may draw on: everything said to the assistant before it, read once."""

import re
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any

from data.types import Sample
from verifiers.semantic.moments import system_date
from verifiers.semantic.number_words import in_words
from verifiers.semantic.numbers import Numbers, read_numbers
from verifiers.semantic.spoken_numbers import dictated
from verifiers.semantic.standing import stands_alone

_WORD = re.compile(r"\w+")
_FIGURES = re.compile(r"(?<![\d.])\d{1,15}(?:,\d{3})*(?:\.\d{1,15})?(?!\d)")
_ENGLISH = frozenset(
    "the of and is are what how you your please with for this that from would can could my".split()
)
"""Common words of English that no other large language has."""
_FOREIGN = frozenset(
    (
        "el la los las un una de del por para con que qué cuál mi le les des du dans pour est quel "
        "der die das und ist für mit ein eine von bitte wie il lo gli per che sono nel o os uma "
        "em não voor het een van saya yang untuk di dan bir ve için"
    ).split()
)
"""Common words of other languages in Latin letters: two, and more than of English, tell one."""
_ACCENTED = re.compile(r"[À-ÖØ-öø-ɏ]")
_ZONE = re.compile(
    r"\b(?:[Uu][Tt][Cc]|[Gg][Mm][Tt]|[ECMPecmp][SDsd]?[Tt]|CES?T|IST|JST|BST|AE[SD]T|Zulu)\b"
    r"|\btime ?zones?\b|\blocal time\b|\b(?!What|Which|This|Any|Some|Each|Every|At|The|One|First)"
    r"[A-Z][a-z]{2,20} time\b"
)
"""Time zones by abbreviation or name; `New York time` is one, `At time` none."""
_LONGEST = 20_000
"""Characters that patterns are tried on: a pasted book costs no more than this."""


class Conversation:
    """The words of user, system and tools; what is read out of them is read once."""

    def __init__(
        self, query: str, text: str, values: Iterable[Any] = (), language: str = "und"
    ) -> None:
        """Args are the query, all that was said (the query included), and all arguments.

        `language` is what the row says of itself, `und` where it says nothing.
        """
        self.query = query[:_LONGEST]
        self.text = text
        self.heard = text[:_LONGEST]
        """As much as is read for numbers and dates; values are looked up in all of the text."""
        self._values = values
        self._language = language.lower().partition("-")[0].partition("_")[0]

    @classmethod
    def of(cls, sample: Sample) -> "Conversation":
        """What was said in a sample, whoever said it besides the assistant."""
        said = [turn.content for turn in sample.turns if turn.role != "assistant"]
        values = [value for call in sample.calls for value in call.arguments.values()]
        return cls(sample.query, "\n".join(said), values, sample.language)

    @cached_property
    def today(self) -> date | None:
        """The date that it takes place on, where that is said."""
        return system_date(self.heard)

    @cached_property
    def lower(self) -> str:
        """All of it in lower case, white space folded."""
        return " ".join(self.text.lower().split())

    @cached_property
    def squeezed(self) -> str:
        """Its letters and digits alone, in lower case; dictated numbers in digits as well."""
        plain = squeezed(self.text)
        spoken = squeezed(dictated(self.lower[:_LONGEST]))
        return plain if spoken == plain else f"{plain}\n{spoken}"

    @cached_property
    def initials(self) -> str:
        """The first letters and digits of its words, as people abbreviate names."""
        return "".join(word[0] for word in _WORD.findall(self.lower[:_LONGEST]))

    @cached_property
    def has_zone(self) -> bool:
        """Whether the query speaks of a time zone: times may then be another zone's."""
        return _ZONE.search(self.query) is not None

    @cached_property
    def numbers(self) -> Numbers:
        """Its numbers."""
        return read_numbers(self.heard)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words, in lower case."""
        return frozenset(_WORD.findall(self.lower))

    @cached_property
    def is_foreign(self) -> bool:
        """Whether it is in a language whose words are not read: rules on words abstain."""
        if self._language not in ("en", "und", ""):
            return True
        if not self.text.isascii() and other_script(self.text):
            return True
        foreign, english = len(self.words & _FOREIGN), len(self.words & _ENGLISH)
        if self._language == "und" and not english and _ACCENTED.search(self.text):
            return True
        return foreign > max(1, english)

    @cached_property
    def used_numbers(self) -> frozenset[float]:
        """Numbers that arguments hold."""
        used: set[float] = set()
        for value in self._values:
            used |= _numbers_of(value)
        return frozenset(used)

    @cached_property
    def used_as_written(self) -> frozenset[float]:
        """Numbers above 1 that stand in digits alone, and that arguments hold as they are.

        In `at 13:15 … for fifteen hours` it is not the fifteen that went into the time.
        """
        used = [number for number in self.numbers.written & self.used_numbers if number > 1]
        if not used:
            return frozenset()
        spoken = {value for value, _, _ in in_words(self.heard.lower())}
        return frozenset(number for number in used if number not in spoken)

    @cached_property
    def unused_numbers(self) -> tuple[float, ...]:
        """Numbers written in digits that no argument holds: a wrong value may stand for one."""
        used = self.used_numbers
        return tuple(value for value in self.numbers.written if value >= 0 and value not in used)

    def stands(self, value: Any) -> bool:
        """Whether a value stands there as a word or words of its own."""
        return stands_alone(str(value).lower(), self.lower)


def _numbers_of(value: Any) -> set[float]:
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, int | float):
        try:
            size = abs(float(value))
            return {size, round(size * 100, 9)}  # 3 % as 0.03
        except OverflowError:
            return set()
    if isinstance(value, str):
        return {float(number.replace(",", "")) for number in _FIGURES.findall(value)}
    items = value.values() if isinstance(value, dict) else value
    found: set[float] = set()
    for item in items:
        found |= _numbers_of(item)
    return found


def squeezed(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return re.sub(r"[\W_]+", "", text.lower())


def other_script(text: str) -> bool:
    """Whether text holds letters beyond the Latin and (as symbols go) Greek ones."""
    return not text.isascii() and any(
        ord(character) > 0x3FF and character.isalpha() for character in text
    )
