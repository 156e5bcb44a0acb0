"""Refilling: what is kept comes to the shares asked for, whatever is rejected."""

import random

import pytest

from api_registry.types import Api
from data.types import Style
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.refill import Coverage, refill

AIM = Coverage(
    styles={"simple": 0.5, "parallel": 0.3, "irrelevant": 0.2},
    categories={"text": 0.6, "dates": 0.4},
)


def test_without_any_draft_the_shares_are_those_aimed_at() -> None:
    found = refill(AIM, {}, {}, 1000)
    assert found.styles == pytest.approx(AIM.styles)
    assert found.accepted == pytest.approx({"text": 1.0, "dates": 1.0})


def test_a_style_of_which_half_is_lost_gets_twice_the_drafts() -> None:
    styles = {
        "simple": (50_000, 50_000),
        "parallel": (60_000, 30_000),
        "irrelevant": (20_000, 20_000),
    }
    found = refill(AIM, styles, {}, 1000)
    assert found.styles["parallel"] / found.styles["simple"] == pytest.approx(1.2, rel=0.01)


def test_what_nothing_is_kept_of_grows_within_bounds() -> None:
    styles = {"simple": (500, 500), "parallel": (300, 0), "irrelevant": (200, 200)}
    found = refill(AIM, styles, {}, 4000)
    assert 0.5 < found.styles["parallel"] < 1
    assert sum(found.styles.values()) == pytest.approx(1)


def test_a_style_that_has_more_than_its_share_waits() -> None:
    styles = {"simple": (5000, 5000), "parallel": (10, 10), "irrelevant": (10, 10)}
    assert refill(AIM, styles, {}, 1000).styles["simple"] == 0


def test_the_kept_rows_of_a_long_run_come_to_the_shares(apis: list[Api]) -> None:
    size, lag = 200, 4
    shares: dict[Style, float] = {"simple": 0.4, "multiple": 0.3, "irrelevant": 0.3}
    config = PlanConfig(shares=shares, lag=lag)
    plan = Plan(apis, config, seed=3, shard_size=size)
    rates = {"simple": 0.9, "multiple": 0.3, "irrelevant": 0.7}
    poor = apis[0].category
    rng = random.Random(5)
    shards: list[list[tuple[str, str, bool]]] = []
    for shard in range(40):
        before = [draft for past in shards[: max(shard - lag + 1, 0)] for draft in past]
        line = plan
        if shard >= lag:
            line = plan.refilled(
                refill(plan.coverage(), counts(before, 0), counts(before, 1), 2 * lag * size)
            )
        planned = [line(index) for index in range(shard * size, (shard + 1) * size)]
        shards.append(
            [
                (
                    p.style,
                    p.category,
                    rng.random() < rates[p.style] * (1 - 0.5 * (p.category == poor)),
                )
                for p in planned
            ]
        )
    kept = [(style, category) for shard in shards for style, category, good in shard if good]
    for style, share in shares.items():
        assert sum(s == style for s, _ in kept) / len(kept) == pytest.approx(share, abs=0.02)
    talk = sum(category != "small_talk" for _, category in kept)
    assert sum(c == poor for _, c in kept) / talk == pytest.approx(1 / 6, abs=0.03)


def counts(drafts: list[tuple[str, str, bool]], field: int) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for draft in drafts:
        made, good = found.get(str(draft[field]), (0, 0))
        found[str(draft[field])] = made + 1, good + draft[2]
    return found


def test_a_refilled_plan_is_as_pure_as_any(apis: list[Api]) -> None:
    plan = Plan(apis, PlanConfig(), seed=3, shard_size=50)
    weights = refill(plan.coverage(), {"parallel": (900, 9)}, {apis[0].category: (900, 9)}, 100)
    one, other = plan.refilled(weights), plan.refilled(weights)
    assert [one(i) for i in range(60)] == [other(i) for i in reversed(range(60))][::-1]
    assert plan(7) == Plan(apis, PlanConfig(), seed=3, shard_size=50)(7)
