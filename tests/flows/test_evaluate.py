"""Evaluation over the fake endpoint: what it is known to do wrong comes out as the scores say."""

import asyncio
import json
import random
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from api_registry.errors import ConfigError, UsageError, install_hint
from api_registry.names import SafeNames
from api_registry.types import Tool
from flows.cli import app
from flows.evaluation.asking import request_body
from flows.evaluation.config import EvaluateConfig
from flows.evaluation.difficulty import measure
from flows.evaluation.evaluate import Evaluation, evaluate
from flows.evaluation.questions import Question, read_rows
from flows.evaluation.scores import Score
from flows.evaluation.variants import renamed, shuffled, variant_of
from generators.fake_server import FakeServer, FakeSettings, running
from generators.fake_server.evaluated import KnownCall
from tests.conftest import SmallRun
from verifiers.matching import match_calls

FAULTS = {
    "wrong_value": 0.15, "no_such_tool": 0.1, "extra_call": 0.05, "words": 0.1, "broken": 0.1,
    "call_anyway": 0.3,
}  # fmt: skip


@pytest.fixture(scope="module")
def asked(small_run: SmallRun) -> tuple[Question, ...]:
    return read_rows(small_run.result.folder.path).questions


def known_answers(questions: tuple[Question, ...]) -> dict[str, tuple[KnownCall, ...]]:
    """What the fake endpoint has to know to answer all questions rightly."""
    known: dict[str, tuple[KnownCall, ...]] = {}
    for question in questions:
        tools = {tool.name: tool for tool in question.tools}
        calls = []
        for call in question.expected or ():
            [(name, allowed)] = call.items()
            places = list(tools[name].parameters["properties"])
            values = {
                places.index(key): _plain(options[0])
                for key, options in allowed.items()
                if "" not in options
            }
            calls.append(KnownCall(about=tools[name].description, arguments=values))
        # A contrast pair repeats the query of another row without its tool: there no call is right.
        query = question.messages[-1]["content"]
        known[query] = tuple(calls) or known.get(query, ())
    return known


