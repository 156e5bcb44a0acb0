"""Calls as JSON has them: exact names and values, paired as well as can be.

Texts are equal to the letter, `true` is no number, `5` and `5.0` are the same number, lists are in
order, objects equal at every depth. Parallel calls may come in any order; they are paired so that
as many arguments as possible are right, and the first pair that is not is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verifiers.matching.assignment import best_pairs
from verifiers.matching.functions import Function
from verifiers.matching.verdict import Match, invalid

Call = tuple[str, dict[str, Any]]
Allowed = tuple[str, dict[str, list[Any]]]


@dataclass(frozen=True)
class Pairing:
    """How far one call is what was expected."""

    right: int
    """Arguments that are right, those rightly left out not counted."""
    of: int
    """Arguments that were given or had to be."""
    problem: Match | None
    """The first thing that is wrong."""

    @property
    def share(self) -> float:
        """The share of arguments that are right, 1 where there are none; 0 for another name."""
        if self.problem is not None and self.problem.error_type == "wrong_name":
            return 0.0
        return self.right / self.of if self.of else 1.0


def match(
    calls: Sequence[Call],
    allowed: Sequence[Allowed],
    functions: Mapping[str, Function],
    *,
    underscore_to_dot: bool,
) -> Match:
    """Match as many calls as are expected, in any order."""
    if len(calls) != len(allowed):
        return invalid("wrong_count", f"{len(allowed)} calls expected, {len(calls)} made")
    for _, _, pairing in pairings(calls, allowed, underscore_to_dot=underscore_to_dot):
        if pairing.problem is not None:
            return pairing.problem
    return Match(valid=True)


def pairings(
    calls: Sequence[Call], allowed: Sequence[Allowed], *, underscore_to_dot: bool = False
) -> list[tuple[int, int, Pairing]]:
    """The best pairs (expected, made) by place, with how far each is right."""
    table = [[_pair(call, entry, underscore_to_dot) for call in calls] for entry in allowed]
    # A call that is right as a whole counts more than any share of others.
    scores = [[pair.share + 2 * (pair.problem is None) for pair in row] for row in table]
    return [(row, column, table[row][column]) for row, column in best_pairs(scores)]


def _pair(call: Call, entry: Allowed, underscore_to_dot: bool) -> Pairing:
    (called, given), (name, allowed) = call, entry
    name = name.replace(".", "_") if underscore_to_dot else name
    needed = {key for key, values in allowed.items() if not _optional(values)}
    of = len(needed | given.keys())
    if called != name:
        return Pairing(0, of, invalid("wrong_name", f"`{name}` expected, `{called}` called"))
    problems = []
    for argument, value in given.items():
        if argument not in allowed:
            problems.append(invalid("unexpected_argument", f"`{argument}` is not expected"))
        elif not any(same(value, option) for option in allowed[argument]):
            kinds = {_kind(option) for option in allowed[argument]}
            reason = "wrong_value" if _kind(value) in kinds else "wrong_type"
            wanted = str(allowed[argument])[:200]
            problems.append(invalid(reason, f"`{argument}`: {value!r:.200} is none of {wanted}"))
    right = len(given) - len(problems)
    for argument in sorted(needed - given.keys()):
        problems.append(invalid("missing_argument", f"`{argument}` is expected, not given"))
    return Pairing(right, of, problems[0] if problems else None)


def _optional(values: Sequence[Any]) -> bool:
    return any(isinstance(value, str) and value == "" for value in values)


def same(value: Any, option: Any) -> bool:
    """Whether a value is one that is allowed; objects in `option` hold lists of allowed values."""
    if isinstance(option, Mapping):
        if not isinstance(value, Mapping):
            return False
        choices = {key: part if isinstance(part, list) else [part] for key, part in option.items()}
        return value.keys() <= choices.keys() and all(
            any(same(value[key], choice) for choice in choices[key])
            if key in value
            else _optional(choices[key])
            for key in choices
        )
    if isinstance(option, list | tuple):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(option)
            and all(same(part, wanted) for part, wanted in zip(value, option, strict=True))
        )
    return _kind(value) == _kind(option) and bool(value == option)


def _kind(value: Any) -> str:
    """JSON's name of the type."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "null" if value is None else "array"
