"""How a number comes out of the conversation, or that it contradicts it."""

import re
from collections.abc import Collection

from verifiers.semantic.conventions import has_coordinates, is_conventional, is_place
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.findings import Finding, Parameter
from verifiers.semantic.moments import lengths
from verifiers.semantic.standing import number_stands

_CUES = re.compile(
    r"\b(older|younger|twice|double|triple|doubling|total|sum|altogether|combined|difference|"
    r"remaining|left|donat\w*|spent|another|additional|extra|efficiency|increased?|decreased?|"
    r"other (?:adult|person|people|guest)s?|myself|my (?:wife|husband|partner|friend)|me and|"
    r"and me|and i|family of|years? ago)\b"
)
_LONGEST_SUM = 12


def derive_number(
    value: int | float, shown: str, parameter: Parameter, told: Conversation
) -> Finding:
    """Say how a number follows from what was told; `shown` is how it is written."""
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
    if told.is_foreign and not told.unused_numbers:
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
