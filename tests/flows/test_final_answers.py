"""Rows that go on after their calls: results as tool turns, and an answer that is checked."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from api_registry.types import Api
from data import training_view
from data.rows import row_calls
from flows.pipeline import RunResult
from generators.fake_server import FakeSettings, running
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.prompts import prompt
from generators.types import Completion
from tests.conftest import make_run
from tests.data.test_templates import TemplateRefusal, render
from verifiers.answers import NoAnswer
from verifiers.closing_answer import read_closing


def rows_of(result: RunResult, kind: str = "kept") -> list[dict[str, Any]]:
    paths = sorted(result.folder.shards.glob(f"{kind}-*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    out = tmp_path_factory.mktemp("closed")
    return make_run(out, samples=400, plan={"final_answer": 0.5})


def goes_on(row: dict[str, Any]) -> bool:
    return bool(json.loads(row["provenance"]).get("final_answer"))


def test_the_share_is_one_of_the_rows_with_calls_and_decided_in_the_plan(apis: list[Api]) -> None:
    plan = Plan(apis, PlanConfig(final_answer=0.3), seed=1, shard_size=100)
    plans = [plan(index) for index in range(2000)]
    silent = ("irrelevant", "missing_argument")
    assert not any(draft.final_answer for draft in plans if draft.style in silent)
    calling = [draft.final_answer for draft in plans if draft.style not in silent]
    assert 0.26 < sum(calling) / len(calling) < 0.34
    # Nothing else of a draft changes with it.
    bare = Plan(apis, PlanConfig(), seed=1, shard_size=100)
    assert [draft.model_copy(update={"final_answer": False}) for draft in plans] == [
        bare(index) for index in range(2000)
    ]


def test_right_answers_are_kept_and_stored_turn_by_turn(closed: RunResult) -> None:
    assert closed.manifest.funnel.rejected.get("semantic", {}) == {}
    going = [row for row in rows_of(closed) if goes_on(row)]
    assert len(going) > 100
    for row in going:
        roles = [message["role"] for message in row["messages"] if message["role"] != "system"]
        calls = row["n_calls"]
        assert roles == ["user", "assistant", *["tool"] * calls, "assistant"]
        assert row["messages"][-1]["content"].strip() and row["messages"][-1]["train"]
        ids = [call["id"] for call in row["messages"][-2 - calls]["tool_calls"]]
        tools = [message for message in row["messages"] if message["role"] == "tool"]
        assert [message["tool_call_id"] for message in tools] == ids
        assert all(message["content"] and not message["train"] for message in tools)
        answers = json.loads(row["answers"])
        assert len(answers) == 2 and answers[1] == [] and row_calls(row) == answers[0]


def test_rows_without_a_closing_answer_stay_as_they_were(closed: RunResult, tmp_path: Path) -> None:
    plain = {row["id"] for row in rows_of(make_run(tmp_path, samples=400))}
    others = [row for row in rows_of(closed) if not goes_on(row)]
    assert {row["id"] for row in others} < plain
    assert not any(goes_on(row) for row in others)


def test_answers_are_written_in_many_ways(closed: RunResult) -> None:
    said = [row["messages"][-1]["content"] for row in rows_of(closed) if goes_on(row)]
    assert len({" ".join(text.split()[:3]) for text in said}) > 20
    assert all(text[0].isupper() or not text[0].isalpha() for text in said)
    assert all(text.endswith((".", "?")) for text in said)


@pytest.mark.parametrize("template", ["qwen2_5", "qwen3", "llama3_1", "mistral_v3"])
def test_chat_templates_render_the_results_and_the_answer(closed: RunResult, template: str) -> None:
    rendered = 0
    for row in rows_of(closed):
        if not goes_on(row):
            continue
        try:
            text = render(template, training_view(row))
        except TemplateRefusal:
            assert template == "llama3_1" and row["n_calls"] > 1
            continue
        answer = row["messages"][-1]["content"]
        assert answer in text and text.index(row["query"]) < text.index(answer)
        assert row["messages"][-2]["content"] in text or template in ("llama3_1", "mistral_v3")
        rendered += 1
    assert rendered > 20


# -- by a model ------------------------------------------------------------------------------------


def llm_run(out: Path, settings: FakeSettings, **changes: Any) -> tuple[RunResult, dict[str, Any]]:
    with running(settings) as server:
        told: dict[str, Any] = {
            "samples": 80,
            "generator": {"name": "llm", "llm": {"model": "fake-model"}},
            "plan": {"final_answer": 1.0},
            "endpoint": {"base_urls": [server.url]},
            "output": {"out": str(out), "shard_size": 40},
        }
        return make_run(out, **(told | changes)), server.log.counts()


def test_a_model_writes_them_through_a_prompt_of_its_own(tmp_path: Path) -> None:
    result, counts = llm_run(tmp_path, FakeSettings())
    going = [row for row in rows_of(result) if row["n_calls"]]
    assert going and all(goes_on(row) and row["n_turns"] >= 4 for row in going)
    name = json.loads(going[0]["provenance"])["final_answer"]
    assert name.startswith("llm-closing@1+")
    assert counts["finished_again"] == 0
    assert len(prompt("final_answer")) >= 700


def test_an_answer_with_a_number_of_its_own_is_rejected(tmp_path: Path) -> None:
    result, _ = llm_run(tmp_path, FakeSettings(closing_faults=0.4))
    rejected = [row for row in rows_of(result, "rejected") if row["reason"] == "ungrounded_answer"]
    assert len(rejected) > 10
    assert result.manifest.funnel.balanced()
    assert "That is" in rejected[0]["messages"][-1]["content"]


@pytest.mark.parametrize("form", ["json_schema", "tools", "plain"])
def test_an_endpoint_of_any_kind_will_do(tmp_path: Path, form: str) -> None:
    settings = FakeSettings(structured=form == "json_schema", tools=form != "plain")
    result, _ = llm_run(tmp_path, settings, samples=20)
    assert any(row["n_calls"] and goes_on(row) for row in rows_of(result))


@pytest.mark.parametrize(
    "completion",
    [
        Completion(text='{"answer": "It is 5."}', finish_reason="length"),
        Completion(text='{"answer": "  "}'),
        Completion(text='{"answer": 5}'),
        Completion(text="It is 5."),
        Completion(text='{"answer": "It is 5."} {"answer": "It is 6."}'),
        Completion(text='{"answers": [{"name": "f", "arguments": {}}]}'),
    ],
)
def test_what_is_no_answer_in_words_is_none(completion: Completion) -> None:
    with pytest.raises(NoAnswer):
        read_closing(completion)