def _plain(value: Any) -> Any:
    """An allowed value as a call has it."""
    if isinstance(value, dict):
        return {key: _plain(options[0]) for key, options in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@contextmanager
def serving(questions: tuple[Question, ...], faults: dict[str, float]) -> Iterator[FakeServer]:
    settings = FakeSettings(known_answers=known_answers(questions), answer_faults=faults)
    with running(settings) as server:
        yield server


def run(server: FakeServer, small_run: SmallRun, out: Path, **settings: Any) -> Evaluation:
    config = EvaluateConfig.model_validate(
        {"model": "fake-model", "data": str(small_run.result.folder.path), "out": str(out),
         "splits": sorted({q.split for q in read_rows(small_run.result.folder.path).questions}),
         "endpoint": {"base_urls": [server.url], "concurrency": 32}} | settings
    )  # fmt: skip
    return asyncio.run(evaluate(config))


def test_a_model_that_is_right_scores_one_in_every_variant(
    small_run: SmallRun, asked: tuple[Question, ...], tmp_path: Path
) -> None:
    with serving(asked, {}) as server:
        found = run(server, small_run, tmp_path / "right", questions=120)
    assert set(found.scores) == {"plain", "renamed", "shuffled", "swapped"}
    for variant, scores in found.scores.items():
        wrong = [
            json.loads(line)
            for line in (found.folder / f"outcomes-{variant}.jsonl").read_text().splitlines()
            if not json.loads(line)["valid"]
        ]
        assert not wrong, json.dumps([variant, wrong[0]])
        assert scores.total["exact"].value == 1.0
        assert scores.total["hallucinated"].value == 0.0


def test_known_fault_rates_come_back_within_their_intervals(
    small_run: SmallRun, asked: tuple[Question, ...], tmp_path: Path
) -> None:
    with serving(asked, FAULTS) as server:
        found = run(server, small_run, tmp_path / "faulty")
        again = run(server, small_run, tmp_path / "faulty")
    plain = found.scores["plain"].total
    calls = plain["tool_names"].n
    share = calls / plain["exact"].n

    def holds(score: Score, rate: float) -> bool:
        return score.low <= rate <= score.high

    assert calls > 250 and plain["irrelevance"].n > 50
    assert holds(plain["irrelevance"], 1 - FAULTS["call_anyway"])
    names = 1 - sum(FAULTS[k] for k in ("no_such_tool", "extra_call", "words", "broken"))
    assert holds(plain["tool_names"], names)
    assert holds(plain["hallucinated"], share * FAULTS["no_such_tool"])
    assert holds(plain["valid_json"], 1 - share * FAULTS["broken"])
    right = share * (1 - sum(FAULTS.values()) + FAULTS["call_anyway"])
    assert holds(plain["exact"], right + (1 - share) * (1 - FAULTS["call_anyway"]))
    # Nothing serves under swapped tools: only `call_anyway` can go wrong.
    assert holds(found.scores["swapped"].total["irrelevance"], 1 - FAULTS["call_anyway"])
    # The same command is answered from the journal, with the same result.
    assert again.spent.requests == 0
    assert again.scores == found.scores


def test_what_was_predicted_is_scored_the_same_from_its_file(
    small_run: SmallRun, asked: tuple[Question, ...], tmp_path: Path
) -> None:
    data = str(small_run.result.folder.path)
    with serving(asked, FAULTS) as server:
        found = run(server, small_run, tmp_path / "out", variants=["plain"])
    predictions = str(found.folder / "predictions-plain.jsonl")
    done = CliRunner().invoke(app, ["score", predictions, "--data", data, "--json"])
    assert done.exit_code == 0, done.output
    scored = json.loads(done.output)["total"]["exact"]
    assert scored["value"] == found.scores["plain"].total["exact"].value


def test_the_command_prints_a_table_per_variant(
    small_run: SmallRun, asked: tuple[Question, ...], tmp_path: Path
) -> None:
    with serving(asked, {}) as server:
        done = CliRunner().invoke(
            app,
            ["evaluate", "--model", "fake-model", "--base-url", server.url, "--questions", "10",
             "--data", small_run.result.folder.path.name, "--out", str(tmp_path / "out"),
             "--runs", str(small_run.result.folder.path.parent),
             "--variant", "plain", "--variant", "swapped", "--apis", "api_registry.catalog"],
        )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Plain: per cent" in done.output and "Swapped: per cent" in done.output
    written = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert written["scores"]["plain"]["total"]["exact"]["n"] == 10
    assert written["scores"]["plain"]["total"]["execution"]["value"] == 1.0
    # Nothing is to be called there, so there is nothing to run.
    assert "execution" not in written["scores"]["swapped"]["total"]
    page = (tmp_path / "out" / "evaluation.html").read_text()
    assert "right, plain" in page and "right, swapped" in page


def tool(name: str, *parameters: str, about: str = "Book a table") -> Tool:
    schema = {"type": "object", "properties": {key: {"type": "string"} for key in parameters},
              "required": list(parameters[:1])}  # fmt: skip
    return Tool(name=name, description=about, parameters=schema, api=name)


TOOLS = (
    tool("a.one", "x", "y", about="Convert one length"), tool("two", "z", about="Tell the weather"),
    tool("three", about="Reverse some text"),
)  # fmt: skip
EXPECTED = {"a.one": {"x": ["v"], "y": ["", "w"]}}
QUESTION = Question("q", ({"role": "user", "content": "Do."},), TOOLS, TOOLS, (EXPECTED,))


def test_renaming_changes_names_and_nothing_that_is_right() -> None:
    made = renamed(QUESTION)
    assert [t.name for t in made.tools] == ["function_1", "function_2", "function_3"]
    assert made.expected == ({"function_1": {"argument_1": ["v"], "argument_2": ["", "w"]}},)
    assert made.tools[0].parameters["required"] == ["argument_1"]
    assert made.tools[0].description == "Convert one length"
    documents = tuple({"name": t.name, "parameters": t.parameters} for t in TOOLS)
    bfcl = renamed(replace(QUESTION, functions=documents))
    for functions in (made.functions, bfcl.functions):
        call = [{"function_1": {"argument_1": "v"}}]
        assert match_calls(call, made.expected or (), functions).valid


def test_shuffling_moves_every_tool_list_and_leaves_single_tools_out() -> None:
    made = shuffled(QUESTION, random.Random(0))
    assert made.tools != TOOLS
    assert sorted(t.name for t in made.tools) == sorted(t.name for t in TOOLS)
    assert [t.name for t in made.functions] == [t.name for t in made.tools]
    alone = replace(QUESTION, tools=TOOLS[:1], functions=TOOLS[:1])
    assert variant_of([alone], "shuffled") == ()


def test_swapped_tools_are_all_others_and_nothing_is_right() -> None:
    other = replace(QUESTION, id="r", tools=(tool("five"),), functions=(tool("five"),), expected=())
    [made] = variant_of([QUESTION, other], "swapped")
    assert (made.id, made.tools, made.expected) == ("q", other.tools, ())
    assert variant_of([QUESTION], "swapped") == ()
    same = tuple(t.model_copy(update={"name": f"masked_{i}"}) for i, t in enumerate(TOOLS))
    masked = replace(QUESTION, id="s", tools=same, functions=same)
    assert variant_of([QUESTION, masked], "swapped") == ()


def test_requests_hold_safe_names_and_tools_where_the_model_reads_them() -> None:
    names = SafeNames(t.name for t in TOOLS)
    config = EvaluateConfig(model="m", data="d")
    native = request_body(QUESTION, names, config)
    assert [t["function"]["name"] for t in native["tools"]] == ["a_one", "two", "three"]
    assert native["messages"] == [{"role": "user", "content": "Do."}]
    adapted = request_body(QUESTION, names, config.model_copy(update={"adapter": "mine"}))
    assert (native["model"], adapted["model"]) == ("m", "mine")
    strict = request_body(QUESTION, names, config.model_copy(update={"constrained": True}))
    assert all(t["function"]["strict"] for t in strict["tools"])
    prompted = request_body(QUESTION, names, config.model_copy(update={"calling": "prompted"}))
    assert "tools" not in prompted
    assert prompted["messages"][0]["role"] == "system"
    assert '"name":"a_one"' in prompted["messages"][0]["content"]


def test_data_with_nothing_to_ask_are_named(small_run: SmallRun) -> None:
    data = str(small_run.result.folder.path)
    for command in (["evaluate"], ["difficulty", "--out", "out"]):
        common = [*command, "--model", "m", "--runs", str(small_run.result.folder.path.parent)]
        with pytest.raises(
            UsageError, match="no run `unheard-of`.*" + small_run.result.folder.path.name
        ):
            CliRunner().invoke(app, [*common, "--data", "unheard-of"], catch_exceptions=False)
    with pytest.raises(UsageError, match="no question of the splits and categories"):
        asyncio.run(evaluate(EvaluateConfig(model="m", data=data, splits=("dev",))))


def test_a_model_in_this_process_needs_the_extra_for_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    rows = Path(__file__).parent / "scored" / "rows.jsonl"
    common = ["evaluate", "--data", str(rows), "--out", str(tmp_path)]
    cases = [
        (["--transformers", str(tmp_path)], UsageError, re.escape(install_hint("train"))),
        (["--transformers", str(tmp_path), "--constrained"], ConfigError, "expected an endpoint"),
        (["--transformers", "m", "--model", "m"], UsageError, "one of --model"),
        ([], UsageError, "one of --model"),
    ]
    for arguments, kind, said in cases:
        with pytest.raises(kind, match=said):
            CliRunner().invoke(app, [*common, *arguments], catch_exceptions=False)


def test_rows_are_not_asked_with_their_answers(asked: tuple[Question, ...]) -> None:
    assert all(question.messages[-1]["role"] == "user" for question in asked)
    assert {question.style for question in asked} >= {"simple", "parallel", "irrelevant"}


def test_difficulty_is_the_share_of_right_answers_and_wrong_ones_are_kept(
    small_run: SmallRun, asked: tuple[Question, ...], tmp_path: Path
) -> None:
    data, out = small_run.result.folder.dataset, tmp_path / "out"
    with serving(asked, {"wrong_value": 0.25, "call_anyway": 0.25}) as server:
        arguments = ["difficulty", "--model", "fake-model", "--data", str(data), "--out", str(out),
                     "--base-url", server.url, "--split", "test", "--k", "4"]  # fmt: skip
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
        again = CliRunner().invoke(app, arguments)
        assert again.output == done.output
    [before] = [pq.read_table(path) for path in data.glob("test-*.parquet")]
    [after] = [pq.read_table(path) for path in out.glob("test-*.parquet")]
    assert after.schema == before.schema
    assert after.drop(["difficulty"]).equals(before.drop(["difficulty"]))
    shares = after["difficulty"].to_pylist()
    assert set(shares) <= {0.0, 0.25, 0.5, 0.75, 1.0} and len(set(shares)) > 2
    n, mean = 4 * len(shares), sum(shares) / len(shares)
    assert abs(mean - 0.75) < 4 * (0.75 * 0.25 / n) ** 0.5
    wrong = [json.loads(line) for line in (out / "wrong.jsonl").read_text().splitlines()]
    assert wrong and not any(line["valid"] for line in wrong)
    assert {line["id"] for line in wrong} == {
        row for row, share in zip(after["id"].to_pylist(), shares, strict=True) if share < 1
    }


def test_a_data_set_is_never_written_over_nor_another_file_asked(
    small_run: SmallRun, tmp_path: Path
) -> None:
    data = small_run.result.folder.dataset
    config = EvaluateConfig(model="m", data=str(data), out=str(data), splits=("test",))
    with pytest.raises(UsageError, match="is the data set itself"):
        asyncio.run(measure(config, 1))
    other = tmp_path / "rows.parquet"
    other.write_text("no Parquet")
    for text in (None, {"id": ["a"]}):
        if text:
            pq.write_table(pa.table(text), other)
        with pytest.raises(UsageError, match=r"rows\.parquet"):
            asyncio.run(measure(EvaluateConfig(model="m", data=str(other), out=str(data)), 1))
