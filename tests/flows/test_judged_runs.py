"""Whole runs with judges: calibrated once, nothing asked twice, the audit and the marks there."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from api_registry.errors import BudgetError
from data.judging import Judging, read_judging
from flows.cli import main
from flows.pipeline import RunResult
from generators.fake_server import FakeServer, FakeSettings, running
from tests.conftest import make_run
from verifiers.reasons_page import REASONS

MODELS = ("writer", "qwen3-8b", "llama-3.1-8b", "mistral-small")


def rows_of(result: RunResult, kind: str = "kept") -> list[dict[str, Any]]:
    paths = sorted(result.folder.shards.glob(f"{kind}-*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def judged_run(out: Path, server: FakeServer, judge: dict[str, Any], **changes: Any) -> RunResult:
    told: dict[str, Any] = {
        "samples": 60,
        "endpoint": {"base_urls": [server.url], "concurrency": 8},
        "judge": {"models": ["qwen3-8b"], "calibration": 20, **judge},
        "output": {"out": str(out), "shard_size": 30},
    }
    return make_run(out, **(told | changes))


def judging_of(result: RunResult) -> Judging:
    judging = read_judging(result.folder.path)
    assert judging is not None and judging == result.judging
    return judging


def test_judges_decide_after_everything_else_and_vouch_for_what_they_pass(tmp_path: Path) -> None:
    with running(FakeSettings(models=MODELS, judge_false_reject=0.3)) as server:
        result = judged_run(tmp_path, server, {})
    kept, rejected = rows_of(result), rows_of(result, "rejected")
    assert all("judge" in row["verified_by"].split(",") for row in kept)
    by_judges = [row for row in rejected if (row["reason"] or "").startswith("judge_")]
    assert {row["stage"] for row in by_judges} == {"semantic"}
    assert {row["reason"] for row in by_judges} <= REASONS["semantic"].keys()
    assert result.manifest.funnel.balanced()
    # Three in ten are rejected, and a contrast pair falls with its base.
    assert 0.45 < result.manifest.funnel.kept / 60 < 0.9


def test_a_strict_vote_keeps_less_than_a_majority(tmp_path: Path) -> None:
    kept = {}
    with running(FakeSettings(models=MODELS, judge_false_reject=0.25)) as server:
        for vote in ("majority", "unanimous"):
            judge = {"models": MODELS[1:], "vote": vote, "calibration": 0}
            kept[vote] = judged_run(tmp_path, server, judge).manifest.funnel.kept
    assert kept["unanimous"] < kept["majority"]


def test_a_finished_run_and_a_longer_one_calibrate_nobody_again(tmp_path: Path) -> None:
    with running(FakeSettings(models=MODELS)) as server:
        first = judged_run(tmp_path, server, {})
        after_first = server.log.counts()["requests"]
        again = judged_run(tmp_path, server, {})
        assert (again.made, server.log.counts()["requests"]) == (0, after_first)
        assert again.judging == first.judging
        longer = judged_run(tmp_path, server, {}, samples=90)
        counts = server.log.counts()
    assert longer.judging == first.judging
    # One verdict for each of the thirty new drafts at most, nothing else.
    assert 0 < counts["requests"] - after_first <= 30
    assert counts["finished_again"] == 0
    [calibration] = judging_of(longer).calibrations
    assert (calibration.catch.of, calibration.false_reject.of) == (10, 10)


def test_calibration_can_be_left_out(tmp_path: Path) -> None:
    with running(FakeSettings(models=MODELS)) as server:
        result = judged_run(tmp_path, server, {"calibration": 0}, samples=10)
        assert server.log.counts()["requests"] <= 10 + 1
    assert judging_of(result).calibrations == ()


def test_a_budget_too_small_for_calibration_is_one_line(tmp_path: Path) -> None:
    with running(FakeSettings(models=MODELS)) as server:
        endpoint = {"base_urls": [server.url], "budget": {"max_requests": 5}}
        with pytest.raises(BudgetError, match=r"calibrated: 5 requests .*judge\.calibration"):
            judged_run(tmp_path, server, {}, endpoint=endpoint)


def test_a_budget_that_judges_spend_closes_the_run_and_the_next_goes_on(tmp_path: Path) -> None:
    with running(FakeSettings(models=MODELS)) as server:
        judge = {"calibration": 0}
        budget = {"base_urls": [server.url], "concurrency": 4, "budget": {"max_requests": 35}}
        stopped = judged_run(tmp_path, server, judge, endpoint=budget)
        assert stopped.spent
        whole = judged_run(tmp_path, server, judge)
        assert server.log.counts()["finished_again"] == 0
    assert whole.manifest.funnel.drafts == 60


def test_a_judge_of_the_generators_own_family_marks_the_run(tmp_path: Path) -> None:
    llm = {"name": "llm", "llm": {"model": "qwen2.5-72b-instruct"}}
    models = ("qwen2.5-72b-instruct", *MODELS)
    with running(FakeSettings(models=models)) as server:
        judge = {"models": ["qwen3-8b", "llama-3.1-8b"], "calibration": 0}
        result = judged_run(tmp_path, server, judge, samples=12, generator=llm,
                            output={"out": str(tmp_path), "shard_size": 12})  # fmt: skip
    assert judging_of(result).self_judged == ("qwen3-8b",)


def test_a_share_of_what_is_kept_is_judged_again_by_another_model(tmp_path: Path) -> None:
    with running(FakeSettings(models=MODELS, judge_false_reject=0.2)) as server:
        judge = {"audit": 0.4, "audit_model": "mistral-small", "calibration": 0}
        result = judged_run(tmp_path, server, judge)
        plain = judged_run(tmp_path, server, {"calibration": 0})
    kept = rows_of(result)
    found = [json.loads(row["annotations"]).get("audit") for row in kept]
    audited = [opinion for opinion in found if opinion]
    assert 0.2 < len(audited) / len(kept) < 0.6
    assert {opinion["judge"] for opinion in audited} == {"mistral-small"}
    audit = judging_of(result).audit
    assert audit is not None and audit.agreeing.of == len(audited)
    assert audit.agreeing.hits == sum(not opinion["faults"] for opinion in audited)
    # It has no say: the same records are kept without it.
    assert [row["id"] for row in kept] == [row["id"] for row in rows_of(plain)]
    rejected = [json.loads(row["annotations"]) for row in rows_of(result, "rejected")]
    assert not any("audit" in notes for notes in rejected)


def test_judges_can_be_elsewhere_and_share_one_count_and_one_budget(tmp_path: Path) -> None:
    llm = {"name": "llm", "llm": {"model": "writer"}}
    with (
        running(FakeSettings(models=("writer",))) as writer,
        running(FakeSettings(models=("qwen3-8b",))) as one,
        running(FakeSettings(models=("llama-3.1-8b",))) as other,
    ):
        judge = {
            "models": ["qwen3-8b", f"llama-3.1-8b@{other.url}"],
            "base_urls": [one.url],
            "calibration": 4,
        }
        result = judged_run(tmp_path, writer, judge, samples=20, generator=llm,
                            output={"out": str(tmp_path), "shard_size": 20})  # fmt: skip
        asked = [server.log.counts()["requests"] for server in (writer, one, other)]
    assert all(asked) and result.endpoint is not None
    assert result.endpoint.requests == sum(asked)
    text = (result.folder.path / "judges.json").read_text(encoding="utf-8")
    assert "127.0.0.1" not in text


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


def test_a_judged_run_that_is_killed_again_and_again_ends_the_same_and_pays_nothing_twice(
    tmp_path: Path,
) -> None:
    settings = FakeSettings(models=MODELS, latency=0.01, judge_nonsense=0.1)
    at_once = 2
    with running(settings) as server:
        command = [
            sys.executable, "-m", "flows.cli", "generate", "--model", "writer",
            "--base-url", server.url, "--concurrency", str(at_once), "--judge", "qwen3-8b",
            "--judge", "llama-3.1-8b", "--judge-vote", "unanimous", "--samples", "48",
            "--shard-size", "24", "--final-answer", "0.3", "--regenerate", "--name", "judged",
        ]  # fmt: skip
        config = tmp_path / "judges.toml"
        config.write_text("[judge]\ncalibration = 10\n")
        command += ["--config", str(config)]
        for killed in range(1, 4):
            process = subprocess.Popen(
                [*command, "--out", str(tmp_path / "killed")],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            # Let it get some more answers than the run before, then pull the plug.
            while process.poll() is None and server.log.counts()["finished"] < 50 * killed:
                time.sleep(0.01)
            assert process.poll() is None, "the run ended before it could be killed"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        done = [*command, "--out", str(tmp_path / "killed")]
        said = subprocess.run(done, capture_output=True, text=True, check=True).stdout
        counts = server.log.counts()
    assert "Calibration: judge `qwen3-8b` catches" in said
    # Only what was in flight when it was killed may have been answered for nothing.
    killed_times, endpoints = 3, 3  # the generator's and two judges', each with so many at once
    assert counts["finished_again"] <= killed_times * endpoints * at_once
    with running(settings) as server:
        undisturbed = [server.url if part.startswith("http://") else part for part in command]
        subprocess.run(
            [*undisturbed, "--out", str(tmp_path / "whole")], capture_output=True, check=True
        )
    assert digests(tmp_path / "killed") == digests(tmp_path / "whole")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--judge", "a", "--judge-audit", "0.1"], "add --judge-audit-model NAME"),
        (["--judge-audit", "0.1", "--judge-audit-model", "b"], "name one with --judge MODEL"),
        (["--judge", "a", "--judge-vote", "best"], "setting `judge.vote`"),
        (["--judge", "a", "--judge-samples", "0"], "setting `judge.samples`"),
        (["--judge", "a", "--judge-base-url", "here"], "expected a URL"),
        (["--judge", "a", "--judge", "a"], "judges once"),
        (["--final-answer", "2"], "setting `plan.final_answer`"),
    ],
)
def test_options_that_make_no_sense_are_one_line_and_exit_code_2(
    arguments: list[str],
    problem: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["callforge", "generate", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2 and problem in said and "Traceback" not in said
