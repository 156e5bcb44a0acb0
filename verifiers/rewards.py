"""The verifiers as a reward: how good one answer to one row is, its parts apart.

`reward(completion, row)` needs no model and no clock, so the same answer always has the same
reward. `trl_reward(part)` makes of it what TRL's `GRPOTrainer` takes in `reward_funcs`; the data
set then needs the columns `tools` and `answers` of a stored row beside its `prompt`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api_registry.names import resolve_name
from api_registry.schema_check import check_arguments
from api_registry.types import Call, CallResult, Tool
from data.formats.imported import BadRow
from data.formats.tools import read_tools
from data.identity import canonical_json
from generators.types import Completion
from verifiers.answers import NoAnswer
from verifiers.matching import argument_match, expected_of, match_calls
from verifiers.predictions import Prediction, read_completion
from verifiers.written_calls import read_call

Execute = Callable[[Sequence[Call]], Sequence[CallResult]]
"""Runs calls and gives their results back, in order."""
_WEIGHTS = {"format": 0.1, "arguments": 0.2, "match": 0.7}
"""Right calls count most; the others tell a model that makes none yet which way to go."""
PARTS = ("total", "format", "match", "arguments")
"""What `trl_reward` can give: all but `execution`, as TRL has nothing to run calls with."""


@dataclass(frozen=True)
class Reward:
    """The parts of a reward, each from 0 to 1."""

    format: float
    """1: the answer can be read, and its calls fit the tools that were offered; 0.5: it can be
    read; 0: it is broken."""
    match: float
    """1: the right calls and no others, or rightly none."""
    arguments: float
    """The share of arguments that are right; as `match` where nothing is to be called."""
    execution: float | None = None
    """1: the calls give back what the row's calls gave; None where nothing was run."""

    @property
    def total(self) -> float:
        """0.1 for the format, 0.2 for arguments, 0.7 for right calls or, where run, results."""
        right = self.match if self.execution is None else max(self.match, self.execution)
        return (
            _WEIGHTS["format"] * self.format
            + _WEIGHTS["arguments"] * self.arguments
            + _WEIGHTS["match"] * right
        )


def reward(completion: Any, row: Mapping[str, Any], *, execute: Execute | None = None) -> Reward:
    """Say how good an answer to a row is.

    Args:
        completion: Text, a `Completion`, or messages of which the last is the assistant's, as TRL
            gives them for conversations.
        row: A row with `tools` and `answers`, as stored (JSON text) or decoded.
        execute: Runs the calls, where results are to count as well; the row's `results` say what
            they should be. Calls that match are not run.

    Raises `ValueError` for a row that has not these fields.
    """
    tools, right = _tools(row), _right_calls(row)
    prediction = _own_names(read_completion(_completion(completion)), tools)
    expected = expected_of(right, tools)
    if prediction.kind == "broken":
        return Reward(0.0, 0.0, 0.0, None if execute is None else 0.0)
    match = match_calls(prediction.calls, expected, tools, mode="strict").valid
    part, of = argument_match(prediction.calls, expected, tools, mode="strict")
    return Reward(
        format=1.0 if fit(prediction, tools) else 0.5,
        match=float(match),
        arguments=part / of if of else float(match),
        execution=None if execute is None else float(match or _same(prediction, row, execute)),
    )


def trl_reward(part: str = "total") -> Callable[..., list[float]]:
    """A reward function for TRL's `GRPOTrainer`, of one part or of the total.

    TRL calls it with `completions` and each column of the data set, as lists of equal length.
    """
    if part not in PARTS:
        raise ValueError(f"part `{part}`: expected one of {', '.join(PARTS)}")

    def function(completions: Sequence[Any], **columns: Any) -> list[float]:
        missing = [name for name in ("tools", "answers") if name not in columns]
        if missing:
            raise ValueError(f"the data set has no column `{missing[0]}`, which the reward needs")
        rows = [
            {"tools": tools, "answers": answers}
            for tools, answers in zip(columns["tools"], columns["answers"], strict=True)
        ]
        return [
            float(getattr(reward(completion, row), part))
            for completion, row in zip(completions, rows, strict=True)
        ]

    function.__name__ = f"{part}_reward"  # TRL logs under this name
    return function


def _completion(given: Any) -> Completion:
    if isinstance(given, Completion):
        return given
    if isinstance(given, str):
        return Completion(text=given)
    if isinstance(given, Sequence) and given and isinstance(given[-1], Mapping):
        message = given[-1]
        calls = tuple(dict(call) for call in message.get("tool_calls") or ())
        return Completion(text=message.get("content") or "", tool_calls=calls)
    raise ValueError(f"completion: expected text, a Completion or messages, got {given!r:.100}")


def _tools(row: Mapping[str, Any]) -> tuple[Tool, ...]:
    try:
        return read_tools(_decoded(row, "tools"))
    except BadRow as error:
        raise ValueError(f"`tools`: {error.detail}") from None


def _right_calls(row: Mapping[str, Any]) -> list[Call]:
    """The calls of the row's first answer."""
    answers = _decoded(row, "answers")
    if not isinstance(answers, list):
        raise ValueError(f"`answers`: expected a list of calls, got {answers!r:.100}")
    if answers and isinstance(answers[0], list):
        answers = answers[0]
    try:
        return [read_call(f"call_{number}", call) for number, call in enumerate(answers)]
    except NoAnswer as problem:
        raise ValueError(f"`answers`: {problem.detail}") from None


def _decoded(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise ValueError(f"the row has no `{name}`: expected a stored row, got {sorted(row)}")
    value = row[name]
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"`{name}` is no JSON: {error}") from None


def _own_names(prediction: Prediction, tools: Sequence[Tool]) -> Prediction:
    """Calls under the tools' own names, where a model wrote `functions.` or the like before."""
    offered = [tool.name for tool in tools]
    calls = [
        {resolve_name(name, offered) or name: arguments for name, arguments in call.items()}
        for call in prediction.calls
    ]
    return Prediction(prediction.kind, calls, prediction.reason)


def fit(prediction: Prediction, tools: Sequence[Tool]) -> bool:
    """Whether all calls are to tools that are offered, with arguments that fit them."""
    offered = {tool.name: tool for tool in tools}
    return all(
        name in offered and check_arguments(offered[name], arguments) is None
        for call in prediction.calls
        for name, arguments in call.items()
    )


def calls_of(prediction: Prediction) -> list[Call]:
    """The calls of a prediction as they are run."""
    return [
        Call(id=f"call_{number}", name=name, arguments=arguments)
        for number, call in enumerate(prediction.calls)
        for name, arguments in call.items()
    ]


def same_results(made: Sequence[CallResult], wanted: Sequence[Any]) -> bool:
    """Whether all calls gave something back, and together what is wanted, in any order."""
    if any(result.outcome != "ok" for result in made):
        return False
    return sorted(canonical_json(r.value) for r in made) == sorted(map(canonical_json, wanted))


def _same(prediction: Prediction, row: Mapping[str, Any], execute: Execute) -> bool:
    """Whether calls give back what the row's own calls gave, in any order."""
    wanted = [result.get("value") for result in _decoded(row, "results")]
    calls = calls_of(prediction)
    return bool(calls) and len(calls) == len(wanted) and same_results(execute(calls), wanted)
