"""`callforge up` end to end: a real server, a real worker, and what is typed beside them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from flows.config import RunConfig
from tests.deploying.running_up import Up, artifacts, clone, rows_json, wait_for

pytestmark = pytest.mark.timeout(900)
SMALL = {"samples": 60, "output": {"shard_size": 20}}


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    running = Up(clone(tmp_path_factory.mktemp("clone")))
    yield running
    if running.process.poll() is None:
        assert running.end() == 0, running.said()


@pytest.fixture(scope="module")
def watched(up: Up) -> tuple[str, str]:
    """The id of a run that was started by the deployment's bare name, and what was said."""
    done = up.prefect(
        "deployment", "run", "generate-fc", "-p", f"config={json.dumps(SMALL)}",
        "--job-variable", 'env={"CALLFORGE_SEEN": "1"}', "--watch",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    [run] = [line.split()[-1] for line in done.stdout.splitlines() if "UUID:" in line]
    return run, done.stdout


def test_a_bare_name_starts_a_run_and_watches_it_finish(up: Up, watched: tuple[str, str]) -> None:
    run, said = watched
    assert "Flow run finished successfully" in said
    assert up.ask(f"/flow_runs/{run}")["job_variables"] == {"env": {"CALLFORGE_SEEN": "1"}}
    [folder] = (up.folder / "runs").iterdir()
    rows = load_dataset(str(folder / "dataset"), split="train", cache_dir=str(up.folder / "cache"))
    assert 30 < len(rows) <= 60
    assert "prefect deployment run" in (folder / "dataset" / "README.md").read_text()


def test_the_form_in_the_ui_has_every_setting_with_a_description(up: Up) -> None:
    schema = up.deployment("generate-fc")["parameter_openapi_schema"]
    assert schema["properties"]["config"]["$ref"] == "#/definitions/RunConfig"
    assert set(schema["definitions"]["RunConfig"]["properties"]) == set(RunConfig.model_fields)
    for name in ("generate-fc", "verify-fc", "publish-fc", "evaluate-fc"):
        definitions = up.deployment(name)["parameter_openapi_schema"]["definitions"]
        silent = [
            f"{model}.{field}"
            for model, content in definitions.items()
            for field, about in content.get("properties", {}).items()
            if not (about.get("description") or "$ref" in about)
        ]
        assert not silent, f"{name} has settings without a word about them"


def test_a_form_as_the_ui_sends_it_is_accepted() -> None:
    sent = RunConfig().model_dump(mode="json") | {"kept": 30}
    assert RunConfig.model_validate(sent).kept == 30


def test_the_run_tells_its_story_in_artifacts(up: Up, watched: tuple[str, str]) -> None:
    found = artifacts(up, watched[0])
    assert {"drafts", "funnel", "report"} <= found.keys()
    assert float(found["drafts"]) == 100
    assert rows_json(found["funnel"])[0] == {"stage": "drafts", "reason": "", "count": 60}
    assert "## Sample records" in found["report"]
    body = {"task_runs": {"name": {"like_": "shard-"}}}
    assert {run["name"] for run in up.ask("/task_runs/filter", body)} == {
        "shard-00000", "shard-00001", "shard-00002",
    }  # fmt: skip


def test_each_scheduled_run_makes_data_of_its_own(up: Up, watched: tuple[str, str]) -> None:
    deployment = up.deployment("generate-fc")
    [nightly] = deployment["schedules"]
    assert (nightly["active"], nightly["schedule"]["cron"]) == (False, "0 3 * * *")
    once = {"interval": 86_400, "anchor_date": _in_seconds(8)}
    soon = {"schedule": once, "active": True, "parameters": {"config": SMALL}}
    up.ask(f"/deployments/{deployment['id']}/schedules", [soon])

    def fired() -> list[Any] | None:
        body = {"flow_runs": {"deployment_id": {"any_": [deployment["id"]]}}, "sort": "ID_DESC"}
        runs = up.ask("/flow_runs/filter", body)
        done = [run for run in runs if run["auto_scheduled"] and run["state_type"] == "COMPLETED"]
        return done or None

    wait_for(fired, "a scheduled run")
    names = {json.loads(path.read_text())["facts"]["seed"] for path in _runs(up)}
    assert len(names) == len(_runs(up)) > 1


def _in_seconds(count: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=count)).isoformat()


def _runs(up: Up) -> list[Path]:
    return list((up.folder / "runs").glob("*/run.json"))
