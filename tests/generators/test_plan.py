"""What the sampling plan promises for the whole data set."""

from collections import Counter

import pytest

from api_registry.types import Api
from generators.plan import Plan
from generators.plan_config import PlanConfig

CALLING = ("simple", "multiple", "parallel", "parallel_multiple", "missing_argument")


def make_plan(apis: list[Api], *, seed: int = 0, **settings: object) -> Plan:
    return Plan(apis, PlanConfig.model_validate(settings), seed=seed, shard_size=500)


def test_a_draft_depends_on_seed_and_index_alone(apis: list[Api]) -> None:
    forwards = make_plan(apis)
    backwards = make_plan(apis)
    expected = [forwards(index) for index in range(300)]
    assert [backwards(index) for index in reversed(range(300))] == expected[::-1]
    assert [make_plan(apis, seed=1)(index) for index in range(300)] != expected


def test_every_api_is_the_subject_once_per_round(apis: list[Api]) -> None:
    plan = make_plan(apis, shares={"simple": 1.0})
    for start in (0, 240):
        drafts = [plan(start + index) for index in range(len(apis))]
        assert sorted(draft.targets[0].name for draft in drafts) == sorted(a.name for a in apis)


def test_styles_come_in_their_shares(apis: list[Api]) -> None:
    plan = make_plan(apis, shares={"simple": 0.5, "parallel": 0.3, "irrelevant": 0.2})
    styles = Counter(plan(index).style for index in range(4000))
    assert set(styles) == {"simple", "parallel", "irrelevant"}
    for style, share in (("simple", 0.5), ("parallel", 0.3), ("irrelevant", 0.2)):
        assert abs(styles[style] / 4000 - share) < 0.03


def test_a_held_out_api_stands_in_no_training_row(apis: list[Api]) -> None:
    plan = make_plan(apis, unseen_api=0.1, unseen_category=0.17)
    sides = dict(zip((api.name for api in plan.apis), plan.sides, strict=True))
    assert set(sides.values()) == {"train", "unseen_api", "unseen_category"}
    for index in range(3000):
        draft = plan(index)
        if draft.split in ("train", "validation", "test", "unseen_phrasing"):
            names = {tool.api for tool in draft.tools} | {api.name for api in draft.targets}
            assert {sides[name] for name in names} == {"train"}, draft


def test_an_unseen_category_is_held_out_whole(apis: list[Api]) -> None:
    plan = make_plan(apis, unseen_category=0.17)
    held = {
        a.category for a, s in zip(plan.apis, plan.sides, strict=True) if s == "unseen_category"
    }
    kept = {
        a.category for a, s in zip(plan.apis, plan.sides, strict=True) if s != "unseen_category"
    }
    assert held
    assert not held & kept


def test_near_duplicates_share_a_side_and_never_a_row(apis: list[Api]) -> None:
    twins = [
        api.model_copy(update={"name": api.name.replace("convert", "convert_the")})
        for api in apis
        if api.name.startswith("convert")
    ]
    plan = make_plan([*apis, *twins], unseen_api=0.3)
    sides = dict(zip((api.name for api in plan.apis), plan.sides, strict=True))
    for twin in twins:
        assert sides[twin.name] == sides[twin.name.replace("convert_the", "convert")]
    for index in range(1000):
        draft = plan(index)
        names = {tool.api for tool in draft.tools} | {api.name for api in draft.targets[:1]}
        if draft.style in ("simple", "irrelevant"):
            for api in draft.targets:
                other = api.name.replace("convert_", "convert_the_")
                assert other == api.name or other not in names


@pytest.mark.parametrize("style", CALLING)
def test_the_tools_offered_hold_every_target_and_are_in_random_order(
    apis: list[Api], style: str
) -> None:
    plan = make_plan(apis, shares={style: 1.0}, unseen_api=0, unseen_category=0)
    positions: Counter[float] = Counter()
    for index in range(2000):
        draft = plan(index)
        offered = [tool.api for tool in draft.tools]
        assert {api.name for api in draft.targets} <= set(offered)
        assert len(set(offered)) == len(offered)
        first = offered.index(draft.targets[0].name)
        positions[first / (len(offered) - 1)] += 1
    assert 0.45 < sum(place * n for place, n in positions.items()) / 2000 < 0.55


def test_the_number_of_tools_does_not_depend_on_the_style(apis: list[Api]) -> None:
    plan = make_plan(apis, unseen_api=0, unseen_category=0)
    counts: dict[str, list[int]] = {}
    for index in range(6000):
        draft = plan(index)
        counts.setdefault(draft.style, []).append(len(draft.tools))
    means = [sum(values) / len(values) for values in counts.values()]
    assert max(means) - min(means) < 0.35
    assert {min(values) for values in counts.values()} == {3}
    assert {max(values) for values in counts.values()} == {8}


