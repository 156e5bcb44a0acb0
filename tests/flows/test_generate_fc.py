"""The Prefect flow, on a real temporary server."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, FlowRunFilter, TaskRunFilter
from prefect.client.schemas.sorting import ArtifactSort, TaskRunSort
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from flows.config import RunConfig
from flows.generate_fc import generate_fc


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
        async with get_client() as client:
            tasks = {
                task.name
                for task in await client.read_task_runs(sort=TaskRunSort.NAME_ASC, limit=50)
            }
            artifacts = await client.read_artifacts(
                artifact_filter=ArtifactFilter(),
                flow_run_filter=FlowRunFilter(),
                task_run_filter=TaskRunFilter(),
                sort=ArtifactSort.KEY_ASC,
                limit=50,
            )
        data = {str(item.key): str(item.data) for item in artifacts}
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
