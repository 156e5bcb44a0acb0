"""Training, through the command line and its own processes; needs the extra `train`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from api_registry.errors import UsageError
from flows.finetune_command import print_training
from flows.training import extra
from flows.training.config import FinetuneConfig
from flows.training.finetune import check, checked, finetune, found_sources
from flows.training.folder import TrainingFolder
from flows.training.record import StageRecord, TrainingRecord
from flows.training.worker import train_stage
from tests.chat_models import save_chat_model
from tests.conftest import make_run
from tests.test_docs import snippets

torch: Any = pytest.importorskip("torch", reason="torch is not installed")
# What these libraries warn each other of is theirs to mend.
pytestmark = pytest.mark.filterwarnings("default")

ROOT = Path(__file__).parents[2]
TOOLS = '''
def rent_total(months: int, monthly: float) -> float:
    """Add up the rent of some months.

    Args:
        months: Number of months.
        monthly: Rent of a month.
    """
    return months * monthly


def days_between(first: int, last: int) -> int:
    """Count the days from one day of the year to another.

    Args:
        first: First day.
        last: Last day.
    """
    return last - first
'''


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run `runs/my-run` of short rows, and a random model of 64 dimensions."""
    folder = tmp_path_factory.mktemp("training")
    (folder / "my_tools.py").write_text(TOOLS)
    make_run(
        folder / "runs", samples=80, name="my-run", apis=[str(folder / "my_tools.py")],
        generator={"faults": 0.2}, plan={"final_answer": 0.2},
    )  # fmt: skip
    save_chat_model(folder / "model")
    return folder


def command(work: Path, *arguments: str) -> list[str]:
    return [
        *(sys.executable, "-m", "flows.cli", "finetune", "my-run", "--model", str(work / "model")),
        *("--runs", str(work / "runs"), *arguments),
    ]


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PATH": ""}


