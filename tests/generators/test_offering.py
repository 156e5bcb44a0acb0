"""The tools of a row are a random set in which nothing marks the one that is called."""

import random
from collections import Counter

import pytest

from api_registry.types import Api
from data.classifiers import Features, balanced_accuracy, choice_accuracy
from generators.offering import Offering
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.similarity import Similarity
from tests.conftest import make_api


def offering(apis: list[Api], size: int = 6) -> Offering:
    return Offering(apis, Similarity(apis), {"all": range(len(apis))}, size)


def test_a_target_is_offered_no_more_often_than_its_distractors_are(apis: list[Api]) -> None:
    draw, rng = offering(apis), random.Random(1)
    offered: Counter[int] = Counter()
    called: Counter[int] = Counter()
    for number in range(6000):
        target = number % len(apis)
        near = target if number % 2 else None
        shown = draw.draw(rng, "all", [target], [], 4, near)
        assert len(set(shown)) == 4
        assert target in shown
        offered.update(shown)
        called[target] += 1
    shares = [called[api] / offered[api] for api in range(len(apis))]
    assert max(shares) - min(shares) < 0.05


def test_easy_rows_show_tools_of_different_categories(apis: list[Api]) -> None:
    draw, rng = offering(apis), random.Random(2)
    for target in range(len(apis)):
        shown = draw.draw(rng, "all", [target], [], 5, None)
        assert len({apis[i].category for i in shown}) == 5


def test_hard_rows_come_from_one_cluster_and_what_is_barred_from_none(apis: list[Api]) -> None:
    draw, rng = offering(apis), random.Random(3)
    seen: dict[int, set[int]] = {}
    for _ in range(300):
        for target in range(len(apis)):
            barred = [(target + 1) % len(apis)]
            shown = draw.draw(rng, "all", [target], barred, 5, target)
            assert barred[0] not in shown
            seen.setdefault(target, set()).update(shown)
    assert all(6 <= len(members) <= 12 for members in seen.values())


def test_a_target_taken_away_is_replaced_in_kind(apis: list[Api]) -> None:
    draw, rng = offering(apis), random.Random(4)
    for target in range(len(apis)):
        for near in (True, False):
            shown = draw.draw(rng, "all", [target], [], 5, target if near else None)
            other = draw.replaced(rng, "all", shown, target, {target}, near=near)
            assert len(set(other)) == 5
            assert target not in other
            [new] = set(other) - set(shown)
            assert near or apis[new].category == apis[target].category


@pytest.mark.parametrize("count", [1, 2, 3, 300])
def test_few_apis_and_many_of_one_category_are_clustered_as_well(count: int) -> None:
    apis = [make_api(f"convert_{n}", "units") for n in range(count)]
    draw = offering(apis)
    shown = draw.draw(random.Random(5), "all", [0], [], 5, 0)
    assert len(shown) == min(count, 5)


def test_hard_rows_are_as_common_among_rows_with_calls_as_among_others() -> None:
    config = PlanConfig(shares={"simple": 0.3, "multiple": 0.1, "missing_argument": 0.6})
    assert config.hard_share() == pytest.approx(0.25)
    assert PlanConfig(shares={"parallel": 1.0}).hard_share() == 0.5
    assert PlanConfig(hard_distractors=0.9).hard_share() == 0.9


def test_all_distractors_may_be_hard(apis: list[Api]) -> None:
    config = PlanConfig(
        shares={"parallel": 1.0}, hard_distractors=1.0, unseen_api=0, unseen_category=0
    )
    plan = Plan(apis, config, seed=1, shard_size=100)
    categories = [{tool.api.split("_")[1] for tool in plan(i).tools} for i in range(200)]
    assert sum(map(len, categories)) / 200 < 3.5


def test_the_classifiers_learn_what_there_is_and_nothing_else() -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 1500)
    told = np.eye(3)[labels] + rng.normal(0, 0.3, (1500, 3))
    noise = rng.normal(0, 1, (1500, 3))
    half = np.arange(1500) < 750
    for features, low, high in ((told, 0.9, 1.0), (noise, 0.25, 0.42)):
        known = Features.of(features)
        accuracy = balanced_accuracy(
            known.where(half), labels[half], known.where(~half), labels[~half]
        )
        assert low <= accuracy <= high
    sizes = rng.integers(2, 6, 800)
    chosen = np.array([rng.integers(0, size) for size in sizes])
    options = rng.normal(0, 1, (int(sizes.sum()), 2))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    marked = options.copy()
    marked[starts + chosen, 0] += 3
    first = np.arange(len(options)) < sizes[:400].sum()
    for features, low, high in ((marked, 0.8, 1.0), (options, 0.2, 0.42)):
        known = Features.of(features)
        accuracy = choice_accuracy(
            known.where(first), sizes[:400], chosen[:400],
            known.where(~first), sizes[400:], chosen[400:],
        )  # fmt: skip
        assert low <= accuracy <= high


def test_marks_weigh_as_columns_of_ones_and_zeros_would() -> None:
    import numpy as np

    rng = np.random.default_rng(2)
    marks = [sorted(rng.choice(7, size, replace=False)) for size in rng.integers(1, 5, 400)]
    numbers = rng.normal(0, 1, (400, 2))
    columns = np.zeros((400, 7))
    for row, own in enumerate(marks):
        columns[row, own] = 1.0
    wide, marked = Features.of(np.hstack([columns, numbers])), Features.of(numbers, marks, 7)
    weights, values = rng.normal(0, 1, (3, 9)), rng.normal(0, 1, (3, 400))
    assert np.allclose(wide.times(weights), marked.times(weights))
    assert np.allclose(wide.totals(values), marked.totals(values))
    for one, other in zip(wide.scale(), marked.scale(), strict=True):
        assert np.allclose(one, other)
    half = np.arange(400) < 150
    assert np.allclose(wide.where(~half).times(weights), marked.where(~half).times(weights))
