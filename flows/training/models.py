"""Models and tokenizers, loaded as a training needs them."""

from pathlib import Path
from typing import Any

from api_registry.errors import UsageError
from flows.training.config import FinetuneConfig


def load_tokenizer(config: FinetuneConfig) -> Any:
    """The model's tokenizer. Raises `UsageError` where there is none that rows can go through."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(config.model, revision=config.revision)
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(
            f"--model `{config.model}`: expected a model's folder, or its name on the Hub: "
            f"{str(error).splitlines()[0]}"
        ) from error
    if not tokenizer.is_fast:
        raise UsageError(
            f"--model `{config.model}`: its tokenizer does not tell which characters a token "
            "stands for; expected one with a tokenizer.json"
        )
    return tokenizer


def load_model(config: FinetuneConfig, start: Path | None) -> Any:
    """The model to train, with the adapter of the stage before where there is one.

    Whole models are loaded in 32 bits: the steps of 16-bit weights would round to nothing.
    """
    import torch
    from transformers import AutoModelForCausalLM

    place = config.model if start is None or config.method != "full" else str(start)
    settings: dict[str, Any] = {}
    if config.method == "qlora":
        settings["quantization_config"] = _four_bits(torch)
        settings["device_map"] = {"": torch.cuda.current_device()}
    if config.attention:
        settings["attn_implementation"] = config.attention
    model = AutoModelForCausalLM.from_pretrained(
        place,
        revision=config.revision,
        dtype=torch.float32 if config.method == "full" else weights_type(config),
        **settings,
    )
    if start is not None and config.method != "full":
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, str(start), is_trainable=True)
    return model


def weights_type(config: FinetuneConfig) -> Any:
    """What frozen weights are kept in."""
    import torch

    return torch.bfloat16 if mixed(config) else torch.float32


def mixed(config: FinetuneConfig) -> bool:
    """Whether it is computed in bf16."""
    import torch

    if config.precision != "auto":
        return config.precision == "bf16"
    return bool(torch.cuda.is_available() and torch.cuda.is_bf16_supported())


def adapter_config(config: FinetuneConfig) -> Any:
    """What peft makes a new adapter from."""
    from peft import LoraConfig

    return LoraConfig(
        r=config.lora.r,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        # Layers by name, or all linear ones; peft leaves the output layer out of these.
        target_modules=list(config.lora.target_modules) or "all-linear",
        task_type="CAUSAL_LM",
        bias="none",
    )


def _four_bits(torch: Any) -> Any:
    """https://arxiv.org/abs/2305.14314: NF4, quantized twice, computed in bf16."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def merge(model: str, revision: str | None, adapter: Path, out: Path) -> None:
    """Write the model with an adapter merged into its weights, whole when it appears.

    Weights stay in the type that the model has; merging in it is what serving it would compute.
    """
    import shutil

    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    work = out.with_name(f".{out.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    base = AutoModelForCausalLM.from_pretrained(model, revision=revision, dtype="auto")
    whole = PeftModel.from_pretrained(base, str(adapter)).merge_and_unload(safe_merge=True)
    whole.save_pretrained(work)
    AutoTokenizer.from_pretrained(str(adapter)).save_pretrained(work)
    shutil.rmtree(out, ignore_errors=True)
    work.replace(out)
