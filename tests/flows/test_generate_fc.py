"""The Prefect flow, on a real temporary server."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)
from prefect.testing.utilities import prefect_test_harness

from flows.config import RunConfig
from flows.generate_fc import generate_fc

# Prefect leaves connections of its own client and events to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with (
        temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}),
        prefect_test_harness(server_startup_timeout=120),
    ):
        yield


@pytest.mark.usefixtures("server")
def test_the_flow_runs_a_task_per_shard_and_shows_the_funnel(tmp_path: Path) -> None:
    config = RunConfig.model_validate(
        {"samples": 250, "output": {"out": str(tmp_path), "shard_size": 100}}
    )

    async def run() -> tuple[set[str], dict[str, str]]:
        result = await generate_fc(config)
        assert result.made == 250
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
    assert tasks == {"shard-00000", "shard-00001", "shard-00002"}
    assert set(data) == {"drafts", "funnel", "report"}
    assert float(data["drafts"]) == 100.0
    assert "## Sample records" in data["report"]
