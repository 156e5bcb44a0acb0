"""Judges are measured on records of known truth, and the measurement gives their rates back."""

import asyncio
import json
import random
from pathlib import Path

import pytest

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from data.agreement import gwet_ac1, rate
from data.judging import Calibration, calibration_of
from flows.config import CATALOG
from generators.embedded.generator import EmbeddedGenerator
from generators.endpoint.journal import Journal
from generators.endpoint.settings import EndpointConfig
from generators.fake_server import FakeSettings, running
from generators.fake_server.judging import judged_record
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import Request
from verifiers.judge.calibration import calibrate
from verifiers.judge.families import families_of, related
from verifiers.judge.known_records import KINDS, KnownRecords, known_records
from verifiers.judge.mutants import REPLY_FAULTS
from verifiers.judge.opening import open_panel
from verifiers.judge.prompting import record_text
from verifiers.judge.settings import JudgeConfig


async def make_known(count: int, seed: int = 5) -> KnownRecords:
    apis = load_apis([CATALOG]).apis
    async with RunnerPool(apis, ExecutionConfig()) as pool:
        return await known_records(apis, pool, count=count, seed=seed)


@pytest.fixture(scope="module")
def known() -> KnownRecords:
    return asyncio.run(make_known(200))


def measured(
    known: KnownRecords, folder: Path, settings: FakeSettings, **judge: object
) -> list[Calibration]:
    """Calibrate against a fake endpoint that knows which records are faulty."""
    tags = {judged_record(record_text(case.sample)) or "" for case in known.records if case.fault}
    config = JudgeConfig.model_validate({"models": ["a"], **judge})
    models = ("a", "b", "c")

    async def run(url: str) -> list[Calibration]:
        endpoint = EndpointConfig(base_urls=(url,))
        with Journal(folder / "journal", 100) as journal:
            async with open_panel(config, endpoint, journal, None) as panel:
                assert panel is not None
                return [*await calibrate(panel.verifier, panel.auditor, known.records)]

    told = settings.model_copy(update={"known_faults": frozenset(tags), "models": models})
    with running(told) as server:
        return asyncio.run(run(server.url))


# -- the records -----------------------------------------------------------------------------------


def test_half_of_the_known_records_are_right_and_half_hold_faults_of_every_kind_that_can_be(
    known: KnownRecords,
) -> None:
    faults = [case.fault for case in known.records]
    assert (len(faults), faults.count(None)) == (200, 100)
    assert {*faults} - {None} | {*known.unseen} == {*KINDS}
    assert len({*faults} - {None}) >= 15


def test_kinds_that_the_checks_before_judges_reject_are_named(known: KnownRecords) -> None:
    assert {"unknown_tool", "missing_argument", "number_as_text"} <= {*known.unseen}
    assert not {"wrong_enum", "dropped_call", "false_refusal", "foreign_result"} & {*known.unseen}


def test_every_known_record_ran_and_no_two_are_the_same(known: KnownRecords) -> None:
    assert all(
        [result.outcome for result in case.sample.results] == ["ok"] * len(case.sample.calls)
        for case in known.records
    )
    assert len({record_text(case.sample) for case in known.records}) == 200
    assert len({case.sample.query for case in known.records}) > 180


def test_the_same_seed_gives_the_same_records(known: KnownRecords) -> None:
    assert asyncio.run(make_known(200)) == known


def test_every_fault_can_be_tried_on_a_draft_of_any_style() -> None:
    apis = {api.name: api for api in load_apis([CATALOG]).apis}
    for seed in range(3):
        plan = Plan([*apis.values()], PlanConfig(), seed=seed, shard_size=1)
        for index in range(200):
            draft = plan(index)
            completion = asyncio.run(
                EmbeddedGenerator().draft(Request(index=index, plans=(draft,)))
            )
            for kind, fault in REPLY_FAULTS.items():
                [pair] = json.loads(completion.text)["pairs"]
                changed = fault(pair, draft, apis, random.Random(index))
                calling = kind in ("false_refusal", "needless_question")
                assert changed is None or bool(draft.targets) or kind == "unasked_call"
                assert changed is None or bool(pair["answers"]) == calling


# -- the figures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("catch", "false_reject"), [(0.9, 0.05), (0.6, 0.3)])
def test_calibration_gives_the_judges_rates_back_within_its_intervals(
    known: KnownRecords, tmp_path: Path, catch: float, false_reject: float
) -> None:
    found = []
    for seed in range(4):
        settings = FakeSettings(seed=seed, judge_catch=catch, judge_false_reject=false_reject)
        found += measured(known, tmp_path / str(seed), settings)
    # One interval in twenty misses by chance: of eight, three or more do in 6 of 1,000 such tests.
    holding = [judge.catch.holds(catch) for judge in found]
    holding += [judge.false_reject.holds(false_reject) for judge in found]
    assert len(holding) == 8 and sum(holding) >= 6
    assert sum(judge.catch.share for judge in found) / 4 == pytest.approx(catch, abs=0.08)
    wrong = sum(judge.false_reject.share for judge in found) / 4
    assert wrong == pytest.approx(false_reject, abs=0.08)


