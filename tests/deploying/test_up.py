"""`callforge up` end to end: a real server, a real worker, and what is typed beside them."""

import json
import os
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from datasets import load_dataset
from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import ObjectNotFound

from flows.config import RunConfig
from flows.deploying.plugin import accept_bare_names
from flows.deploying.prepare import WATCH
from flows.pipeline import RunResult
from tests.api_registry.processes import alive, descendants, eventually
from tests.browsing import MARKS, Browser
from tests.conftest import make_run
from tests.data.hub_stand_in import HubStandIn
from tests.deploying.running_up import TOOLS, Up, artifacts, clone, rows_json, to_hub, wait_for
from tests.test_docs import snippets

pytestmark = [
    pytest.mark.timeout(1200),
    # Selenium leaves its connection to the driver to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SMALL = {"samples": 60, "output": {"shard_size": 20}}
CHAINED = "publish-what-generate-fc-made"


@pytest.fixture(scope="module")
def hub() -> Iterator[HubStandIn]:
    stand_in = HubStandIn()
    with stand_in.serving():
        yield stand_in


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, hub: HubStandIn) -> Iterator[Up]:
    folder = clone(tmp_path_factory.mktemp("clone"))
    running = Up(folder, "--publish-to", "somebody/tools", **to_hub(hub))
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


def test_a_bare_name_that_means_nothing_or_several_is_an_error_that_says_so(
    up: Up, capsys: pytest.CaptureFixture[str]
) -> None:
    accept_bare_names()
    other = up.ask("/flows/", {"name": "other"})["id"]
    twin = up.ask("/deployments/", {"name": "verify-fc", "flow_id": other})["id"]
    try:
        with SyncPrefectClient(up.url) as client:
            assert client.read_deployment_by_name("publish-fc").name == "publish-fc"
            for name in ("nothing", "verify-fc"):
                with pytest.raises(ObjectNotFound):
                    client.read_deployment_by_name(name)
    finally:
        up.ask(f"/deployments/{twin}", method="DELETE")
    said = capsys.readouterr().err
    assert "no deployment is called `nothing`" in said
    assert "name one in full: other/verify-fc, verify-fc/verify-fc" in said


