"""The whole run: byte-identical however it is made, complete however often it is killed."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import datasets
import duckdb
import pandas as pd
import pytest

from api_registry.errors import StorageError, UsageError
from data.dataset import DatasetManifest
from data.funnel import merge
from data.removed import read_removals
from data.shards import ShardManifest, manifest_path, shard_path
from tests.conftest import SmallRun, make_run

SIZE = 100


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every shard and data set file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of 1,000 drafts made in one go by one worker."""
    out = tmp_path_factory.mktemp("undisturbed")
    result = make_run(out, samples=1000, execution={"workers": 1})
    return digests(result.folder.path)


def test_two_workers_write_the_same_bytes_as_one(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    result = make_run(tmp_path, samples=1000, execution={"workers": 2})
    assert digests(result.folder.path) == undisturbed


def test_a_run_killed_five_times_ends_with_the_same_bytes(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    command = [
        sys.executable, "-m", "flows.cli", "generate", "--samples", "1000",
        "--shard-size", str(SIZE), "--name", "killed", "--out", str(tmp_path),
    ]  # fmt: skip
    folder = tmp_path / "killed"
    killed = 0
    while killed < 5:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        # Let it finish a shard more than the run before, then pull the plug.
        while process.poll() is None and len(list(folder.glob("shards/*.json"))) <= killed:
            time.sleep(0.01)
        assert process.poll() is None, "the run ended before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        killed += 1
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "drafts are there from before" in done.stdout
    assert digests(folder) == undisturbed
    assert not list(folder.rglob("*.tmp"))


def test_ctrl_c_ends_in_good_order_and_the_same_command_goes_on(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    command = [
        sys.executable, "-m", "flows.cli", "generate", "--samples", "1000",
        "--shard-size", str(SIZE), "--name", "stopped", "--out", str(tmp_path),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not list(tmp_path.glob("stopped/shards/*.json")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    with process.stderr as stderr:
        assert "interrupted; finished shards are kept, the same command goes on" in stderr.read()
    assert process.wait() == 130
    subprocess.run(command, capture_output=True, check=True)
    assert digests(tmp_path / "stopped") == undisturbed


def test_a_finished_run_says_so_and_makes_nothing(tmp_path: Path) -> None:
    first = make_run(tmp_path)
    again = make_run(tmp_path)
    assert (first.made, again.made) == (300, 0)
    assert again.manifest == first.manifest


def test_more_samples_extend_a_run_and_fewer_lose_nothing(tmp_path: Path) -> None:
    short = make_run(tmp_path, samples=150)
    longer = make_run(tmp_path, samples=300)
    whole = make_run(tmp_path / "other", samples=300)
    assert longer.made == 200  # the short last shard is made again
    assert digests(longer.folder.path) == digests(whole.folder.path)
    fewer = make_run(tmp_path, samples=50)
    assert fewer.made == 0
    assert fewer.manifest == longer.manifest
    assert short.name == longer.name == fewer.name


def test_another_seed_under_the_same_name_is_refused(tmp_path: Path) -> None:
    make_run(tmp_path, samples=20, name="mine")
    with pytest.raises(UsageError, match="run `mine` exists with another `seed` \\(0, now 1\\)"):
        make_run(tmp_path, samples=20, name="mine", seed=1)


@pytest.mark.parametrize("victim", ["kept", "rejected", "manifest"])
def test_a_damaged_shard_is_named_and_made_again(
    tmp_path: Path, victim: str, caplog: pytest.LogCaptureFixture
) -> None:
    result = make_run(tmp_path)
    before = digests(result.folder.path)
    shards = result.folder.shards
    path = manifest_path(shards, 1) if victim == "manifest" else shard_path(shards, victim, 1)  # type: ignore[arg-type]
    path.write_bytes(path.read_bytes()[:-20])
    again = make_run(tmp_path)
    assert f"{path}` is damaged" in caplog.text
    assert again.made == SIZE
    assert digests(again.folder.path) == before


def test_a_run_of_an_older_schema_is_refused(tmp_path: Path) -> None:
    result = make_run(tmp_path, samples=20, name="old")
    record = result.folder.path / "run.json"
    record.write_text(record.read_text().replace('"schema_version": "1"', '"schema_version": "0"'))
    with pytest.raises(StorageError, match="written under schema version 0"):
        make_run(tmp_path, samples=20, name="old")


def test_a_lost_run_description_is_written_again(tmp_path: Path) -> None:
    result = make_run(tmp_path, samples=20, name="mine")
    record = result.folder.path / "run.json"
    before = record.read_text()
    record.write_text("{")
    make_run(tmp_path, samples=20, name="mine")
    assert record.read_text() == before


def test_two_processes_do_not_work_in_one_run(tmp_path: Path) -> None:
    result = make_run(tmp_path, samples=20, name="mine")
    with result.folder.locked(), pytest.raises(StorageError, match="by another process"):
        make_run(tmp_path, samples=20, name="mine")


def test_the_funnel_sums_and_agrees_everywhere(small_run: SmallRun) -> None:
    folder = small_run.result.folder
    shards = [
        ShardManifest.model_validate_json(path.read_text())
        for path in sorted(folder.shards.glob("*.json"))
    ]
    dataset = DatasetManifest.model_validate_json((folder.dataset / "manifest.json").read_text())
    assert dataset == small_run.result.manifest
    assert all(manifest.funnel.balanced() for manifest in shards)
    whole = merge(manifest.funnel for manifest in shards)
    assert whole.drafts == 600 == len(small_run.kept) + len(small_run.rejected)
    assert whole.kept == len(small_run.kept)
    assert dataset.funnel.balanced()
    left_out = read_removals(folder.path / "removed.parquet")
    assert dataset.funnel.kept == whole.kept - len(left_out)
    rows = {
        split: sum(record.rows for record in files.values())
        for split, files in dataset.splits.items()
    }
    assert rows == {split: count for split, count in dataset.funnel.splits.items() if count}
    reasons: dict[str, int] = {}
    for row in small_run.rejected:
        reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
    counted = {key: n for stage in whole.rejected.values() for key, n in stage.items()}
    assert reasons == counted


def test_every_rejected_row_says_where_why_and_what(small_run: SmallRun) -> None:
    assert small_run.rejected
    for row in small_run.rejected:
        assert row["stage"] in ("generation", "format", "execution", "semantic")
        assert row["reason"]
        assert row["detail"]
        assert row["verified_by"] == ""


def test_every_kept_row_is_fit_to_train_on(small_run: SmallRun) -> None:
    for row in small_run.kept:
        answers, results = json.loads(row["answers"]), json.loads(row["results"])
        assert all(result["outcome"] == "ok" for result in results)
        assert len(answers) == len(results) == row["n_calls"]
        assert row["verified_by"] == ("executed,rules" if answers else "rules")
        final = row["messages"][-1]
        assert final["role"] == "assistant"
        assert final["train"]
        assert bool(final["tool_calls"]) != bool(final["content"])
        names = {tool["name"] for tool in json.loads(row["tools"])}
        assert {call["name"] for call in answers} <= names


def test_no_row_depends_on_when_where_or_under_which_name_it_was_made(
    small_run: SmallRun,
) -> None:
    folder = str(small_run.result.folder.path)
    for row in [*small_run.kept, *small_run.rejected]:
        text = json.dumps(row)
        assert folder not in text
        assert small_run.result.name not in text


def exactly(rows: list[dict[str, Any]]) -> list[tuple[Any, Any, Any]]:
    return sorted(
        (row["id"], row["tools"], row["answers"], row["results"])
        for row in rows  # type: ignore[misc]
    )


def test_datasets_pandas_and_duckdb_read_the_same_values(small_run: SmallRun) -> None:
    files = sorted(str(path) for path in small_run.result.folder.shards.glob("kept-*.parquet"))
    expected = exactly(small_run.kept)
    loaded = datasets.load_dataset(
        "parquet", data_files=files, split="train", cache_dir=str(small_run.cache)
    )
    assert exactly(list(loaded)) == expected
    frame = pd.concat([pd.read_parquet(file) for file in files])
    assert exactly(frame.to_dict("records")) == expected
    rows = duckdb.sql(f"select id, tools, answers, results from read_parquet({files})").fetchall()
    assert sorted(rows) == expected


def test_the_data_set_folder_loads_with_its_splits(small_run: SmallRun) -> None:
    folder = small_run.result.folder.dataset
    loaded = datasets.load_dataset(str(folder), cache_dir=str(small_run.cache))
    assert {split: len(rows) for split, rows in loaded.items()} == {
        split: count for split, count in small_run.result.manifest.funnel.splits.items() if count
    }


def test_a_page_that_cannot_be_written_loses_no_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_run(tmp_path, samples=20, name="mine").folder
    page = folder.path / "report.html"
    page.unlink()
    page.mkdir()
    again = make_run(tmp_path, samples=40, name="mine")
    assert again.report is None
    assert again.manifest.funnel.drafts == 40
    assert "the report of `mine` could not be written" in caplog.text
    page.rmdir()
    assert make_run(tmp_path, samples=40, name="mine").report == page
    assert page.is_file()


def test_no_group_crosses_splits(small_run: SmallRun) -> None:
    sides: dict[str, set[str]] = {}
    for row in small_run.kept:
        sides.setdefault(row["group"], set()).add(json.loads(row["provenance"])["split"])
    assert all(len(splits) == 1 for splits in sides.values())


def test_rows_offer_and_call_as_many_tools_as_the_shares_say(tmp_path: Path) -> None:
    plan = {
        "shares": {"parallel": 0.5, "parallel_multiple": 0.5},
        "tool_counts": {4: 0.5, 6: 0.5},
        "call_counts": {3: 0.5, 4: 0.5},
    }
    statistics = make_run(tmp_path, samples=100, plan=plan).manifest.statistics
    assert statistics.rows > 80
    for counts, numbers in ((statistics.tools, (4, 6)), (statistics.calls, (3, 4))):
        assert set(counts) == set(numbers)
        assert all(0.3 < count / statistics.rows < 0.7 for count in counts.values())
