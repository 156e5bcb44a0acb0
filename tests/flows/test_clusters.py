"""The same run on a local Dask cluster and a local Ray cluster, by the command as it is typed."""

import asyncio
import os
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import pytest
from prefect.settings import PREFECT_API_URL
from pydantic import ValidationError

from api_registry.errors import ConfigError
from data.dataset import DatasetManifest, read_dataset_manifest
from flows.clusters import PrefectCluster
from flows.config import RunConfig
from flows.pipeline import RunResult
from flows.runner_config import RunnerConfig
from tests.conftest import make_run
from tests.flows.prefect_server import server  # noqa: F401 - a fixture
from tests.needed import needs
from tests.s3 import s3_server

ROOT = Path(__file__).parent.parent.parent
SETTINGS = ("--samples", "80", "--shard-size", "20", "--name", "scattered")
# Prefect leaves connections of its own client and events to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    out = tmp_path_factory.mktemp("local")
    return make_run(out, samples=80, name="scattered", output={"out": str(out), "shard_size": 20})


def generated(folder: Path, *options: str) -> str:
    """Run the command in a folder of its own; returns what it printed."""
    mark = uuid.uuid4().hex
    (folder / "run.toml").write_text("[runner]\nworkers = 2\nshards_per_task = 2\n")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "flows.cli",
            "generate",
            "--config",
            "run.toml",
            *SETTINGS,
            *options,
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PREFECT_API_URL": PREFECT_API_URL.value() or "",
            "CALLFORGE_TEST": mark,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert left_running(mark) == []
    return done.stdout


def left_running(mark: str) -> list[str]:
    """Command lines of the processes that were started with this mark and are still there."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # another's, or gone meanwhile
    return found


def task_names() -> set[str]:
    found = httpx.post(f"{PREFECT_API_URL.value()}/task_runs/filter", json={}, timeout=30).json()
    return {run["name"] for run in found}


def same(made: DatasetManifest | None, local: RunResult) -> bool:
    assert made is not None
    return (made.shards, made.splits) == (local.manifest.shards, local.manifest.splits)


@needs("prefect_dask", "moto")
@pytest.mark.usefixtures("server")
def test_dask_workers_make_the_same_data_and_exchange_it_through_a_bucket(
    local: RunResult, tmp_path: Path
) -> None:
    with s3_server():
        generated(tmp_path, "--runner", "dask", "--out", "s3://runs/dask")
    assert same(read_dataset_manifest(tmp_path / "runs/scattered/dataset"), local)
    assert {"shards-00000-00001", "shards-00002-00003", "keys-00000-00003"} <= task_names()


@needs("prefect_dask")
@pytest.mark.usefixtures("server")
def test_a_dask_cluster_without_workers_is_waited_for_and_said_to_be_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from distributed import LocalCluster

    options = {"host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(n_workers=0, **options) as dask:
        address = dask.scheduler_address
        cluster = PrefectCluster(RunnerConfig(name="dask", address=address))
        try:
            assert asyncio.run(cluster.places()) == 1
        finally:
            cluster.close()
    assert f"the Dask cluster at `{address}` has no workers" in caplog.text


@needs("prefect_ray")
@pytest.mark.usefixtures("server")
def test_ray_workers_make_the_same_data_in_a_folder_that_they_share(
    local: RunResult, tmp_path: Path
) -> None:
    generated(tmp_path, "--runner", "ray", "--out", "made")
    assert same(read_dataset_manifest(tmp_path / "made/scattered/dataset"), local)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"kept": 10}, "give --samples, or use --runner local"),
        ({"endpoint": {"budget": {"max_requests": 5}}}, "a budget is counted by one process"),
        (
            {
                "serve": {"model": "some/model"},
                "runner": {"name": "ray", "address": "ray://head:1"},
            },
            "give --base-url of servers that every worker",
        ),
        (
            {
                "generator": {"name": "llm", "llm": {"model": "m", "examples": 2}},
                "runner": {"name": "dask", "shards_per_task": 5},
            },
            "a larger `plan.lag`",
        ),
        ({"runner": {"name": "local", "address": "tcp://x:1"}}, "add --runner dask"),
    ],
)
def test_what_workers_on_their_own_cannot_know_is_refused_in_words(
    settings: dict[str, object], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        RunConfig.model_validate({"runner": {"name": "dask"}, **settings})


def test_a_cluster_needs_the_flow(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="add --prefect"):
        make_run(tmp_path, runner={"name": "dask"})