def test_an_automation_that_tells_somebody_is_accepted_as_the_page_shows_it(up: Up) -> None:
    [shown] = [yaml.safe_load(text) for text in snippets("docs/deploy.md", "yaml")]
    kind = up.ask("/block_types/slug/slack-webhook")["id"]
    schema = up.ask("/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})
    block = {
        "name": "somebody", "block_type_id": kind, "block_schema_id": schema[0]["id"],
        "data": {"url": "http://127.0.0.1:9/nobody"},
    }  # fmt: skip
    shown["actions"][0]["block_document_id"] = up.ask("/block_documents/", block)["id"]
    made = up.ask("/automations/", shown)
    assert set(made["trigger"]["expect"]) == set(shown["trigger"]["expect"])
    names = {one["name"] for one in up.ask("/automations/filter", {})}
    assert {"tell-of-failed-runs", WATCH, CHAINED} <= names


def test_the_form_in_the_ui_has_every_setting_with_a_description(up: Up) -> None:
    schema = up.deployment("generate-fc")["parameter_openapi_schema"]
    assert schema["properties"]["config"]["$ref"] == "#/definitions/RunConfig"
    assert set(schema["definitions"]["RunConfig"]["properties"]) == set(RunConfig.model_fields)
    for name in ("generate-fc", "verify-fc", "publish-fc", "finetune-fc", "evaluate-fc"):
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
    link = found["report-page"].rpartition("(")[2].removesuffix(")")
    assert "<title>" in httpx.get(link).text
    body = {"task_runs": {"name": {"like_": "shard-"}}}
    assert {run["name"] for run in up.ask("/task_runs/filter", body)} == {
        "shard-00000", "shard-00001", "shard-00002",
    }  # fmt: skip


def test_what_a_deployment_has_made_is_published_by_the_next(
    up: Up, watched: tuple[str, str], hub: HubStandIn
) -> None:
    [run] = wait_for(lambda: up.runs_of("publish-fc"), "a run of publish-fc")
    up.finished(run["id"])
    name = up.folder_of(watched[0]).name
    [tag] = hub.repos["somebody/tools"].tags
    assert tag.startswith(f"{name}-")
    assert artifacts(up, run["id"])["published"].startswith("[http")


def test_each_scheduled_run_makes_data_of_its_own(up: Up, watched: tuple[str, str]) -> None:
    paused = up.prefect("automation", "pause", CHAINED)
    assert paused.returncode == 0, paused.stdout + paused.stderr
    deployment = up.deployment("generate-fc")
    [nightly] = deployment["schedules"]
    assert (nightly["active"], nightly["schedule"]["cron"]) == (False, "0 3 * * *")
    often = {"schedule": {"interval": 40}, "active": True, "parameters": {"config": SMALL}}
    [made] = up.ask(f"/deployments/{deployment['id']}/schedules", [often])

    def fired() -> str | None:
        runs = up.runs_of("generate-fc") or []
        return next((run["id"] for run in runs if run["state_type"] != "SCHEDULED"
                     and run["auto_scheduled"]), None)  # fmt: skip

    run = wait_for(fired, "a scheduled run")
    path = f"/deployments/{deployment['id']}/schedules/{made['id']}"
    up.ask(path, {"active": False}, method="PATCH")
    up.finished(run)
    seeds = [_seed(up.folder_of(each)) for each in (watched[0], run)]
    assert seeds[0] != seeds[1]
    assert len(up.runs_of("publish-fc") or []) == 1, "the chain was switched off"


def _seed(folder: Path) -> int:
    return int(json.loads((folder / "run.json").read_text())["facts"]["seed"])


@MARKS[0]
def test_the_ui_shows_the_tasks_by_shard_and_the_report(
    up: Up, watched: tuple[str, str], tmp_path: Path
) -> None:
    browser = Browser(tmp_path / "profile")
    try:
        page = f"{up.url.removesuffix('/api')}/runs/flow-run/{watched[0]}"
        browser.driver.get(page)
        browser.shows("Completed", "shard-00002")
        body = {"artifacts": {"key": {"any_": ["report"]}, "flow_run_id": {"any_": [watched[0]]}}}
        [report] = up.ask("/artifacts/filter", body | {"limit": 1})
        browser.driver.get(f"{up.url.removesuffix('/api')}/artifacts/artifact/{report['id']}")
        browser.shows("Sample records", "missing_argument")
    finally:
        browser.driver.quit()


def test_a_run_cancelled_and_killed_with_flow_worker_and_server_becomes_what_it_would_have_been(
    up: Up, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Last in this module, as it ends what the others share."""
    (up.folder / "slow_tools.py").write_text(TOOLS.replace("PAUSE_S = 0.0", "PAUSE_S = 0.2"))
    settings: dict[str, Any] = {
        "samples": 240, "seed": 5, "name": "killed", "apis": ["./slow_tools.py"],
        "output": {"shard_size": 40},
    }  # fmt: skip
    shards = up.folder / "runs" / "killed" / "shards"

    def made(count: int) -> bool | None:
        return len(list(shards.glob("*.json"))) >= count or None

    run = up.start("generate-fc", settings)
    wait_for(lambda: made(1), "the first shard")
    killed = up.process_of(run)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: up.state(run) == "Crashed" or None, "the worker's notice")
    # Prefect's worker reports the crash twice; its second word would end what is retried before.
    last_word = "prefect.flow_runs.worker - Check whether the flow run exceeded"
    wait_for(lambda: last_word in up.log("worker") or None, "the worker's last word")
    assert not made(6)

    up.retry(run)
    wait_for(lambda: made(2), "the second shard")
    flow = wait_for(lambda: {up.process_of(run)} - {killed} or None, "another process").pop()
    at_work = {flow} | wait_for(lambda: descendants(flow) or None, "processes that run its calls")
    up.cancel(run)
    eventually(lambda: not any(map(alive, at_work)))
    assert not made(6)

    up.retry(run)
    wait_for(lambda: made(3), "the third shard")
    assert up.kill(up.part("worker")) == 1
    assert "the worker ended on its own" in up.said()
    assert not made(6)

    again = Up(up.folder)
    state = again.ask(f"/flow_runs/{run}")["state"]
    assert (state["name"], "Retry goes on from there" in state["message"]) == ("Crashed", True)
    again.retry(run)
    wait_for(lambda: made(5), "the fifth shard")
    assert again.kill(again.part("server")) == 1
    assert "the server ended on its own" in again.said()

    # By its own command it goes on as well, in no server's hands.
    monkeypatch.chdir(up.folder)
    last = make_run(Path(), **settings)
    assert last.made <= 80
    out = {"output": settings["output"] | {"out": str(tmp_path)}}
    assert _contents(last) == _contents(make_run(tmp_path, **settings | out))


def _contents(result: RunResult) -> dict[str, str]:
    """Digest of each file of records, of shards and of data set."""
    paths = result.folder.path.rglob("*.parquet")
    return {
        str(path.relative_to(result.folder.path)): sha256(path.read_bytes()).hexdigest()
        for path in paths
    }
