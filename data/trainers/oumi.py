"""Oumi: a YAML file, and conversations in OpenAI's form.

https://oumi.ai/docs/en/latest/resources/datasets/data_formats.html; tools and structured calls by
https://github.com/oumi-ai/oumi/pull/2392, and arguments, which are JSON text here, decoded for
templates by https://github.com/oumi-ai/oumi/pull/2601: an Oumi from before encodes them twice.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from data.identity import compact_json
from data.rows import training_view
from data.trainers.settings import Misfit, TrainerSettings

FILE = "oumi.yaml"
RUN = f"oumi train -c {FILE}"


def row(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a conversation. Raises `Misfit` for one with a message that says nothing."""
    view = training_view(stored)
    for message in view["messages"]:
        if not message["content"] and "tool_calls" not in message:
            raise Misfit("a message has neither words nor calls")
    return {
        "conversation_id": stored["id"],
        "messages": [_message(message) for message in view["messages"]],
        "tools": view["tools"],
        "metadata": {"style": stored["style"], "category": stored["category"]},
    }


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    # Its format is known by `role` and `content` in every message, empty or not.
    kept = {key: message[key] for key in ("role", "content", "tool_call_id") if key in message}
    if "tool_calls" in message:
        kept["tool_calls"] = [
            {
                "id": call["id"],
                "type": "function",
                "function": {
                    "name": call["function"]["name"],
                    "arguments": compact_json(call["function"]["arguments"]),
                },
            }
            for call in message["tool_calls"]
        ]
    return kept


def config(settings: TrainerSettings, files: Mapping[str, str]) -> dict[str, str]:
    """Return the configuration by name; `files` are the rows' by split."""
    said: dict[str, Any] = {
        "model": {
            "model_name": settings.model,
            "model_max_length": settings.max_length,
            "torch_dtype_str": "bfloat16",
        },
        "data": {split: {"datasets": [_dataset(file)]} for split, file in files.items()},
        "training": {
            "trainer_type": "TRL_SFT",
            "use_peft": True,
            "num_train_epochs": settings.epochs,
            "per_device_train_batch_size": settings.batch_size,
            "gradient_accumulation_steps": settings.gradient_accumulation,
            "enable_gradient_checkpointing": True,
            "gradient_checkpointing_kwargs": {"use_reentrant": False},
            "optimizer": "adamw_torch",
            "learning_rate": settings.learning_rate,
            "lr_scheduler_type": "cosine",
            "warmup_ratio": settings.warmup,
            "logging_steps": 10,
            "save_steps": 0,
            "save_epoch": True,
            "eval_strategy": "epoch" if "validation" in files else "no",
            "seed": settings.seed,
            "data_seed": settings.seed,
            "trainer_kwargs": {"assistant_only_loss": True},
            "output_dir": settings.out,
        },
        "peft": {
            "lora_r": settings.r,
            "lora_alpha": settings.alpha,
            "lora_dropout": settings.dropout,
            "lora_target_modules": ["all-linear"],
        },
    }
    return {FILE: yaml.safe_dump(said, sort_keys=False)}


def _dataset(file: str) -> dict[str, Any]:
    return {
        "dataset_name": "text_sft",
        "dataset_path": file,
        "dataset_kwargs": {
            "return_conversations": True,
            "return_conversations_format": "dict",
        },
    }
