"""Budgets: what ends a run, in which words, and how far one may be overrun."""

from typing import Any

import pytest

from generators.endpoint.budget import Budget
from generators.endpoint.settings import BudgetConfig
from generators.types import BudgetSpent

USAGE = {"prompt_tokens": 600_000, "completion_tokens": 400_000, "total_tokens": 1_000_000}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def budget(clock: Clock | None = None, **settings: Any) -> Budget:
    return Budget(BudgetConfig.model_validate(settings), clock or Clock())


def answered(budget: Budget, times: int = 1) -> None:
    for _ in range(times):
        budget.begin_request()
        budget.end_request(USAGE)


def test_without_a_budget_nothing_ends() -> None:
    free = budget()
    answered(free, 1000)
    assert free.spent() is None and free.requests == 1000


@pytest.mark.parametrize(
    ("settings", "times", "says"),
    [
        ({"max_requests": 3}, 3, "3 requests (--max-requests)"),
        ({"max_tokens_total": 2_500_000}, 3, "2,500,000 tokens (--max-tokens-total)"),
        (
            {"max_cost": 2.0, "price_prompt": 0.5, "price_completion": 1.0},
            3,
            "a cost of 2 (--max-cost)",
        ),
    ],
)
def test_a_budget_ends_the_run_when_it_is_reached_and_not_before(
    settings: dict[str, Any], times: int, says: str
) -> None:
    spent = budget(**settings)
    answered(spent, times)
    with pytest.raises(BudgetSpent) as reached:
        spent.begin_request()
    assert str(reached.value) == says
    assert spent.requests == times


def test_minutes_count_from_the_start_of_the_command() -> None:
    clock = Clock()
    limited = budget(clock, max_minutes=1.5)
    clock.now = 89
    answered(limited)
    clock.now = 90
    with pytest.raises(BudgetSpent, match=r"^1.5 minutes \(--max-minutes\)$"):
        limited.begin_request()


def test_requests_under_way_count_with_the_mean_of_those_answered() -> None:
    limited = budget(max_tokens_total=10_000_000)
    answered(limited, 2)
    for _ in range(8):
        limited.begin_request()
    with pytest.raises(BudgetSpent):
        limited.begin_request()
    limited.end_request(None)
    limited.begin_request()


def test_the_cost_is_that_of_both_kinds_of_tokens() -> None:
    priced = budget(price_prompt=0.5, price_completion=2.0)
    answered(priced, 10)
    assert priced.cost == pytest.approx(10 * (0.6 * 0.5 + 0.4 * 2.0))
    assert dict(priced.tokens) == {"prompt_tokens": 6_000_000, "completion_tokens": 4_000_000}


def test_an_answer_that_counts_no_tokens_costs_none() -> None:
    limited = budget(max_tokens_total=10)
    limited.begin_request()
    limited.end_request({})
    assert limited.spent() is None
