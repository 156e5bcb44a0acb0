"""axolotl: a YAML file, and OpenAI's messages with arguments and parameters as JSON text.

https://docs.axolotl.ai/docs/dataset-formats/conversation.html. It decodes both before it renders
the model's own template; as objects, Arrow would fill every tool's parameters into every other.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from data.identity import compact_json
from data.rows import training_view
from data.trainers.settings import TrainerSettings

FILE = "axolotl.yaml"
RUN = f"axolotl train {FILE}"


def row(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of its `chat_template` format."""
    view = training_view(stored)
    return {
        "messages": [_message(message) for message in view["messages"]],
        "tools": [
            {**tool, "function": _as_text(tool["function"], "parameters")} for tool in view["tools"]
        ],
    }


def _message(message: dict[str, Any]) -> dict[str, Any]:
    if "tool_calls" not in message:
        return message
    calls = [
        {**call, "function": _as_text(call["function"], "arguments")}
        for call in message["tool_calls"]
    ]
    return {**message, "tool_calls": calls}


def _as_text(function: dict[str, Any], key: str) -> dict[str, Any]:
    return {**function, key: compact_json(function[key])}


def config(settings: TrainerSettings, files: Mapping[str, str]) -> dict[str, str]:
    """Return the configuration by name; `files` are the rows' by split."""
    said: dict[str, Any] = {
        "base_model": settings.model,
        "adapter": "lora",
        "lora_r": settings.r,
        "lora_alpha": settings.alpha,
        "lora_dropout": settings.dropout,
        "lora_target_linear": True,
        "datasets": [_dataset(files["train"])],
        "dataset_prepared_path": f"{settings.out}/prepared",
        "sequence_len": settings.max_length,
        "sample_packing": True,
        "flash_attention": True,
        "micro_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.gradient_accumulation,
        "num_epochs": settings.epochs,
        "optimizer": "adamw_torch",
        "learning_rate": settings.learning_rate,
        "lr_scheduler": "cosine",
        "warmup_ratio": settings.warmup,
        "bf16": "auto",
        "gradient_checkpointing": True,
        "saves_per_epoch": 1,
        "logging_steps": 10,
        "seed": settings.seed,
        "output_dir": settings.out,
    }
    if "validation" in files:
        said["test_datasets"] = [_dataset(files["validation"]) | {"split": "train"}]
        said |= {"evals_per_epoch": 1, "load_best_model_at_end": True}
    return {FILE: yaml.safe_dump(said, sort_keys=False)}


def _dataset(file: str) -> dict[str, Any]:
    return {
        "path": file,
        "ds_type": "json",
        "type": "chat_template",
        "chat_template": "tokenizer_default",
        "field_messages": "messages",
        "field_tools": "tools",
        "message_property_mappings": {"role": "role", "content": "content"},
        "roles_to_train": ["assistant"],
        "train_on_eos": "turn",
    }
