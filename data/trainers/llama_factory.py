"""LLaMA-Factory: a YAML file, `dataset_info.json`, and ShareGPT's turns.

https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md. It renders by templates of its
own, known by names, and not by the tokenizer's.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from api_registry.errors import UsageError
from data.formats import sharegpt
from data.trainers.settings import Misfit, TrainerSettings

FILE = "llamafactory.yaml"
RUN = f"llamafactory-cli train {FILE}"
INFO = "dataset_info.json"
TEMPLATES: tuple[tuple[str, str], ...] = (
    (r"qwen3-.*instruct", "qwen3_nothink"),
    (r"qwen3-\d", "qwen3"),
    (r"qwen2\.5-", "qwen"),
    (r"llama-?3(\.\d)?-", "llama3"),
    (r"mistral-", "mistral"),
)
"""What a model's name begins with, in small letters, and LLaMA-Factory's template for it."""
_FIRST, _SECOND = ("human", "observation"), ("gpt", "function_call")


def row(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of its `sharegpt` format.

    Raises `Misfit` for one whose turns do not alternate: LLaMA-Factory would pass over it and say
    so in a log alone.
    """
    for message in stored["messages"]:
        if message["tool_calls"] and message["content"]:
            raise Misfit("a turn has words beside its calls")
    made = sharegpt.write(stored)
    turns = made["conversations"]
    fits = (turn["from"] in (_FIRST, _SECOND)[place % 2] for place, turn in enumerate(turns))
    if len(turns) % 2 or not all(fits):
        raise Misfit("turns of user or tools and of the assistant do not alternate")
    return made


def config(settings: TrainerSettings, files: Mapping[str, str]) -> dict[str, str]:
    """Return the configuration and the description of the rows by name.

    Raises `UsageError` for a model whose template is not known and not given.
    """
    names = {split: f"callforge_{split}" for split in files}
    said: dict[str, Any] = {
        "model_name_or_path": settings.model,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_rank": settings.r,
        "lora_alpha": settings.alpha,
        "lora_dropout": settings.dropout,
        "lora_target": "all",
        "dataset": names["train"],
        "dataset_dir": ".",
        "template": settings.template or _template(settings.model),
        "cutoff_len": settings.max_length,
        "neat_packing": True,
        "per_device_train_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.gradient_accumulation,
        "learning_rate": settings.learning_rate,
        "num_train_epochs": settings.epochs,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": settings.warmup,
        "bf16": True,
        "seed": settings.seed,
        "logging_steps": 10,
        "save_strategy": "epoch",
        "plot_loss": True,
        "output_dir": settings.out,
    }
    if "validation" in files:
        said |= {
            "eval_dataset": names["validation"],
            "eval_strategy": "epoch",
            "load_best_model_at_end": True,
        }
    described = {names[split]: _description(file) for split, file in files.items()}
    return {
        FILE: yaml.safe_dump(said, sort_keys=False),
        INFO: json.dumps(described, indent=2) + "\n",
    }


def _description(file: str) -> dict[str, Any]:
    columns = {"messages": "conversations", "system": "system", "tools": "tools"}
    return {"file_name": file, "formatting": "sharegpt", "columns": columns}


def _template(model: str) -> str:
    name = model.rstrip("/").rpartition("/")[2].lower()
    for beginning, template in TEMPLATES:
        if re.match(beginning, name.removeprefix("meta-")):
            return template
    raise UsageError(
        f"LLaMA-Factory's own name for the template of `{model}` is not known here, as it is for "
        "Qwen2.5, Qwen3, Llama 3 and Mistral: say it, as in --template llama3"
    )