def test_a_judge_that_makes_no_mistake_is_known_as_such(
    known: KnownRecords, tmp_path: Path
) -> None:
    [found] = measured(known, tmp_path, FakeSettings(judge_catch=1, judge_false_reject=0))
    assert (found.catch.hits, found.false_reject.hits, found.no_verdict) == (100, 0, 0)
    assert (found.catch.of, found.false_reject.of) == (100, 100)
    assert (found.agreement, found.ac1) == (1.0, 1.0)
    assert all(kind.hits == kind.of for kind in found.kinds.values())
    assert sum(kind.of for kind in found.kinds.values()) == 100


def test_judges_that_vote_unanimously_catch_more_and_reject_more(
    known: KnownRecords, tmp_path: Path
) -> None:
    settings = FakeSettings(seed=2, judge_catch=0.7, judge_false_reject=0.2)
    config = {"models": ["a", "b"], "samples": 2, "vote": "unanimous"}
    first, second, together = measured(known, tmp_path, settings, **config)
    assert [first.judge, second.judge, together.judge] == ["a", "b", ""]
    assert together.catch.hits > max(first.catch.hits, second.catch.hits)
    assert together.false_reject.hits > max(first.false_reject.hits, second.false_reject.hits)
    assert together.catch.share == pytest.approx(1 - 0.3**4, abs=0.05)
    assert together.false_reject.share == pytest.approx(1 - 0.8**4, abs=0.2)


def test_a_judge_that_talks_nonsense_neither_catches_nor_approves(
    known: KnownRecords, tmp_path: Path
) -> None:
    settings = FakeSettings(judge_nonsense=1)
    [found] = measured(known, tmp_path, settings, retries=0)
    assert (found.no_verdict, found.catch.share, found.false_reject.share) == (200, 0.0, 1.0)
    assert (found.agreement, found.ac1) == (0.0, -1.0)


def test_the_auditor_is_measured_as_well(known: KnownRecords, tmp_path: Path) -> None:
    config = {"audit": 0.1, "audit_model": "c"}
    found = measured(known, tmp_path, FakeSettings(), **config)
    assert [calibration.judge for calibration in found] == ["a", "c"]


def test_nothing_measured_is_no_calibration() -> None:
    assert calibration_of("a", []) is None


# -- the statistics, against published values ------------------------------------------------------


def test_wilsons_interval() -> None:
    # Newcombe 1998, table I, method 3.
    assert (rate(81, 263).low, rate(81, 263).high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert (rate(0, 20).low, rate(0, 20).high) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert (rate(1, 29).low, rate(1, 29).high) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    assert (rate(0, 0).low, rate(0, 0).high) == (0, 1)


def test_gwets_ac1() -> None:
    # Gwet 2002, the table on which kappa is near 0 though the raters agree on 94 %.
    table = [(True, True)] * 118 + [(True, False)] * 5 + [(False, True)] * 2
    assert gwet_ac1(table) == pytest.approx(0.9408, abs=5e-5)
    assert gwet_ac1([(True, True), (False, False)]) == 1
    assert gwet_ac1([]) is None


# -- families --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Qwen/Qwen3-32B-AWQ", "qwen2.5-coder-7b-instruct"),
        ("mistralai/Mixtral-8x22B-Instruct-v0.1", "mistral-large-2411"),
        ("meta-llama/Llama-3.3-70B-Instruct", "CodeLlama-7b"),
        ("gpt-4.1-mini", "openai/gpt-oss-120b"),
        ("o3-mini", "gpt-5"),
        ("deepseek-chat", "DeepSeek-R1-Distill-Qwen-7B"),
        ("Qwen3-8B", "DeepSeek-R1-Distill-Qwen-7B"),
        ("google/gemma-3-27b-it", "gemma2:9b"),
        ("claude-sonnet-4-5", "anthropic/claude-opus-4"),
        ("microsoft/phi-4", "Phi-3.5-mini-instruct"),
        ("my-own-model-7b", "my-own-model-7b"),
    ],
)
def test_models_of_one_family_are_known_by_their_names(one: str, other: str) -> None:
    assert related(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Qwen/Qwen3-32B", "meta-llama/Llama-3.3-70B-Instruct"),
        ("mistral-small", "gpt-4.1"),
        ("qwen/llama-3-8b", "qwen/qwen3-8b"),
        ("deepseek-chat", "claude-sonnet-4-5"),
        ("gemma-3-27b", "phi-4"),
    ],
)
def test_models_of_other_families_are_told_apart(one: str, other: str) -> None:
    assert not related(one, other)


def test_a_distilled_model_is_of_both_families() -> None:
    assert families_of("DeepSeek-R1-Distill-Llama-70B") == {"deepseek", "llama"}
