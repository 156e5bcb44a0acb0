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
from flows.training.config import FinetuneConfig
from flows.training.finetune import finetune
from flows.training.record import TrainingRecord
from tests.chat_models import save_chat_model
from tests.conftest import make_run

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
    """A folder with a run `runs/rent` of short rows, and a random model of 64 dimensions."""
    folder = tmp_path_factory.mktemp("training")
    (folder / "my_tools.py").write_text(TOOLS)
    make_run(
        folder / "runs", samples=80, name="rent", apis=[str(folder / "my_tools.py")],
        generator={"faults": 0.2}, plan={"final_answer": 0.2},
    )  # fmt: skip
    save_chat_model(folder / "model")
    return folder


def command(work: Path, *arguments: str) -> list[str]:
    return [
        *(sys.executable, "-m", "flows.cli", "finetune", "rent", "--model", str(work / "model")),
        *("--runs", str(work / "runs"), *arguments),
    ]


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PATH": ""}


def killed_at_a_checkpoint(arguments: list[str], out: Path, step: int) -> None:
    """Start the command and kill it, and only it, without warning, once a checkpoint is there."""
    wanted = out / "checkpoints" / "0" / f"checkpoint-{step}" / "session.json"
    with subprocess.Popen(
        arguments, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 240
        while not wanted.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        said = process.stderr.read() if process.stderr and not running else b""
    assert running and wanted.exists(), said.decode()


def test_a_killed_training_goes_on_from_its_last_checkpoint_through_all_stages_and_merges(
    work: Path,
) -> None:
    out = work / "out"
    shards = {path: path.stat().st_mtime_ns for path in (work / "runs").rglob("*.parquet")}
    arguments = command(
        work, "--out", str(out), "--stage", "sft", "--stage", "dpo", "--max-steps", "3",
        "--max-length", "4096", "--gradient-accumulation", "1", "--no-packing", "--merge",
        "--learning-rate", "0.01",
    )  # fmt: skip
    killed_at_a_checkpoint(arguments, out, 2)
    done = subprocess.run(arguments, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "going on from" in done.stderr
    record = TrainingRecord.model_validate_json((out / "training.json").read_text())
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

    config = FinetuneConfig.model_validate(record.config)
    said: list[str] = []
    assert finetune(config, out, say=said.append) == record
    assert "is finished: nothing to train" in said[0]
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
