"""What is checked before a training: that the model's template can carry rows, and all fits.

Whatever cannot be trained is refused here, in seconds, with what to do about it.
"""

import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from api_registry.errors import UsageError
from flows.training.config import FinetuneConfig
from flows.training.launching import configuration
from flows.training.memory import Need, memory_need
from flows.training.record import PreparedRecord
from flows.training.templates import Template

Findings = dict[str, str]
"""Name of a check → what it found."""


def refuse_device(config: FinetuneConfig) -> int:
    """Return the number of GPUs. Raises `UsageError` where the method needs what is not here."""
    import torch

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if config.method == "qlora" and not gpus:
        raise UsageError("--method qlora needs an NVIDIA GPU, and there is none: use --method lora")
    if config.method == "qlora" and find_spec("bitsandbytes") is None:
        raise UsageError("--method qlora needs bitsandbytes: pip install bitsandbytes")
    if config.accelerate:
        _refuse_configuration(configuration(config.accelerate), gpus)
    return gpus


def _refuse_configuration(path: Path, gpus: int) -> None:
    """Raise `UsageError` for an accelerate configuration that cannot work here."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        distributed = str(found["distributed_type"])
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        raise UsageError(
            f"--accelerate-config `{path}`: expected what `accelerate config` writes, with a "
            f"`distributed_type` ({type(error).__name__})"
        ) from error
    if distributed != "NO" and not gpus:
        raise UsageError(
            f"--accelerate-config `{path.stem}` is for GPUs, and there is none: leave it out"
        )
    if distributed == "DEEPSPEED" and find_spec("deepspeed") is None:
        raise UsageError(
            f"--accelerate-config `{path.stem}` needs deepspeed: pip install deepspeed"
        )


def template_findings(template: Template) -> Findings:
    """What is known of the template before a row is rendered."""
    return {
        "template": template.origin,
        "prefix preserving": template.prefix_preserving,
        **({"call ids": "of nine characters"} if template.renderer.short_ids else {}),
    }


def rows_findings(number: int, kind: str, train: PreparedRecord, held: PreparedRecord) -> Findings:
    """What a stage's rows come to."""
    lengths = train.lengths
    lost = "".join(
        f"; {count:,} left out: {reason.replace('_', ' ')} ({train.reasons[reason]})"
        for reason, count in train.left_out.items()
    )
    loss = ", ".join(f"{kind} {tokens:,}" for kind, tokens in train.loss_tokens.items())
    return {
        f"stage {number} ({kind})": f"{train.rows:,} rows gave {train.examples:,} examples, "
        f"{train.tokens:,} tokens, loss on {loss}{lost}",
        f"stage {number} lengths": f"median {lengths.median:,}, nine in ten up to {lengths.p90:,}, "
        f"longest {lengths.longest:,} tokens; {train.cut:,} cut",
        f"stage {number} held out": f"{held.rows:,} rows, {held.examples:,} examples"
        + ("" if held.examples else ": the last step is taken, not the best"),
    }


def fit_findings(
    config: FinetuneConfig, tokenizer: Any, template: Template, longest: int, gpus: int
) -> Findings:
    """What the model itself has room for. Raises `UsageError` where that is too little."""
    from transformers import AutoConfig

    model = AutoConfig.from_pretrained(config.model, revision=config.revision)
    text = model.get_text_config()
    room = getattr(text, "max_position_embeddings", None)
    if room is not None and longest > room:
        raise UsageError(
            f"the longest example has {longest:,} tokens, and the model reads {room:,}: "
            f"set --max-length {room}"
        )
    if len(tokenizer) > text.vocab_size:
        raise UsageError(
            f"the tokenizer knows {len(tokenizer):,} tokens, and the model {text.vocab_size:,}: "
            "they do not belong together"
        )
    need = memory_need(config, model)
    return {
        "stop tokens": _stops(tokenizer, text, template),
        "memory": _memory(need, gpus),
        "parameters": f"{need.parameters:,}, of which {need.trainable:,} are trained",
    }


def _stops(tokenizer: Any, model: Any, template: Template) -> str:
    """Whether the model would stop where its training taught it to."""
    text = template.renderer.text(
        [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}], None
    )
    ids, _ = template.renderer.tokens(text.rstrip())
    given = model.eos_token_id
    ends: Sequence[Any] = given if isinstance(given, list) else [given]
    stop = tokenizer.decode([ids[-1]])
    if ids[-1] in (*ends, tokenizer.eos_token_id):
        return f"turns end with {stop}, where the model stops"
    return f"turns end with {stop}, which is not among the model's stop tokens: serve it as one"


def _memory(need: Need, gpus: int) -> str:
    text = (
        f"about {need.total / 2**30:.1f} GiB for each device (weights {need.weights / 2**30:.1f}, "
        f"gradients and optimizer {need.training / 2**30:.1f}, activations "
        f"{need.activations / 2**30:.1f}), an estimate"
    )
    there = _gpu_bytes() if gpus else None
    if there is None:
        return text
    few = ", which is less" if need.total > there else ""
    return f"{text}; a GPU here has {there / 2**30:.0f} GiB{few}"


def _gpu_bytes() -> int | None:
    """Memory of the smallest GPU, as its driver says: asking torch would take some of it."""
    if (tool := shutil.which("nvidia-smi")) is None:
        return None
    asked = [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    return min((int(each) for each in said if each.isdecimal()), default=0) * 2**20 or None
