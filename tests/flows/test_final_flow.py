"""The final flow end to end: made, published, fine-tuned, compared and handed on; and resumed.

Needs the extra `train`; the model is random, and made on the spot.
"""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from api_registry.errors import ConfigError, ServerError, UsageError
from data.run_folder import RunFolder
from flows.after_run import refuse_early, tuning_of
from flows.config import RunConfig, read_config
from flows.evaluation.comparison import local_model, read_comparison
from flows.pipeline import whole
from flows.training.record import TrainingRecord
from tests.chat_models import save_chat_model
from tests.conftest import SilentProgress
from tests.data.hub_stand_in import HubStandIn

ROOT = Path(__file__).parents[2]
DATA, ADAPTER = "somebody/calls", "somebody/calls-adapter"
SETTINGS = """
samples = 120
name = "mine"
[plan]
tools_min = 2
tools_max = 2
test = 0.1
[finetune]
max_steps = 2
max_length = 8192
packing = false
gradient_accumulation = 1
checkpoint_every = 2
gradient_checkpointing = false
[finetune.lora]
r = 4
[comparison]
questions = 2
max_tokens = 4
"""


def callforge(folder: Path, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", "generate", "--config", "final.toml", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "HF_HOME": str(folder / "hf"),
            "HF_ENDPOINT": url,
            "HF_TOKEN": "stand-in",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "300",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(900)
def test_every_stage_is_gone_through_once_whatever_comes_between(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    save_chat_model(tmp_path / "tiny-base")
    (tmp_path / "tiny-base" / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# Tiny\n")
    (tmp_path / "final.toml").write_text(SETTINGS)
    arguments = ["--finetune", "tiny-base", "--publish", DATA, "--push", ADAPTER]

    # The Hub is not there: the run is made, and nothing comes after it.
    failed = callforge(tmp_path, "http://127.0.0.1:9", *arguments)
    assert failed.returncode == 1, failed.stderr
    assert "the same command goes on" in failed.stderr
    run, tuned = tmp_path / "runs/mine", tmp_path / "runs/mine/tuned"
    assert (run / "dataset/manifest.json").exists()
    assert not tuned.exists()

    hub = HubStandIn()
    with hub.serving() as url:
        done = callforge(tmp_path, url, *arguments)
        assert done.returncode == 0, done.stderr
        said = done.stdout
        assert "is complete: nothing to make" in said
        assert "Published: the data set of `mine`" in said
        assert "Exact match, plain: 0.0% before, 0.0% after" in said
        assert "Published: the adapter of `mine`" in said
        record = TrainingRecord.model_validate_json((tuned / "training.json").read_text())
        assert record.stages[0].steps == 2
        assert [source.run for source in record.data] == ["runs/mine"]
        check_adapter(hub, tuned)

        # As if it had been killed between the training and its comparison.
        before = (tuned / "training.json").stat().st_mtime_ns
        (tuned / "comparison.json").unlink()
        again = callforge(tmp_path, url, *arguments)
        assert again.returncode == 0, again.stderr
        for told in ("nothing to train", "Published before: the data set", "asking the model"):
            assert told in again.stdout
        assert (tuned / "training.json").stat().st_mtime_ns == before
        # The same answers, so the same card: nothing is sent twice.
        assert "Published before: the adapter" in again.stdout
    assert len(hub.repos[DATA].commits) == len(hub.repos[ADAPTER].commits) == 2


def check_adapter(hub: HubStandIn, tuned: Path) -> None:
    """What was pushed is the adapter with its card, and says nothing of this machine."""
    files = hub.repos[ADAPTER].commits[-1][2]
    assert {"adapter_config.json", "adapter_model.safetensors", "README.md"} <= set(files)
    assert {"training.json", "comparison.json", "loss.png"} <= set(files)
    assert (
        files["adapter_model.safetensors"]
        == (tuned / "adapter/adapter_model.safetensors").read_bytes()
    )
    card = files["README.md"].decode()
    header = yaml.safe_load(card[4:].partition("\n---")[0])
    assert header["library_name"] == "peft"
    assert header["base_model"] == "tiny-base"
    assert header["datasets"] == [DATA]
    assert header["license"] == "cc-by-4.0"  # stricter than that of the data
    comparison = read_comparison(tuned)
    assert comparison is not None and comparison.questions == 2
    assert "| plain | exact | 2 | 0.0% | 0.0% |" in card
    home = str(tuned.parents[2]).encode()
    assert not any(home in content for name, content in files.items() if name.endswith(".json"))
    assert json.loads(files["training.json"])["stages"][0]["steps"] == 2


def test_the_run_itself_is_trained_on_in_a_folder_of_its_own(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "mine")
    config = RunConfig.model_validate(
        {"finetune": {"model": "m", "data": ["more.jsonl"], "stages": [{"kind": "dpo"}]}}
    )
    tuning = tuning_of(config.finetune, run)
    assert [source.path for source in tuning.data] == [str(run.path), "more.jsonl"]
    assert tuning.out == str(run.path / "tuned")
    assert [stage.data for stage in tuning.whole_stages()] == [tuning.data]
    elsewhere = config.finetune.model_copy(update={"out": "there"})
    assert tuning_of(elsewhere, run).out == "there"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"publish": {"adapter": "a/b"}}, "give --finetune MODEL"),
        ({"publish": {"repo": "nothing"}}, "expected USER/NAME"),
        ({"publish": {"repo": "a/b", "to": "there"}}, "name one place"),
        ({"publish": {"to": "s3://me:secret@there/x"}}, "password"),
        ({"comparison": {"questions": 0}}, "comparison.questions"),
    ],
)
def test_stages_that_make_no_sense_are_refused_before_anything_is_made(
    settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        read_config(None, settings)


def test_a_model_of_the_hub_is_asked_as_it_was_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    cached = tmp_path / "models--org--tiny"
    for revision, commit in (("main", "a" * 40), ("v2", "b" * 40)):
        (cached / "snapshots" / commit).mkdir(parents=True)
        (cached / "refs").mkdir(exist_ok=True)
        (cached / "refs" / revision).write_text(commit)
    for revision, commit in ((None, "a" * 40), ("v2", "b" * 40)):
        assert local_model("org/tiny", revision) == str(cached / "snapshots" / commit)
    assert local_model(str(tmp_path), None) == str(tmp_path)
    assert local_model("org/never-there", None) == "org/never-there"
    assert local_model("./not/a/folder", None) == "./not/a/folder"


def test_a_model_that_is_not_there_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    config = RunConfig.model_validate(
        {"finetune": {"model": "./nowhere"}, "output": {"out": str(tmp_path)}}
    )
    with pytest.raises(ServerError, match=r"there is no folder `\./nowhere`"):
        asyncio.run(whole(config, SilentProgress()))
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_published_is_refused_before_anything_is_paid_for() -> None:
    written = {"name": "llm", "llm": {"model": "m"}}
    settings: dict[str, Any] = {"publish": {"repo": "a/b"}, "generator": written}
    with pytest.raises(UsageError, match=r"`dataset\.generator_license`"):
        refuse_early(RunConfig.model_validate(settings))
    known = {"dataset": {"generator_license": "llama3.1"}}
    refuse_early(RunConfig.model_validate(settings | known))
    refuse_early(RunConfig.model_validate({"publish": {"repo": "a/b"}}))


def test_nothing_comes_after_a_run_unless_it_is_asked_for() -> None:
    assert not RunConfig().goes_on
    for settings in ({"publish": {"to": "x"}}, {"finetune": {"model": "m"}}):
        assert RunConfig.model_validate(settings).goes_on
