"""A run whose drafts a model writes: the same data set in whatever order, however often killed."""

import asyncio
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

from api_registry.errors import BudgetError, EndpointError, UsageError
from data.shards import read_manifest
from flows.config import RunConfig, read_config
from flows.pipeline import RunResult, run
from generators.fake_server import FakeServer, FakeSettings, running
from tests.conftest import SilentProgress, make_run
from tests.flows.test_run import digests

SIZE, CONCURRENCY = 24, 8
JUDGE = {"models": ["fake-model"], "calibration": 0}


def llm_run(out: Path, server: FakeServer | str, **settings: Any) -> RunResult:
    """Run the pipeline with the generator `llm` and a judge, both behind a fake endpoint."""
    endpoint = settings.pop("endpoint", {})
    url = server if isinstance(server, str) else server.url
    return make_run(
        out,
        **{
            "samples": 10 * SIZE,
            "name": "run",
            "generator": {"name": "llm", "llm": {"model": "fake-model"}},
            "endpoint": {"base_urls": [url], "concurrency": CONCURRENCY, **endpoint},
            "judge": JUDGE,
            "output": {"out": str(out), "shard_size": SIZE},
            **settings,
        },
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ten shards made in one go: from the fifth on with verified rows as examples."""
    out = tmp_path_factory.mktemp("undisturbed")
    with running(FakeSettings()) as server:
        return llm_run(out, server).folder.path


def journaled(folder: Path) -> set[str]:
    """The hashes of the requests whose answers are in a run's journal."""
    found: set[str] = set()
    for path in (folder / "journal").glob("[0-9]*.journal"):
        for line in path.read_bytes().split(b"\n")[:-1]:
            found.add(json.loads(line.partition(b" ")[2])["key"].rpartition("/")[2])
    return found


def test_a_run_killed_five_times_ends_with_the_same_data_and_pays_for_nothing_twice(
    tmp_path: Path, undisturbed: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[judge]\ncalibration = 0\n")
    with running(FakeSettings(latency=0.05, jitter=0.6, slots=CONCURRENCY)) as server:
        command = [
            sys.executable, "-m", "flows.cli", "generate", "--model", "fake-model",
            "--base-url", server.url, "--judge", "fake-model", "--concurrency", str(CONCURRENCY),
            "--samples", str(10 * SIZE), "--shard-size", str(SIZE), "--name", "run",
            "--out", str(tmp_path), "--config", str(config),
        ]  # fmt: skip
        total = sum(
            manifest.usage.answers
            for index in range(10)
            if (manifest := read_manifest(undisturbed / "shards", index)) and manifest.usage
        )
        paid: dict[str, int] = {}
        """Request in the journal after a kill → how often it had been asked until then."""
        for kill in range(1, 6):
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            while process.poll() is None and server.log.counts()["finished"] < kill * total // 6:
                time.sleep(0.01)
            assert process.poll() is None, "the run ended before it could be killed"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for key in journaled(tmp_path / "run") - paid.keys():
                paid[key] = server.log.requests[key].asked
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        asked = {key: entry.asked for key, entry in server.log.requests.items()}
    assert "answers from the journal" in done.stdout
    assert digests(tmp_path / "run") == digests(undisturbed)
    assert len(paid) > total // 3
    assert {key: asked[key] for key in paid} == paid, "an answer was paid for twice"
    # What was in flight when the process was killed, and no more, was asked for again.
    assert sum(asked.values()) - len(asked) <= 5 * CONCURRENCY
    assert not list((tmp_path / "run").rglob("0*.journal"))


def test_neither_faults_nor_latency_nor_the_order_of_work_change_what_is_made(
    tmp_path: Path, undisturbed: Path
) -> None:
    faults = dict.fromkeys(("500", "reset", "truncated", "html", "empty_choices"), 0.03)
    settings = FakeSettings(latency=0.02, jitter=1.5, faults=faults)
    with running(settings) as first, running(settings) as second:
        result = llm_run(
            tmp_path,
            first,
            endpoint={"base_urls": [first.url, second.url], "concurrency": 64, "timeout": 20},
            execution={"workers": 1},
        )
    assert digests(result.folder.path) == digests(undisturbed)


def test_a_finished_run_asks_nobody(undisturbed: Path) -> None:
    again = llm_run(undisturbed.parent, "http://127.0.0.1:9/v1")
    assert again.made == 0 and again.endpoint is None


def test_the_manifests_say_what_the_answers_cost(tmp_path: Path) -> None:
    prices = {"price_prompt": 2.0, "price_completion": 10.0}
    with running(FakeSettings()) as server:
        result = llm_run(tmp_path, server, samples=SIZE, endpoint={"budget": prices})
        counts = server.log.counts()
    usage = result.manifest.usage
    assert usage is not None and result.endpoint is not None
    assert usage.answers == counts["finished"] - 1  # the probe is about no row
    cost = (usage.prompt_tokens * 2 + usage.completion_tokens * 10) / 1e6
    assert result.manifest.cost == pytest.approx(cost)
    assert usage.prompt_tokens < result.endpoint.prompt_tokens < usage.prompt_tokens + 1000


def test_a_spent_budget_closes_the_run_and_the_same_command_goes_on(
    tmp_path: Path, undisturbed: Path
) -> None:
    with running(FakeSettings()) as server:
        first = llm_run(tmp_path, server, endpoint={"budget": {"max_requests": 100}})
        assert server.log.counts()["requests"] == 100
        assert first.spent == "100 requests (--max-requests)"
        assert first.manifest.funnel.balanced() and 0 < first.manifest.funnel.drafts < 240
        assert first.report is not None
        last = llm_run(tmp_path, server)
        assert server.log.counts()["finished_again"] == 0
    assert last.spent is None
    assert digests(last.folder.path) == digests(undisturbed)


def test_a_budget_too_small_for_one_draft_is_one_line(tmp_path: Path) -> None:
    with running(FakeSettings()) as server, pytest.raises(BudgetError, match="--max-requests"):
        llm_run(tmp_path, server, endpoint={"budget": {"max_requests": 1}})


def test_an_error_that_ends_the_run_leaves_it_fit_to_go_on(
    tmp_path: Path, undisturbed: Path
) -> None:
    with running(FakeSettings(faults={"quota": 0.01})) as server:
        with pytest.raises(EndpointError, match="quota is used up"):
            llm_run(tmp_path, server)
        finished = server.log.counts()["finished"]
        assert finished > CONCURRENCY
    with running(FakeSettings()) as server:
        result = llm_run(tmp_path, server)
        assert result.endpoint is not None
        replayed = result.endpoint.replayed
        again = server.log.counts()["requests"]
    usage = result.manifest.usage
    assert usage is not None and replayed > 0
    # In flight at the end: what generator and judge may have, each; asked anew: at the start.
    assert usage.answers <= finished + again <= usage.answers + 2 * CONCURRENCY + 2
    assert digests(result.folder.path) == digests(undisturbed)


def test_a_run_that_could_not_begin_leaves_its_name_free(tmp_path: Path) -> None:
    wrong = {"name": "llm", "llm": {"model": "mistyped"}}
    with pytest.raises(EndpointError, match="is the server running"):
        llm_run(tmp_path, "http://127.0.0.1:9/v1", samples=8, generator=wrong)
    with running(FakeSettings()) as server:
        result = llm_run(tmp_path, server, samples=8)
    assert result.manifest.funnel.drafts == 8
    with pytest.raises(UsageError, match="exists with another `generator`"):
        llm_run(tmp_path, "http://127.0.0.1:9/v1", samples=8, generator=wrong)


def kept_run(out: Path, server: FakeServer, rows: int, **settings: Any) -> RunResult:
    config = {
        "kept": rows,
        "name": "kept",
        "generator": {"name": "llm", "llm": {"model": "fake-model"}},
        "endpoint": {"base_urls": [server.url], **settings.pop("endpoint", {})},
        "output": {"out": str(out), "shard_size": SIZE},
        **settings,
    }
    return asyncio.run(run(RunConfig.model_validate(config), SilentProgress()))


def test_as_many_drafts_are_made_as_it_takes_in_whatever_order(tmp_path: Path) -> None:
    faults = {"length": 0.2}
    with (
        running(FakeSettings(faults=faults)) as quick,
        running(FakeSettings(faults=faults, latency=0.03, jitter=1.5)) as slow,
    ):
        one = kept_run(tmp_path / "one", quick, 200, endpoint={"concurrency": 2})
        many = kept_run(tmp_path / "many", slow, 200, endpoint={"concurrency": 64})
        asked = slow.log.counts()["requests"]
    assert digests(one.folder.path) == digests(many.folder.path)
    assert one.manifest.funnel == many.manifest.funnel
    funnel = many.manifest.funnel
    # Counted are verified rows; one about an API that never worked is left out afterwards.
    left_out = funnel.rejected["execution"].get("never_worked", 0)
    assert funnel.kept + left_out == 200 == many.manifest.wanted
    assert many.lacking == ()
    # Little more is asked for than is used: what is under way is bounded by what is lacking.
    assert asked <= 1.3 * many.manifest.funnel.drafts / 4


def test_the_shares_are_those_of_the_kept_rows(tmp_path: Path) -> None:
    with running(FakeSettings()) as server:
        result = kept_run(tmp_path, server, 100)
    kept = {style: tally.kept for style, tally in result.manifest.funnel.styles.items()}
    assert kept == {
        "simple": 22, "multiple": 22, "parallel": 20, "parallel_multiple": 16, "irrelevant": 12,
        "missing_argument": 8,
    }  # fmt: skip
    rows = [
        row
        for path in sorted(result.folder.dataset.glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]
    assert len(rows) == 100


def test_more_rows_extend_a_run_without_paying_for_the_old_ones(tmp_path: Path) -> None:
    with running(FakeSettings()) as server:
        kept_run(tmp_path, server, 60)
        longer = kept_run(tmp_path, server, 150)
        # One request may have been shorter at the cut, and is asked for whole.
        assert server.log.counts()["finished_again"] == 0
    with running(FakeSettings()) as server:
        whole = kept_run(tmp_path / "other", server, 150)
    assert digests(longer.folder.path) == digests(whole.folder.path)


def test_a_bound_on_the_drafts_ends_the_run_and_says_what_is_lacking(tmp_path: Path) -> None:
    with running(FakeSettings(faults={"length": 0.5})) as server:
        result = kept_run(tmp_path, server, 100, max_drafts=2 * SIZE)
        again = kept_run(tmp_path, server, 100, max_drafts=2 * SIZE)
    assert result.manifest.funnel.drafts == 2 * SIZE
    assert sum(rows for _, rows in result.lacking) == 100 - result.manifest.funnel.kept
    assert again.made == 0 and again.lacking == result.lacking


def test_samples_and_kept_are_not_asked_for_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`samples` counts drafts and `kept` counts rows"):
        read_config(None, {"samples": 10, "kept": 10})
    with pytest.raises(UsageError, match="`max_drafts` bounds `kept`"):
        read_config(None, {"max_drafts": 10})


def test_a_journal_keeps_what_a_short_shard_was_made_from(tmp_path: Path) -> None:
    with running(FakeSettings()) as server:
        llm_run(tmp_path, server, samples=SIZE + 8)
        llm_run(tmp_path, server, samples=2 * SIZE)
        assert server.log.counts()["finished_again"] == 0
