"""Which predicted call stands for which expected one, and how many of its arguments are right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verifiers.matching.assignment import best_pairs
from verifiers.matching.verdict import Match, invalid

Call = tuple[str, dict[str, Any]]
"""Name and arguments."""
Allowed = tuple[str, dict[str, list[Any]]]
"""Name and, for each argument, its allowed values."""
Problem = Callable[[str, str, Any, list[Any]], str | None]
"""(function, argument, value, allowed values) → what is wrong with the value, None if nothing."""


@dataclass(frozen=True)
class Pairing:
    """How far one call is what was expected."""

    right: int
    """Arguments that are right, those rightly left out not counted."""
    of: int
    """Arguments that were given or had to be."""
    error: Match | None
    """The first thing that is wrong."""

    @property
    def weight(self) -> float:
        """Greater the better a pair fits; one that is right as a whole above all that are not."""
        if self.error is None:
            return 3.0
        if self.error.error_type == "wrong_name":
            return 0.0
        return 0.5 + (self.right / self.of if self.of else 0.0)


def pairings(
    calls: Sequence[Call],
    allowed: Sequence[Allowed],
    problem: Problem,
    *,
    underscore_to_dot: bool = False,
) -> list[tuple[int, int, Pairing]]:
    """The best pairs (expected, made) by place, as many as the shorter side has."""
    table = [
        [_pair(call, entry, problem, underscore_to_dot) for call in calls] for entry in allowed
    ]
    pairs = best_pairs([[pair.weight for pair in row] for row in table])
    return [(row, column, table[row][column]) for row, column in pairs]


def right_arguments(
    calls: Sequence[Call],
    allowed: Sequence[Allowed],
    problem: Problem,
    *,
    underscore_to_dot: bool = False,
) -> tuple[int, int]:
    """How many arguments are right, of all that were given or had to be."""
    pairs = pairings(calls, allowed, problem, underscore_to_dot=underscore_to_dot)
    right = sum(pair.right for _, _, pair in pairs)
    of = sum(pair.of for _, _, pair in pairs)
    expected, made = {row for row, _, _ in pairs}, {column for _, column, _ in pairs}
    of += sum(len(_needed(a)) for row, (_, a) in enumerate(allowed) if row not in expected)
    of += sum(len(given) for column, (_, given) in enumerate(calls) if column not in made)
    return right, of


def _pair(call: Call, entry: Allowed, problem: Problem, underscore_to_dot: bool) -> Pairing:
    (called, given), (name, allowed) = call, entry
    offered = name.replace(".", "_") if underscore_to_dot else name
    needed = _needed(allowed)
    of = len(needed | given.keys())
    if called != offered:
        return Pairing(0, of, invalid("wrong_name", f"`{offered}` expected, `{called}` called"))
    errors = []
    for argument, value in given.items():
        if argument not in allowed:
            errors.append(invalid("unexpected_argument", f"`{argument}` is not expected"))
        elif reason := problem(name, argument, value, allowed[argument]):
            wanted = str(allowed[argument])[:200]
            errors.append(invalid(reason, f"`{argument}`: {value!r:.200} is none of {wanted}"))
    right = len(given) - len(errors)
    for argument in sorted(needed - given.keys()):
        errors.append(invalid("missing_argument", f"`{argument}` is expected, not given"))
    return Pairing(right, of, errors[0] if errors else None)


def _needed(allowed: Mapping[str, Sequence[Any]]) -> set[str]:
    return {key for key, values in allowed.items() if not optional(values)}


def optional(values: Sequence[Any]) -> bool:
    """Whether an empty text among the allowed values says that the argument may be left out."""
    return any(isinstance(value, str) and value == "" for value in values)
