"""The reward drives TRL's GRPO trainer; needs torch, transformers, datasets and trl."""

import json
import math
from pathlib import Path

import pytest

from verifiers import trl_reward

pytest.importorskip("trl", reason="trl is not installed")
# What trl warns transformers of is theirs to mend.
pytestmark = pytest.mark.filterwarnings("default")

TOOL = {"name": "now", "parameters": {"type": "object", "properties": {}}}


def test_two_steps_of_grpo_run_on_a_random_tiny_model(tmp_path: Path) -> None:
    import torch
    from datasets import Dataset
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from trl import GRPOConfig, GRPOTrainer

    torch.manual_seed(0)
    torch.set_num_threads(1)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate(["<pad>", "<eos>", *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", padding_side="left"
    )
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=1,
            num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=256,
            pad_token_id=0, eos_token_id=1, bos_token_id=1,
        )
    )  # fmt: skip
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
        processing_class=fast,
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
