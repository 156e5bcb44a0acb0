"""Samples on a stateful environment: their calls share a state, and parallel ones have no order."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.steadiness import marked
from api_registry.types import Call, tool_of
from data.formats import openai_chat
from data.rows import sample_row
from data.types import Sample, Turn
from verifiers.execution_check import ExecutionVerifier
from verifiers.scenes import MAX_ORDERS, Scene, orders
from verifiers.semantic import SemanticVerifier

APIS = '''
from dataclasses import dataclass, field
from api_registry.decorator import environment


@environment
@dataclass
class Account:
    """A bank account."""

    balance: int = 100
    lines: list[str] = field(default_factory=list)

    def deposit(self, amount: int) -> bool:
        """Pay in."""
        self.balance += amount
        return True

    def withdraw(self, amount: int) -> int:
        """Take out; gives the balance."""
        if amount > self.balance:
            raise ValueError("not enough")
        self.balance -= amount
        return self.balance

    def note(self, text: str) -> bool:
        """Write a line."""
        self.lines.append(text)
        return True


def double(number: int) -> int:
    """Double a number."""
    return 2 * number
'''


def check(tmp_path: Path, *turns: list[tuple[str, dict[str, Any]]], **fields: Any) -> Sample:
    path = tmp_path / "bank_apis.py"
    path.write_text(APIS)
    apis = load_apis([str(path)]).apis
    numbers = itertools.count()
    made = [
        Turn(
            role="assistant",
            calls=tuple(Call(id=f"call_{next(numbers)}", name=n, arguments=a) for n, a in calls),
        )
        for calls in turns
    ]
    sample = Sample.model_validate(
        {
            "id": "0", "group": "0", "style": "parallel", "category": "bank",
            "turns": (Turn(role="user", content="x"), *made),
            "tools": tuple(map(tool_of, apis)),
        }
        | fields
    )  # fmt: skip

    async def run() -> Sample:
        config = ExecutionConfig(workers=1, timeout_s=5)
        async with RunnerPool(apis, config) as pool:
            return await ExecutionVerifier(pool, {api.name: api for api in apis}).check(sample)

    return asyncio.run(run())


def values(sample: Sample) -> list[Any]:
    return [result.value if result.outcome == "ok" else result.outcome for result in sample.results]


def test_calls_of_one_turn_that_commute_are_parallel(tmp_path: Path) -> None:
    sample = check(
        tmp_path,
        [("deposit", {"amount": 1}), ("double", {"number": 4}), ("deposit", {"amount": 2})],
    )
    assert sample.rejected is None
    assert values(sample) == [True, 8, True]
    assert list(sample.annotations) == ["states"]
    assert len(sample.annotations["states"]["Account"]) == 64


@pytest.mark.parametrize(
    ("calls", "detail"),
    [
        (
            [("withdraw", {"amount": 10}), ("deposit", {"amount": 5})],
            "call_0 gives another result in the order call_1, call_0",
        ),
        (
            [("note", {"text": "a"}), ("note", {"text": "b"})],
            "the order call_1, call_0 leaves another state",
        ),
        (
            [("deposit", {"amount": 50}), ("withdraw", {"amount": 120})],
            "call_1 gives another result in the order call_1, call_0",
        ),
    ],
)
def test_calls_whose_order_matters_are_not_parallel(
    tmp_path: Path, calls: list[tuple[str, dict[str, Any]]], detail: str
) -> None:
    rejected = check(tmp_path, calls).rejected
    assert rejected is not None
    assert (rejected.reason, rejected.detail) == ("order_matters", detail)
    kept = check(tmp_path, calls, style="simple")
    assert kept.rejected is None
    assert kept.annotations["order_matters"] == detail


def test_turns_go_on_from_the_state_of_those_before_and_have_an_order(tmp_path: Path) -> None:
    sample = check(
        tmp_path,
        [("deposit", {"amount": 50})],
        [("withdraw", {"amount": 120})],
        [("deposit", {"amount": 1}), ("deposit", {"amount": 2})],
        environment=Scene("Account", {"balance": 90, "lines": []}).written(),
    )
    assert sample.rejected is None
    assert values(sample) == [True, 20, True, True]


def test_a_call_that_fails_in_the_listed_order_is_told_by_its_own_reason(tmp_path: Path) -> None:
    rejected = check(
        tmp_path, [("withdraw", {"amount": 120}), ("deposit", {"amount": 50})]
    ).rejected
    assert rejected is not None
    assert (rejected.reason, rejected.call) == ("raised", "call_0")


@pytest.mark.parametrize(
    ("environment", "detail"),
    [
        ("Account", "environment: expected JSON of the form"),
        ('{"name": "Account", "stat": 1}', "environment: unknown key `stat`; known: name, state"),
        ('{"name": "Account", "state": {"balance": "much"}}', "environment: "),
    ],
)
def test_an_environment_that_cannot_be_is_a_reject(
    tmp_path: Path, environment: str, detail: str
) -> None:
    rejected = check(tmp_path, [("deposit", {"amount": 1})], environment=environment).rejected
    assert rejected is not None
    assert rejected.reason == "bad_environment"
    assert (rejected.detail or "").startswith(detail)


@pytest.mark.parametrize(
    ("mark", "reason"), [(None, "duplicate_call"), ("stateful", None), ("random", None)]
)
def test_the_rule_about_repeated_calls_abstains_where_results_vary(
    tmp_path: Path, mark: Any, reason: str | None
) -> None:
    path = tmp_path / "bank_apis.py"
    path.write_text(APIS)
    [api] = load_apis([f"{path}:double"]).apis
    apis = {"double": api} if mark is None else {"double": marked([api], {"double": mark})[0]}
    calls = tuple(Call(id=f"call_{n}", name="double", arguments={"number": 4}) for n in range(2))
    sample = Sample.model_validate(
        {
            "id": "0", "group": "0", "tools": (tool_of(api),), "style": "parallel",
            "category": "bank",
            "turns": (
                Turn(role="user", content="Double 4, and double 4."),
                Turn(role="assistant", calls=calls),
            ),
        }
    )  # fmt: skip
    rejected = asyncio.run(SemanticVerifier(apis).check(sample)).rejected
    assert (rejected.reason if rejected else None) == reason


def test_a_row_of_a_stored_data_set_keeps_its_environment() -> None:
    scene = Scene("Account", {"balance": 90, "lines": []})
    sample = Sample.model_validate(
        {
            "id": "0", "group": "0", "tools": (), "style": "simple", "category": "bank",
            "turns": (Turn(role="user", content="x"), Turn(role="assistant", content="y")),
            "environment": scene.written(),
        }
    )  # fmt: skip
    assert Scene.read(openai_chat.read(sample_row(sample)).environment or "") == scene


def test_calls_without_state_need_no_session(tmp_path: Path) -> None:
    sample = check(
        tmp_path,
        [("double", {"number": 4}), ("double", {"number": 5})],
        environment="whatever that means in somebody else's data set",
    )
    assert (values(sample), sample.annotations) == ([8, 10], {})


@pytest.mark.parametrize(("count", "tried"), [(1, 0), (2, 1), (4, 23), (9, MAX_ORDERS - 1)])
def test_orders_are_all_of_small_sets_and_a_bounded_number_of_large_ones(
    count: int, tried: int
) -> None:
    found = list(orders(count))
    assert len(set(found)) == len(found) == tried
    assert all(sorted(order) == list(range(count)) != list(order) for order in found)
    assert not found or found[0] == tuple(range(count))[::-1]
    assert found == list(orders(count))