def test_tools_are_offered_in_the_numbers_that_are_asked_for(apis: list[Api]) -> None:
    shares = {1: 0.2, 4: 0.5, 8: 0.3}
    plan = make_plan(apis, tool_counts=shares, unseen_api=0, unseen_category=0)
    drafts = [plan(index) for index in range(4000)]
    # Two tools cannot be called where one is offered.
    drafts = [draft for draft in drafts if draft.style != "parallel_multiple"]
    counts = Counter(len(draft.tools) for draft in drafts)
    assert set(counts) == set(shares)
    for number, share in shares.items():
        assert abs(counts[number] / len(drafts) - share) < 0.03


@pytest.mark.parametrize("style", ["parallel", "parallel_multiple"])
@pytest.mark.parametrize("tools", [2, 6])
def test_calls_are_made_in_the_numbers_that_are_asked_for(
    apis: list[Api], style: str, tools: int
) -> None:
    shares = {2: 0.2, 3: 0.5, 4: 0.3}
    settings = {"tool_counts": {tools: 1}, "call_counts": shares}
    plan = make_plan(apis, shares={style: 1.0}, **settings)
    drafts = [plan(index) for index in range(2000)]
    counts = Counter(len(draft.targets) for draft in drafts)
    assert set(counts) == set(shares)
    for number, share in shares.items():
        assert abs(counts[number] / 2000 - share) < 0.04
    for draft in drafts:
        called = {api.name for api in draft.targets}
        assert called <= {tool.api for tool in draft.tools}
        assert (len(called) == 1) == (style == "parallel")


def test_apis_are_asked_for_as_often_as_each_other_at_any_time(apis: list[Api]) -> None:
    plan = make_plan(apis, shares={"simple": 0.4, "multiple": 0.3, "parallel": 0.3})
    asked = Counter({api.name: 0 for api in apis})
    for index in range(200):
        asked[plan(index).targets[0].name] += 1
        assert max(asked.values()) - min(asked.values()) <= 1


def test_counts_that_are_not_given_leave_a_run_as_it_was() -> None:
    assert not PlanConfig().facts().keys() & {"tool_counts", "call_counts"}
    facts = PlanConfig.model_validate({"call_counts": {"2": 1}}).facts()
    assert facts["call_counts"] == {"2": 1.0}


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"tool_counts": {3: 0.5}}, "tool_counts sum to 0.5, expected 1"),
        ({"call_counts": {2: 0.5, 3: 0.6}}, "call_counts sum to 1.1, expected 1"),
        ({"call_counts": {1: 1.0}}, "greater than or equal to 2"),
        ({"tool_counts": {0: 1.0}}, "greater than or equal to 1"),
    ],
)
def test_counts_that_cannot_be_are_refused(counts: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PlanConfig.model_validate(counts)


def test_at_least_half_of_the_irrelevant_rows_repeat_the_query_before_them(
    apis: list[Api],
) -> None:
    plan = make_plan(apis)
    drafts = [plan(index) for index in range(4000)]
    irrelevant = [draft for draft in drafts if draft.style == "irrelevant"]
    contrast = [draft for draft in irrelevant if draft.contrast_of is not None]
    assert len(contrast) >= len(irrelevant) / 2
    for draft in contrast:
        assert draft.contrast_of is not None
        base = drafts[draft.contrast_of]
        assert (draft.group, draft.split, draft.context) == (base.group, base.split, base.context)
        assert draft.index // 500 == base.index // 500
        target = base.targets[0].name
        assert target in {tool.api for tool in base.tools}
        assert target not in {tool.api for tool in draft.tools}


def test_parallel_drafts_repeat_one_api_and_mixed_ones_take_at_least_two(apis: list[Api]) -> None:
    plan = make_plan(apis)
    for index in range(2000):
        draft = plan(index)
        names = [api.name for api in draft.targets]
        if draft.style == "parallel":
            assert len(names) in (2, 3, 4)
            assert len(set(names)) == 1
        elif draft.style == "parallel_multiple":
            assert len(set(names)) >= 2
        else:
            assert len(names) <= 1


def test_only_a_required_argument_is_left_out(apis: list[Api]) -> None:
    plan = make_plan(apis, shares={"missing_argument": 1.0})
    assert {plan(index).missing for index in range(50)} == {"value"}


def test_one_api_alone_gives_the_styles_that_it_can(apis: list[Api]) -> None:
    plan = make_plan(apis[:1])
    styles = {plan(index).style for index in range(500)}
    assert styles == {"simple", "parallel", "irrelevant", "missing_argument"}
    assert all(plan(index).tools for index in range(500))


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shares sum to 0\.9, expected 1"):
        PlanConfig.model_validate({"shares": {"simple": 0.6, "parallel": 0.3}})
