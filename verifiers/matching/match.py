"""The entry of call matching: shapes checked, tools read, one of two modes applied."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from verifiers.matching import bfcl, bfcl_values, strict
from verifiers.matching.functions import Function, read_functions
from verifiers.matching.pairing import right_arguments
from verifiers.matching.verdict import Match, invalid

Mode = Literal["bfcl", "strict"]
MODES: tuple[Mode, ...] = get_args(Mode)

Predicted = Sequence[Mapping[str, Mapping[str, Any]]]
"""`[{name: {argument: value}}]`"""
Expected = Sequence[Mapping[str, Mapping[str, Sequence[Any]]]]
"""`[{name: {argument: [allowed values]}}]`; `""` among them: the argument may be left out."""


def match_calls(
    predicted: Any,
    expected: Expected,
    tools: Sequence[Any],
    mode: str = "bfcl",
    underscore_to_dot: bool = False,
) -> Match:
    """Compare a model's calls with those that are allowed.

    Args:
        predicted: What a model called, `[{name: {argument: value}}]`; anything else is a model's
            failure to answer in that form and comes back as such.
        expected: What is right; empty where nothing is to be called. Objects among the allowed
            values hold allowed values again, `{"size": ["L", ""]}`.
        tools: Function documents with JSON Schema or BFCL's dialect of it, bare, in OpenAI's
            `{"type": "function", "function": …}`, or as `Tool`.
        mode: `bfcl` gives the verdict and error type of `bfcl-eval`'s AST checker for Python;
            `strict` compares JSON values as they are and pairs calls as well as can be.
        underscore_to_dot: The model was offered names with `_` for each `.`, as APIs of OpenAI's
            kind need, and answers in them.

    Raises:
        ValueError: For `expected` or `tools` that have not their form, or an unknown mode.
    """
    if mode not in MODES:
        raise ValueError(f"mode `{mode}`: expected one of {', '.join(MODES)}")
    functions = read_functions(tools)
    allowed = [_expected(entry) for entry in expected]
    called = _calls(predicted)
    if not allowed:
        if called:
            return invalid("irrelevance_error:decoder_success", "calls where none was to be made")
        return Match(valid=True)
    if called is None:
        shown = repr(predicted)[:200]
        return invalid(
            "ast_decoder:decoder_wrong_output_format", f"no list of {{name: arguments}}: {shown}"
        )
    _check_offered(allowed, functions, mode)
    check = bfcl.match if mode == "bfcl" else strict.match
    return check(called, allowed, functions, underscore_to_dot=underscore_to_dot)


def argument_match(
    predicted: Any,
    expected: Expected,
    tools: Sequence[Any],
    mode: str = "bfcl",
    underscore_to_dot: bool = False,
) -> tuple[int, int]:
    """How many arguments are right, of all that were given or had to be.

    Calls are paired with the expected ones as well as can be, whatever the mode; the mode says when
    a value is right. Arguments of calls that are missing or too many are counted as wrong.
    """
    functions = read_functions(tools)

    def bfcl_problem(name: str, argument: str, value: Any, allowed: list[Any]) -> str | None:
        parameter = functions[name].parameters.get(argument) if name in functions else None
        if parameter is None:
            return "simple_function_checker:unexpected_param"
        return bfcl_values.problem(value, allowed, parameter)

    problem = bfcl_problem if mode == "bfcl" else strict.problem
    allowed = [_expected(entry) for entry in expected]
    return right_arguments(
        _calls(predicted) or [], allowed, problem, underscore_to_dot=underscore_to_dot
    )


def _calls(predicted: Any) -> list[tuple[str, dict[str, Any]]] | None:
    """Name and arguments of each call, None for another form."""
    if not isinstance(predicted, Sequence) or isinstance(predicted, str | bytes):
        return None
    calls = []
    for entry in predicted:
        if not isinstance(entry, Mapping) or len(entry) != 1:
            return None
        [(name, arguments)] = entry.items()
        if not isinstance(name, str) or not isinstance(arguments, Mapping):
            return None
        calls.append((name, dict(arguments)))
    return calls


def _expected(entry: Any) -> tuple[str, dict[str, list[Any]]]:
    if not isinstance(entry, Mapping) or len(entry) != 1:
        raise ValueError(f"`expected`: {{name: {{argument: [values]}}}} per call, got {entry!r}")
    [(name, arguments)] = entry.items()
    if not isinstance(name, str) or not isinstance(arguments, Mapping):
        raise ValueError(f"`expected`: {{name: {{argument: [values]}}}} per call, got {entry!r}")
    for argument, values in arguments.items():
        if not isinstance(values, Sequence) or isinstance(values, str | bytes):
            raise ValueError(
                f"`expected`, `{name}.{argument}`: a list of allowed values, got {values!r}"
            )
    return name, {argument: list(values) for argument, values in arguments.items()}


def _check_offered(
    allowed: Sequence[tuple[str, Any]], functions: Mapping[str, Function], mode: str
) -> None:
    if not functions:
        raise ValueError("`tools` is empty, but calls are expected")
    for name, _ in allowed:
        if name not in functions and (mode == "strict" or len(functions) > 1 or len(allowed) > 1):
            raise ValueError(f"`expected` calls `{name}`, which is not among the tools")
