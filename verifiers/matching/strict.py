"""Calls as JSON has them: exact names and values, paired as well as can be.

Texts are equal to the letter, `true` is no number, `5` and `5.0` are the same number, lists are in
order, objects equal at every depth. Parallel calls may come in any order; they are paired so that
as many as possible are right, and the first thing that is not is named.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from verifiers.matching.functions import Function
from verifiers.matching.pairing import Allowed, Call, optional, pairings
from verifiers.matching.verdict import Match, invalid


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
    for _, _, pair in pairings(calls, allowed, problem, underscore_to_dot=underscore_to_dot):
        if pair.error is not None:
            return pair.error
    return Match(valid=True)


def problem(function: str, argument: str, value: Any, allowed: list[Any]) -> str | None:
    """What is wrong with one value, None if it is one of those allowed."""
    if any(same(value, option) for option in allowed):
        return None
    return "wrong_value" if _kind(value) in {_kind(option) for option in allowed} else "wrong_type"


def same(value: Any, option: Any) -> bool:
    """Whether a value is one that is allowed; objects in `option` hold lists of allowed values."""
    if isinstance(option, Mapping):
        if not isinstance(value, Mapping):
            return False
        choices = {key: part if isinstance(part, list) else [part] for key, part in option.items()}
        return value.keys() <= choices.keys() and all(
            any(same(value[key], choice) for choice in choices[key])
            if key in value
            else optional(choices[key])
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
