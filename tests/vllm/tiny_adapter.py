"""Make a LoRA adapter of noise for the model of noise, as peft saves one.

Run by vLLM's own Python, which has no peft: `python tiny_adapter.py MODEL FOLDER RANK`.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoConfig

SHAPES = {"q_proj": ("hidden", "heads"), "v_proj": ("hidden", "keys")}
"""Module → what goes in and what comes out."""


def main() -> None:
    model, folder, rank = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    config = AutoConfig.from_pretrained(model)
    size = {
        "hidden": config.hidden_size,
        "heads": config.num_attention_heads * config.head_dim,
        "keys": config.num_key_value_heads * config.head_dim,
    }
    torch.manual_seed(1)
    weights = {}
    for layer in range(config.num_hidden_layers):
        for module, (taken, given) in SHAPES.items():
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            weights[f"{name}.lora_A.weight"] = torch.randn(rank, size[taken])
            weights[f"{name}.lora_B.weight"] = torch.randn(size[given], rank)
    folder.mkdir(parents=True)
    save_file(weights, folder / "adapter_model.safetensors")
    said = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "base_model_name_or_path": str(model),
        "r": rank, "lora_alpha": 2 * rank, "lora_dropout": 0.0, "bias": "none",
        "target_modules": list(SHAPES),
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main()
