"""The Prefect flows, on a real temporary server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_API_URL

from data.publishing.config import PublishConfig
from flows.audit import AuditConfig
from flows.config import RunConfig
from flows.evaluate_fc import evaluate_fc
from flows.evaluation.config import EvaluateConfig
from flows.finetune_fc import finetune_fc
from flows.generate_fc import generate_fc
from flows.publish_fc import publish_fc
from flows.training.config import FinetuneConfig, Source
from flows.training.record import Point, PreparedRecord, StageRecord, TrainingRecord
from flows.verify_fc import verify_fc
from generators.fake_server import FakeSettings, running
from tests.api_registry.processes import alive, descendants, eventually
from tests.conftest import SmallRun
from tests.deploying.running_up import wait_for
from tests.flows.prefect_server import server  # noqa: F401 - a fixture

# Prefect leaves connections of its own client and events to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.usefixtures("server")
def test_the_flow_runs_a_task_per_shard_and_shows_the_funnel(tmp_path: Path) -> None:
    published = tmp_path / "published"
    config = RunConfig.model_validate(
        {"samples": 250, "output": {"out": str(tmp_path), "shard_size": 100},
         "publish": {"to": str(published)}}
    )  # fmt: skip

    async def run() -> tuple[set[str], dict[str, str]]:
        result = await generate_fc(config)
        assert result.made == 250
        assert result.after is not None and result.after.published is not None
        assert (published / "manifest.json").exists()
        async with httpx.AsyncClient(base_url=str(PREFECT_API_URL.value())) as client:
            runs = (await client.post("/task_runs/filter", json={})).json()
            items = (await client.post("/artifacts/filter", json={})).json()
        tasks = {run["name"] for run in runs}
        data = {item["key"]: str(item["data"]) for item in items}
        funnel = result.manifest.funnel
        table = json.loads(data["funnel"])
        assert table[0] == {"stage": "drafts", "reason": "", "count": funnel.drafts}
        assert table[-1] == {"stage": "kept", "reason": "", "count": funnel.kept}
        assert sum(row["count"] for row in table[1:]) == funnel.drafts
        return tasks, data

    tasks, data = asyncio.run(run())
    assert tasks == {"shard-00000", "shard-00001", "shard-00002", "publish"}
    assert set(data) == {"drafts", "funnel", "report", "data-set", "report-page"}
    assert float(data["drafts"]) == 100.0
    assert "## Sample records" in data["report"]


@pytest.mark.usefixtures("server")
def test_the_audit_runs_as_a_flow_and_shows_its_counts(tmp_path: Path) -> None:
    tools = [{"name": "square", "parameters": {"x": {"type": "float"}}}]
    path = tmp_path / "rows.jsonl"
    rows = [
        {"query": "4?", "tools": tools, "answers": [{"name": name, "arguments": {"x": 4}}]}
        for name in ("square", "cube")
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))

    async def run() -> str:
        result = await verify_fc(AuditConfig(file=str(path), workers=1))
        assert (result.rows, result.passed) == (2, 1)
        assert result.failed == {"format": {"unknown_tool": 1}}
        async with httpx.AsyncClient(base_url=PREFECT_API_URL.value()) as client:
            artifact = await client.get("/artifacts/audit/latest")
        return str(artifact.json()["data"])

    assert json.loads(asyncio.run(run()))[0]["reason"] == "unknown_tool"


@pytest.mark.usefixtures("server")
def test_an_evaluation_runs_as_a_flow_and_shows_its_scores(tmp_path: Path) -> None:
    data = Path(__file__).parent / "scored" / "rows.jsonl"
    known = {json.loads(line)["query"]: () for line in data.read_text().splitlines()}

    async def run(url: str) -> str:
        config = EvaluateConfig.model_validate(
            {"model": "fake-model", "data": str(data), "variants": ["plain"],
             "out": str(tmp_path / "out"), "endpoint": {"base_urls": [url]}}
        )  # fmt: skip
        found = await evaluate_fc(config)
        assert found.scores["plain"].total["irrelevance"].value == 1.0
        async with httpx.AsyncClient(base_url=str(PREFECT_API_URL.value())) as client:
            artifact = await client.get("/artifacts/scores/latest")
        return str(artifact.json()["data"])

    with running(FakeSettings(known_answers=known)) as fake:
        table = json.loads(asyncio.run(run(fake.url)))
    assert table[0] == {
        "variant": "plain", "score": "exact", "questions": 16, "value": "31.2% [14.2%, 55.6%]",
    }  # fmt: skip


@pytest.mark.usefixtures("server")
def test_the_flow_publishes_a_run_and_a_second_one_sends_nothing(
    small_run: SmallRun, tmp_path: Path
) -> None:
    config = PublishConfig(
        run=str(small_run.result.folder.path), to=(tmp_path / "published").as_uri()
    )
    first = asyncio.run(publish_fc(config))
    again = asyncio.run(publish_fc(config))
    assert (first.sent, again.sent) == (first.files, 0)
    assert (tmp_path / "published" / "manifest.json").is_file()


@pytest.mark.usefixtures("server")
def test_a_training_runs_as_a_flow_and_shows_its_losses(
    small_run: SmallRun, tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    held_out = Point(step=2, loss=0.5, calls=0.25, chat=0.75)
    stage = StageRecord(
        kind="sft", train=PreparedRecord(rows=9, used=9, examples=9), held_out=PreparedRecord(),
        steps=2, epochs=1.0, rows_seen=9, tokens_seen=900, losses=(Point(step=1, loss=2.0),),
        held_out_losses=(held_out,), chosen_step=2, chosen_loss=0.5, parameters=10, trainable=1,
        seconds=1.0, device="cpu", processes=1,
    )  # fmt: skip
    record = TrainingRecord(
        identity="0", command="callforge finetune", config={}, model="some/model", data=(),
        versions={}, preflight={"prefix preserving": "yes"}, stages=(stage,), result="adapter",
        seconds=1.0,
    )  # fmt: skip
    # A finished training: the flow only reads it, so that no server waits for steps.
    (tmp_path / "training.json").write_text(record.model_dump_json())
    (tmp_path / "adapter").mkdir()
    config = FinetuneConfig(
        model="some/model",
        data=(Source(path=str(small_run.result.folder.path)),),
        out=str(tmp_path),
    )
    assert finetune_fc(config) == record
    with httpx.Client(base_url=str(PREFECT_API_URL.value())) as client:
        data = {
            key: str(client.get(f"/artifacts/{key}/latest").json()["data"])
            for key in ("losses", "finetune", "training")
        }
    assert json.loads(data["losses"]) == [
        {"stage": "0 (sft)", "rows": "training", "step": 1, "loss": 2.0, "calls": "", "chat": ""},
        {"stage": "0 (sft)", "rows": "held out", "step": 2, "loss": 0.5, "calls": 0.25,
         "chat": 0.75},
    ]  # fmt: skip
    assert "| prefix preserving | yes |" in data["finetune"]
    assert float(data["training"]) == 100.0


def interrupted(folder: Path, number: signal.Signals, **environment: str) -> tuple[int, str]:
    """End a long `callforge generate --prefect`: Ctrl-C as a terminal sends it, others to it alone.

    Returns exit code and what it said, once nothing of it is left.
    """
    said = folder / "said.txt"
    with said.open("w") as output:
        process = subprocess.Popen(
            [*COMMAND, "--samples", "20000"],
            cwd=folder, env=os.environ | environment, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        shards = folder / "runs" / "stopped" / "shards"
        wait_for(lambda: process.poll() or list(shards.glob("*.json")) or None, "a shard")
        started = descendants(process.pid)
        if number is signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        code = process.wait()
    finally:
        process.kill()
    eventually(lambda: not any(map(alive, started)))
    return code, said.read_text()


COMMAND = [
    sys.executable, "-m", "flows.cli", "generate", "--prefect", "--name", "stopped",
    "--shard-size", "100", "--seed", "1",
]  # fmt: skip
GOES_ON = "interrupted; finished shards are kept, the same command goes on"


def test_ctrl_c_ends_a_flow_and_its_temporary_server_in_good_order(tmp_path: Path) -> None:
    code, said = interrupted(tmp_path, signal.SIGINT, PREFECT_HOME=str(tmp_path / "home"))
    assert (code, GOES_ON in said) == (130, True), said
    assert "Starting temporary server" in said
    # A server that ended first leaves the flow without an answer, and with errors about that.
    assert "Traceback" not in said and "connection" not in said


@pytest.mark.usefixtures("server")
def test_sigterm_ends_a_flow_as_it_ends_a_run_and_errors_take_a_line(tmp_path: Path) -> None:
    api = {"PREFECT_API_URL": str(PREFECT_API_URL.value())}
    code, said = interrupted(tmp_path, signal.SIGTERM, **api)
    assert (code, GOES_ON in said, "Traceback" in said) == (143, True, False), said
    done = subprocess.run(
        [*COMMAND, "--samples", "10", "--seed", "2"],
        cwd=tmp_path, env=os.environ | api, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "error: run `stopped` exists with another `seed` (1, now 2)" in done.stderr
    assert "the same command goes on from there" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