def killed_at_a_checkpoint(arguments: list[str], out: Path, step: int) -> None:
    """Start the command and kill it, and only it, without warning, once a checkpoint is there."""
    wanted = out / "checkpoints" / "0" / f"checkpoint-{step}" / "session.json"
    with subprocess.Popen(
        arguments, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 600
        while not wanted.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        said = process.stderr.read() if process.stderr and not running else b""
    assert running and wanted.exists(), said.decode()


@pytest.mark.timeout(900)  # three processes that import torch, on a machine that may be busy
def test_a_killed_training_goes_on_from_its_last_checkpoint_through_all_stages_and_merges(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    out = work / "out"
    shards = {path: path.stat().st_mtime_ns for path in (work / "runs").rglob("*.parquet")}
    arguments = command(
        work, "--out", str(out), "--stage", "sft", "--stage", "dpo", "--max-steps", "3",
        "--max-length", "4096", "--gradient-accumulation", "1", "--no-packing",
        "--learning-rate", "0.01",
    )  # fmt: skip
    killed_at_a_checkpoint(arguments, out, 2)
    config = TrainingFolder(out).config()
    said: list[str] = []
    heard: list[Any] = []
    record = finetune(config, out, say=said.append, hear=heard.append)
    assert any(line.startswith("going on from") for line in said)
    assert record == TrainingRecord.model_validate_json((out / "training.json").read_text())
    sft, dpo = record.stages
    assert [stage.kind for stage in record.stages] == ["sft", "dpo"]
    assert sft.resumed_from in ((2,), (3,))
    assert [point.step for point in sft.losses] == [1, 2, 3]
    assert [point.step for point in sft.held_out_losses] == [1, 2, 3]
    assert dpo.resumed_from == ()
    # The second stage starts from the first one's adapter, which its reference is then too.
    assert dpo.losses[0].loss == pytest.approx(0.6931, abs=1e-3)
    assert {path: path.stat().st_mtime_ns for path in shards} == shards
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert not (out / "prepared").exists()

    assert {event["stage"] for event in heard} == {0, 1}
    print_training(record, out)
    printed = capsys.readouterr().out
    assert "sft: 3 steps over" in printed
    assert f"Adapter: {out / 'adapter'}" in printed

    assert finetune(config, out, say=said.append) == record
    assert "is finished: nothing to train" in said[-1]
    merged = finetune(config.model_copy(update={"merge": True}), out)
    assert merged == record.model_copy(update={"merged": "merged"})
    with pytest.raises(UsageError, match=r"has a training with another `seed` \(0, now 7\)"):
        finetune(config.model_copy(update={"seed": 7}), out)
    assert_reloads(work / "model", out)


def assert_reloads(model: Path, out: Path) -> None:
    """The adapter changes what the model says, and the merged model says the same."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(out / "adapter")("17 months?", return_tensors="pt")
    base = AutoModelForCausalLM.from_pretrained(model)
    with torch.no_grad():
        plain = base(**tokens).logits
        adapted = PeftModel.from_pretrained(base, str(out / "adapter"))(**tokens).logits
        merged = AutoModelForCausalLM.from_pretrained(out / "merged")(**tokens).logits
    assert not torch.allclose(plain, adapted, atol=1e-4)
    assert torch.allclose(merged, adapted, atol=1e-4)


def test_all_weights_are_trained_with_dpo_against_the_model_they_were_before(
    work: Path,
) -> None:
    config = settings(work, kind="dpo", method="full", max_steps=2, learning_rate=1e-3)
    stage = trained_here(config, work / "full")
    assert stage.parameters == stage.trainable
    assert stage.losses[0].loss == pytest.approx(0.6931, abs=1e-3)  # ln 2: both models are one
    assert (work / "full" / "model" / "model.safetensors").is_file()
    assert not (work / "full" / "model" / "training_args.bin").exists()


def test_packed_examples_are_all_there_and_xlam_prompts_train(work: Path) -> None:
    config = settings(work, format="xlam", max_steps=2, packing=True, max_length=5000)
    stage = trained_here(config, work / "packed")
    assert stage.train.examples >= stage.train.rows
    assert stage.tokens_seen > 2 * stage.train.lengths.median
    assert stage.chosen_loss == min(point.loss for point in stage.held_out_losses)
    for point in stage.held_out_losses:
        assert (
            min(point.calls or 9, point.chat or 9)
            <= point.loss
            <= max(point.calls or 0, point.chat or 0)
        )


def settings(work: Path, **changed: Any) -> FinetuneConfig:
    """Settings of a training on the run, short enough for a test."""
    return FinetuneConfig.model_validate(
        {
            "model": str(work / "model"),
            "data": str(work / "runs" / "my-run"),
            "max_length": 4096,
            "gradient_accumulation": 1,
            "validation": 0.1,
            **changed,
        }
    )


def trained_here(config: FinetuneConfig, out: Path) -> StageRecord:
    """Train the one stage of some settings in this process, as a process of `finetune` would."""
    folder = TrainingFolder(out)
    with folder.opened(config, {"test": True}):
        checked(config, found_sources(config), folder, lambda line: None)
        train_stage(out, 0)
    found = folder.stage(0)
    assert found is not None
    return found


def test_what_cannot_be_trained_is_refused_before_anything_is_made(
    work: Path, tmp_path: Path
) -> None:
    for changed, said in (
        ({"model": str(tmp_path)}, "expected a model's folder, or its name on the Hub"),
        ({"method": "qlora"}, "--method qlora needs an NVIDIA GPU"),
        ({"max_length": 900}, r"rows cannot be used.*too long"),
        ({"max_length": 20000, "model": str(short_model(work))}, "the model reads 1,024"),
        ({"accelerate": "fsdp9"}, "expected a file, or one of fsdp2, multi-gpu, zero2, zero3"),
        ({"model": ""}, "no model to train"),
        ({"data": ()}, "nothing to train on"),
    ):
        with pytest.raises(UsageError, match=said):
            check(settings(work, **changed))


def short_model(work: Path) -> Path:
    return save_chat_model(work / "short", positions=1024)


def test_a_check_says_what_was_found_and_trains_nothing(work: Path) -> None:
    said: list[str] = []
    found = check(settings(work, method="full", precision="fp32"), said.append)
    assert found["prefix preserving"] == "yes"
    assert found["stop tokens"].endswith("<|im_end|>, where the model stops")
    assert found["parameters"] == "110,016, of which 110,016 are trained"
    assert "0 left out" not in found["stage 0 (sft)"]
    assert said == [f"{name}: {text}" for name, text in found.items()]


def test_the_check_shown_in_the_page_on_training_runs(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = snippets("docs/training.md", "python")
    monkeypatch.chdir(work)
    exec(compile(code, "docs/training.md", "exec"), {})
    said = capsys.readouterr().out
    assert "prefix preserving: yes\n" in said
    assert "stage 0 (sft): " in said


def test_a_command_without_the_extra_says_what_installs_it(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ("torch", "a_package_that_is_nowhere"))
    with pytest.raises(
        UsageError, match=r"needs a_package_that_is_nowhere.*'\.\[train\]'"
    ) as error:
        finetune(settings(work), work / "never")
    assert error.value.exit_code == 2
    assert not (work / "never").exists()
