"""The verifiers as a reward: its parts, its bounds, and TRL's way of calling it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

import verifiers
from api_registry.types import Call, CallResult
from generators.types import Completion
from verifiers import Reward, reward, trl_reward

TOOL = {
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
RIGHT = {"name": "weather", "arguments": {"city": "Rome", "days": 3}}
ROW = {"tools": json.dumps([TOOL]), "answers": json.dumps([RIGHT])}
NONE = {"tools": [TOOL], "answers": []}


def said(**changes: Any) -> str:
    arguments = {**RIGHT["arguments"], **changes}  # type: ignore[dict-item]
    return json.dumps({"name": "weather", "arguments": arguments})


@pytest.mark.parametrize(
    ("completion", "row", "expected"),
    [
        (said(), ROW, Reward(1, 1, 1)),
        (f"<think>hm</think><tool_call>{said()}</tool_call>", ROW, Reward(1, 1, 1)),
        (said().replace("weather", "functions.weather"), ROW, Reward(1, 1, 1)),
        ("[weather(city='Rome', days=3)]", ROW, Reward(1, 1, 1)),
        (said(days=4), ROW, Reward(1, 0, 0.5)),
        (said(days="3"), ROW, Reward(0.5, 0, 0.5)),
        (said().replace("weather", "storm"), ROW, Reward(0.5, 0, 0)),
        ("I cannot.", ROW, Reward(1, 0, 0)),
        (said()[:-2], ROW, Reward(0, 0, 0)),
        ("", ROW, Reward(1, 0, 0)),
        ("I cannot.", NONE, Reward(1, 1, 1)),
        (said(), NONE, Reward(1, 0, 0)),
        (said()[:-2], NONE, Reward(0, 0, 0)),
    ],
)
def test_the_parts_of_a_reward_stand_apart(
    completion: str, row: dict[str, Any], expected: Reward
) -> None:
    found = reward(completion, row)
    assert found == expected
    assert 0 <= found.total <= 1
    assert (found.total == pytest.approx(1.0)) is (expected.match == 1)


def test_completions_come_as_text_as_messages_or_with_native_calls() -> None:
    arguments = json.dumps(RIGHT["arguments"])
    call = {"type": "function", "function": {"name": "weather", "arguments": arguments}}
    for completion in (
        said(), Completion(text=said()), Completion(text="", tool_calls=(call,)),
        [{"role": "assistant", "content": said()}],
        [{"role": "assistant", "content": "Well."}, {"role": "assistant", "tool_calls": [call]}],
    ):  # fmt: skip
        assert reward(completion, ROW).match == 1
    with pytest.raises(ValueError, match="expected text, a Completion or messages"):
        reward(5, ROW)


def test_results_count_where_calls_are_run() -> None:
    row = {**ROW, "results": json.dumps([{"call": "call_0", "outcome": "ok", "value": "sunny"}])}
    ran: list[str] = []

    def execute(calls: Sequence[Call]) -> list[CallResult]:
        ran.extend(str(call.arguments["city"]) for call in calls)
        value = "sunny" if calls[0].arguments["city"] in ("Roma", "Rome") else "rain"
        return [CallResult(call=call.id, outcome="ok", value=value) for call in calls]

    other_name = reward(said(city="Roma"), row, execute=execute)
    assert (other_name.match, other_name.execution) == (0, 1)
    assert other_name.total == pytest.approx(0.9)
    assert reward(said(city="Oslo"), row, execute=execute).execution == 0
    assert reward(said(), row, execute=execute).execution == 1
    assert reward("No.", row, execute=execute).execution == 0
    assert reward("{", row, execute=execute).execution == 0
    assert ran == ["Roma", "Oslo"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tools": "[]"}, "the row has no `answers`"),
        ({"tools": "[", "answers": "[]"}, "`tools` is no JSON"),
        ({"tools": [5], "answers": []}, "`tools`: tool 0: expected an object"),
        ({"tools": [], "answers": {}}, "`answers`: expected a list of calls"),
        ({"tools": [], "answers": [5]}, "`answers`: call_0: expected an object"),
    ],
)
def test_a_row_without_an_answer_is_an_error_that_names_it(
    row: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        reward("", row)


def test_trl_calls_it_with_columns_and_logs_it_by_its_name() -> None:
    columns = {"tools": [ROW["tools"]] * 2, "answers": [ROW["answers"]] * 2, "prompts": ["", ""]}
    completions = [said(), said(days=4)]
    for part, expected in (("match", [1.0, 0.0]), ("format", [1.0, 1.0]), ("total", [1.0, 0.2])):
        function = trl_reward(part)
        assert function.__name__ == f"{part}_reward"
        assert function(completions=completions, **columns) == pytest.approx(expected)
    with pytest.raises(ValueError, match="no column `answers`"):
        trl_reward()(completions=[""], tools=["[]"])
    with pytest.raises(ValueError, match="part `luck`"):
        trl_reward("luck")


def test_the_package_offers_what_it_names_and_nothing_else() -> None:
    assert verifiers.reward is reward
    with pytest.raises(AttributeError, match="rewards_of_virtue"):
        verifiers.rewards_of_virtue  # type: ignore[attr-defined]  # noqa: B018
