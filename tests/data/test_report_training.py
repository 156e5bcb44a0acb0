"""The report's section on what was trained on a run."""

import json
from pathlib import Path

from data.report.training import trainings

POINTS = [{"step": step, "loss": 2.0 / step} for step in range(1, 101)]
STAGE = {
    "kind": "sft",
    "train": {"examples": 1200},
    "steps": 100,
    "tokens_seen": 480_000,
    "losses": POINTS,
    "held_out_losses": [
        {"step": 50, "loss": 0.5, "calls": 0.4, "chat": 0.9},
        {"step": 100, "loss": 0.45, "calls": 0.35, "chat": None},
    ],
    "chosen_step": 100,
    "chosen_loss": 0.45,
}


def test_losses_of_a_training_are_drawn_and_tabled_with_calls_apart(tmp_path: Path) -> None:
    (tmp_path / "tuned").mkdir()
    record = {"model": "Qwen/Qwen3-8B", "stages": [STAGE, {**STAGE, "kind": "dpo"}]}
    (tmp_path / "tuned" / "training.json").write_text(json.dumps(record))
    first, second = trainings(tmp_path)
    assert (first.title, second.title) == ("Qwen3-8B, stage 0 (sft)", "Qwen3-8B, stage 1 (dpo)")
    assert "1,200 examples, 100 steps, 480,000 tokens" in first.remark
    assert "step 100, where the held-out loss is 0.4500" in first.remark
    assert first.head == ("step", "training", "held out", "calls", "other turns")
    assert ("50", "0.0400", "0.5000", "0.4000", "0.9000") in first.rows
    assert ("100", "0.0200", "0.4500", "0.3500", "") in first.rows
    assert len(first.rows) <= 45
    for label in first.head[1:]:
        assert f">{label}<" in first.svg


def test_a_run_without_a_training_or_with_a_broken_record_has_no_such_section(
    tmp_path: Path,
) -> None:
    assert trainings(tmp_path) == ()
    (tmp_path / "tuned").mkdir()
    for text in ("{", "[]", '{"model": 1, "stages": [{}]}'):
        (tmp_path / "tuned" / "training.json").write_text(text)
        assert trainings(tmp_path) == ()
