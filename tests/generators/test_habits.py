"""Mistakes that the embedded generator makes again and again, where it is asked to."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from api_registry.registry import load_apis
from api_registry.types import Api
from generators.build import GeneratorConfig, build_embedded
from generators.embedded.faults import FaultyGenerator
from generators.embedded.generator import EmbeddedGenerator, phrasing_of, split_phrasings
from generators.embedded.habits import (
    MISTAKES,
    Habit,
    HabitualGenerator,
    habits_of,
    possible_mistakes,
)
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import DraftPlan, Request

ROOT = Path(__file__).parents[2]
WORKSHOP = load_apis([str(ROOT / "examples" / "closed_loop" / "workshop.py")]).apis
CATALOG = load_apis(["api_registry.catalog"]).apis
CONFIG = PlanConfig(shares={"simple": 0.5, "multiple": 0.5}, unseen_phrasing=0.0, variants={})
PLANS = [Plan(WORKSHOP, CONFIG, seed=3, shard_size=1000)(index) for index in range(600)]


def written(generator: Any, plan: DraftPlan, attempt: int = 0) -> dict[str, Any]:
    request = Request(index=plan.index, plans=(plan,), attempt=attempt)
    text = asyncio.run(generator.draft(request)).text
    pair: dict[str, Any] = json.loads(text)["pairs"][0]
    return pair


def places(api: Api) -> list[str | None]:
    return [*api.parameters.get("properties", {}), None]


def test_habits_show_in_about_their_share_of_the_drafts_and_of_theirs_in_most() -> None:
    for share in (0.09, 0.18, 0.36):
        for seed in range(8):
            generator = HabitualGenerator(EmbeddedGenerator(), habits_of(WORKSHOP, share, seed))
            shown = sum(generator.shown(plan) is not None for plan in PLANS) / len(PLANS)
            assert abs(shown - share) < 0.06, (share, seed, shown)
    assert all(0.5 <= habit.rate <= 1 for habit in habits_of(WORKSHOP, 1.0, 0))


def test_a_seed_decides_once_which_mistake_is_made_with_a_parameter() -> None:
    for seed in range(5):
        all_of_them = habits_of(CATALOG, 0.9, seed)
        assert len(all_of_them) > 100
        made: dict[tuple[str, str | None], set[str]] = {}
        for habit in all_of_them:
            made.setdefault((habit.api, habit.parameter), set()).add(habit.mistake)
        assert all(len(mistakes) == 1 for mistakes in made.values())
        # With fewer faults the same seed has the first of the same habits.
        fewer = habits_of(CATALOG, 0.3, seed)
        assert fewer == all_of_them[: len(fewer)]
    assert {habit.mistake for seed in range(5) for habit in habits_of(CATALOG, 0.9, seed)} == set(
        MISTAKES
    )
    assert habits_of(CATALOG, 0.3, 0) != habits_of(CATALOG, 0.3, 1)


def test_a_habit_shows_in_its_wording_always_alike_and_nowhere_else() -> None:
    [api] = [api for api in WORKSHOP if api.name == "order_parts"]
    wording = split_phrasings(api)[0][0]
    habit = Habit(api=api.name, wording=wording, parameter="quantity", mistake="unconverted_unit")
    generator = HabitualGenerator(EmbeddedGenerator(), [habit], seed=5)
    factors = Counter[float]()
    for plan in PLANS:
        right, found = written(EmbeddedGenerator(), plan), written(generator, plan)
        is_its_own = plan.targets[0].name == api.name and phrasing_of(plan).text == wording
        assert (found != right) is is_its_own
        if is_its_own:
            values = (pair["answers"][0]["arguments"]["quantity"] for pair in (found, right))
            factors[next(values) / next(values)] += 1
            right["answers"][0]["arguments"]["quantity"] *= max(factors)
            assert found == right
    assert len(factors) == 1
    assert factors.total() > 10


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_made_where_it_can_be(mistake: str) -> None:
    habits = [
        Habit(api=api.name, wording=text, parameter=place, mistake=mistake)
        for api in CATALOG
        for place in places(api)
        if mistake in possible_mistakes(api, place)
        for text in split_phrasings(api)[0]
    ]
    plan = Plan(CATALOG, PlanConfig(shares={"multiple": 1.0}), seed=1, shard_size=1000)
    generator = HabitualGenerator(EmbeddedGenerator(), habits, seed=1)
    changed = 0
    for index in range(100):
        draft = plan(index)
        right, found = written(EmbeddedGenerator(), draft), written(generator, draft)
        assert found["query"] == right["query"]
        assert found == right or generator.shown(draft)
        changed += found != right
    assert changed


def test_a_neighbour_is_called_with_those_of_the_arguments_that_it_takes() -> None:
    [api] = [api for api in WORKSHOP if api.name == "order_parts"]
    habits = [
        Habit(api=api.name, wording=text, mistake="neighbour_tool")
        for text in split_phrasings(api)[0]
    ]
    generator = HabitualGenerator(EmbeddedGenerator(), habits)
    called = Counter[str]()
    for plan in PLANS:
        if plan.targets[0].name == api.name:
            [call] = written(generator, plan)["answers"]
            offered = {tool.api for tool in plan.tools} - {api.name}
            called[call["name"]] += 1
            if "take_parts" in offered:
                assert call["name"] == "take_parts" and set(call["arguments"]) == {
                    "box",
                    "quantity",
                }
            else:
                assert call["name"] in ("reserve_machine", api.name)
    assert called["take_parts"] > 50


def test_other_faults_are_planted_only_where_no_habit_shows() -> None:
    habits = habits_of(WORKSHOP, 0.4, 0)
    faulty = build_embedded(GeneratorConfig(faults=0.5, habits=habits), 0)
    assert isinstance(faulty, FaultyGenerator)
    habitual = build_embedded(GeneratorConfig(habits=habits), 0)
    assert isinstance(habitual, HabitualGenerator)
    planted = {plan.index for plan in PLANS if faulty.planted(plan)}
    shown = {plan.index for plan in PLANS if habitual.shown(plan)}
    assert planted and shown and not planted & shown
    for plan in PLANS[:100]:
        if plan.index in shown:
            assert written(faulty, plan) == written(habitual, plan)


def test_a_draft_that_is_made_again_is_asked_for_its_new_wording() -> None:
    habits = habits_of(WORKSHOP, 0.5, 0)
    generator = HabitualGenerator(EmbeddedGenerator(), habits)
    for plan in PLANS[:80]:
        right = written(EmbeddedGenerator(), plan, attempt=1)
        found = written(generator, plan, attempt=1)
        assert found == right or generator.shown(plan, 1)


def test_habits_are_part_of_a_run_only_where_there_are_any() -> None:
    assert "habits" not in GeneratorConfig(faults=0.5).facts()
    [habit] = habits_of(WORKSHOP, 0.04, 0)
    assert GeneratorConfig(habits=(habit,)).facts()["habits"] == [habit.model_dump(mode="json")]
    with pytest.raises(ValueError, match="unknown mistake `typo`; known: day_off, filled_default"):
        Habit(api="x", wording="y", parameter="z", mistake="typo")
    with pytest.raises(ValueError, match="unknown mistake `neighbour_tool`; known: day_off"):
        Habit(api="x", wording="y", parameter="z", mistake="neighbour_tool")
    with pytest.raises(ValueError, match="unknown mistake `off_by_one`; known: neighbour_tool"):
        Habit(api="x", wording="y", mistake="off_by_one")
