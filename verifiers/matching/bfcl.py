"""BFCL's rules for calls, verdict for verdict: `ast_checker` of `bfcl-eval`, language Python.

Its order decides which error is named, and some of what it does follows from the order alone, so
the steps are kept as they are there. They are documented here as rules; `benchmarks/
matching_on_bfcl.py` compares them with `bfcl-eval` itself.

- One expected call: the first (of several tools: the named) function is looked for in the first
  predicted call. Several: each expected call takes the first predicted one that fits, in any order.
- Arguments in the order in which the model gives them: known to the function and to the answer,
  type, value; then those that the answer wants and the model left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from verifiers.matching import bfcl_values
from verifiers.matching.functions import Function
from verifiers.matching.pairing import Allowed, Call
from verifiers.matching.verdict import Match, invalid

_SIMPLE = "simple_function_checker"
_MULTIPLE = "multiple_function_checker"
_PARALLEL = "parallel_function_checker_no_order"


def match(
    calls: Sequence[Call],
    allowed: Sequence[Allowed],
    functions: Mapping[str, Function],
    *,
    underscore_to_dot: bool,
) -> Match:
    """Match as many calls as are expected; BFCL's categories follow from how many there are."""
    several = len(functions) > 1
    checker = _PARALLEL if len(allowed) > 1 else _MULTIPLE if several else _SIMPLE
    if len(calls) != len(allowed):
        return invalid(
            f"{checker}:wrong_count", f"{len(allowed)} calls expected, {len(calls)} made"
        )
    if len(allowed) > 1:
        return _match_several(calls, allowed, functions, underscore_to_dot)
    [(name, arguments)] = allowed
    function = functions[name] if several else next(iter(functions.values()))
    return match_one(calls[0], arguments, function, underscore_to_dot=underscore_to_dot)


def _match_several(
    calls: Sequence[Call],
    allowed: Sequence[Allowed],
    functions: Mapping[str, Function],
    underscore_to_dot: bool,
) -> Match:
    """Greedy, as theirs: a call once taken is not given back to a later expected one."""
    free = list(range(len(calls)))
    for index, (name, arguments) in enumerate(allowed):
        for place in free:
            fits = match_one(
                calls[place], arguments, functions[name], underscore_to_dot=underscore_to_dot
            )
            if fits.valid:
                free.remove(place)
                break
        else:
            return invalid(
                f"{_PARALLEL}:cannot_find_match",
                f"no call fits the expected call {index}, `{name}`",
            )
    return Match(valid=True)


def match_one(
    call: Call, allowed: Mapping[str, list[Any]], function: Function, *, underscore_to_dot: bool
) -> Match:
    """Match one call of one function."""
    called, given = call
    name = function.name.replace(".", "_") if underscore_to_dot else function.name
    if called != name:
        return invalid(f"{_SIMPLE}:wrong_func_name", f"`{name}` expected, `{called}` called")
    for required in function.required:
        if required not in given:
            return invalid(f"{_SIMPLE}:missing_required", f"`{required}` is required, not given")
    for argument, value in given.items():
        parameter = function.parameters.get(argument)
        if parameter is None or argument not in allowed:
            return invalid(f"{_SIMPLE}:unexpected_param", f"`{argument}` is not expected")
        problem = bfcl_values.problem(value, allowed[argument], parameter)
        if problem is not None:
            wanted = str(allowed[argument])[:200]
            return invalid(problem, f"`{argument}`: {str(value)[:200]!r} is none of {wanted}")
    for argument, values in allowed.items():
        if argument not in given and not bfcl_values.may_be_left_out(values):
            return invalid(f"{_SIMPLE}:missing_optional", f"`{argument}` is expected, not given")
    return Match(valid=True)
