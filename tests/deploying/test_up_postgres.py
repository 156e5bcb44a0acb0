"""`callforge up` on PostgreSQL, with the chain to a model that was trained and evaluated."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasets import load_dataset

from tests.data.hub_stand_in import HubStandIn
from tests.deploying.postgres import NEEDED, PASSWORD, postgres
from tests.deploying.running_up import TOOLS, Up, artifacts, clone, rows_json, to_hub, wait_for

pytestmark = [NEEDED, pytest.mark.slow, pytest.mark.timeout(1200)]
SMALL = {"samples": 60, "apis": ["./my_tools.py"], "output": {"shard_size": 20}}
TRAINED = importlib.util.find_spec("peft") is not None


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = clone(tmp_path_factory.mktemp("clone"))
    (folder / "my_tools.py").write_text(TOOLS)
    options = ["--publish-to", "somebody/tools"]
    if TRAINED:
        from tests.chat_models import save_chat_model

        save_chat_model(folder / "model")
        _edit(folder / "prefect.yaml")
        options += ["--finetune", str(folder / "model")]
    hub = HubStandIn()
    with hub.serving(), postgres() as url:
        # In the environment, where no list of processes shows it.
        running = Up(folder, *options, CALLFORGE_DATABASE=url, **to_hub(hub))
        yield running
        assert running.end() == 0, running.said()
    for path in (folder / ".callforge").rglob("*"):
        text = path.read_bytes() if path.is_file() else b""
        assert PASSWORD.encode() not in text and b"s3cret" not in text, f"a password is in {path}"


def _edit(path: Path) -> None:
    """What somebody with a small model and little time writes in `prefect.yaml`."""
    content = yaml.safe_load(path.read_text())
    told: dict[str, dict[str, Any]] = {
        "finetune-fc": {"max_steps": 2, "max_length": 4096, "gradient_accumulation": 1},
        "evaluate-fc": {
            "questions": 4,
            "max_tokens": 8,
            "variants": ["plain"],
            "splits": ["train"],
        },
    }
    for deployment in content["deployments"]:
        if deployment["name"] in told:
            [trigger] = deployment["triggers"]
            trigger["parameters"]["config"] |= told[deployment["name"]]
    path.write_text(yaml.safe_dump(content))


@pytest.fixture(scope="module")
def run(up: Up) -> str:
    return up.start("generate-fc", SMALL)


def test_a_run_leaves_its_data_and_its_artifacts(up: Up, run: str) -> None:
    up.finished(run)
    found = artifacts(up, run)
    assert rows_json(found["funnel"])[0] == {"stage": "drafts", "reason": "", "count": 60}
    data = str(up.folder_of(run) / "dataset")
    rows = load_dataset(data, split="train", cache_dir=str(up.folder / "cache"))
    assert 30 < len(rows) <= 60
    assert not (up.folder / ".callforge" / "prefect" / "prefect.db").exists()


@pytest.mark.skipif(not TRAINED, reason="torch is not installed")
def test_a_model_is_trained_on_what_was_published_and_evaluated(up: Up, run: str) -> None:
    up.finished(run)
    for name in ("publish-fc", "finetune-fc", "evaluate-fc"):
        [found] = wait_for(lambda name=name: up.runs_of(name), f"a run of {name}")
        up.finished(found["id"])
    scores = rows_json(artifacts(up, found["id"])["scores"])
    assert {row["questions"] for row in scores} <= {1, 2, 3, 4}
    assert found["parameters"]["config"]["data"] == str(up.folder_of(run))
