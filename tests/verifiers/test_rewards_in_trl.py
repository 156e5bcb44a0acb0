"""The reward drives TRL's GRPO trainer; needs torch, transformers, datasets and trl."""

import json
import math
from pathlib import Path

import pytest

from tests.needed import needs
from tests.tiny_model import tiny_model
from verifiers import trl_reward

# What trl warns transformers of is theirs to mend.
pytestmark = [needs("torch", "trl"), pytest.mark.filterwarnings("default")]

TOOL = {"name": "now", "parameters": {"type": "object", "properties": {}}}


def test_two_steps_of_grpo_run_on_a_random_tiny_model(tmp_path: Path) -> None:
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    model, tokenizer = tiny_model()
    rows = [
        {
            "prompt": f"What time is it, {number}?",
            "tools": json.dumps([TOOL]),
            "answers": json.dumps([{"name": "now", "arguments": {}}] if number % 2 else []),
        }
        for number in range(8)
    ]
    config = GRPOConfig(
        output_dir=str(tmp_path), max_steps=2, per_device_train_batch_size=4, num_generations=4,
        max_completion_length=12, use_cpu=True, report_to=[], logging_steps=1, save_strategy="no",
        bf16=False, fp16=False,
    )  # fmt: skip
    trainer = GRPOTrainer(
        model=model,
        processing_class=tokenizer,
        args=config,
        train_dataset=Dataset.from_list(rows),
        reward_funcs=[trl_reward("format"), trl_reward("match")],
    )
    trainer.train()
    logged = [line for line in trainer.state.log_history if "rewards/match_reward/mean" in line]
    assert len(logged) == 2
    for line in logged:
        for part in ("format", "match"):
            assert 0 <= line[f"rewards/{part}_reward/mean"] <= 1
        assert math.isfinite(line["reward"])
