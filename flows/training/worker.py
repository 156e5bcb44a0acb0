"""What each process of a training does: load, train from the last checkpoint, save.

Everything that can be refused was refused before this starts; it reads tokens, never rows.
"""

import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from api_registry.errors import StorageError
from data.shards import write_atomically
from flows.training.config import FinetuneConfig
from flows.training.folder import TrainingFolder
from flows.training.history import points
from flows.training.launching import MARK
from flows.training.models import adapter_config, load_model, load_tokenizer, mixed
from flows.training.prepare import FILE as PREPARED
from flows.training.record import PreparedRecord, StageRecord
from flows.training.trainers import callbacks, trainer_of

_STRANGE = ("README.md", "training_args.bin")
"""Files that trainers add: a card that knows nothing of the data, and a pickle with paths."""


def train_stage(path: Path, number: int) -> None:
    """Train one stage of a training, to its end."""
    from transformers import PrinterCallback

    folder = TrainingFolder(path)
    config = folder.config().whole_stages()[number]
    _quieten()
    tokenizer = load_tokenizer(config)
    parts = {
        name: _dataset(folder.prepared(number) / f"{name}.parquet")
        for name in ("train", "calls", "chat", "pairs")
    }
    kept = {name: part for name, part in parts.items() if part is not None}
    train, held_out = kept.pop("train"), kept
    arguments = training_arguments(config, folder.checkpoints(number), bool(held_out))
    start = folder.result(number - 1, result_name(config)) if number else None
    model = load_model(config, start)
    adapter = adapter_config(config) if config.method != "full" and start is None else None
    trainer = trainer_of(
        config, model, arguments, tokenizer, train, held_out, adapter,
        reference=load_model(config, start) if _needs_reference(config) else None,
    )  # fmt: skip
    prepared = json.loads((folder.prepared(number) / PREPARED).read_text(encoding="utf-8"))
    records = [PreparedRecord.model_validate(each) for each in prepared]
    _assert_whole(trainer, records[0])
    said = callbacks(number)
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(said)
    checkpoint = folder.last_checkpoint(number)
    said.resumed(checkpoint)
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    seconds = said.seconds()
    _save(trainer, folder.result(number, result_name(config)))
    if trainer.is_world_process_zero():
        record = _record(config, trainer, records, said, seconds)
        folder.stage_file(number).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(folder.stage_file(number), record.model_dump_json(indent=1).encode())
        print(f"{MARK}{json.dumps({'stage': number, 'done': True})}", flush=True)  # noqa: T201


def _quieten() -> None:
    """Keep the log to what a reader of it can use: no bars, no news between libraries."""
    import datasets
    import transformers

    warnings.filterwarnings("ignore", category=FutureWarning)
    transformers.utils.logging.disable_progress_bar()
    datasets.disable_progress_bars()


def result_name(config: FinetuneConfig) -> str:
    """Name of the folder that a stage's result is in."""
    return "model" if config.method == "full" else "adapter"


def _dataset(path: Path) -> Any:
    """Tokens that stay on disk until they are needed; None where there are none."""
    from datasets import Dataset

    # Held-out rows may all be of one kind; an empty file is none that `datasets` reads.
    if not path.is_file() or not pq.read_metadata(path).num_rows:
        return None
    return Dataset.from_parquet(str(path), cache_dir=str(path.parent / "cache"))


def training_arguments(config: FinetuneConfig, out: Path, held_out: bool) -> Any:
    """Settings as TRL's trainers take them."""
    import torch
    from trl import DPOConfig, SFTConfig

    every = config.checkpoint_every or 0.1
    common: dict[str, Any] = {
        "output_dir": str(out),
        "learning_rate": config.rate,
        "lr_scheduler_type": config.schedule,
        "warmup_steps": config.warmup,  # below 1 it is a share
        "weight_decay": config.weight_decay,
        "optim": "adamw_torch_fused" if torch.cuda.is_available() else "adamw_torch",
        "num_train_epochs": config.epochs,
        "max_steps": config.max_steps or -1,
        "per_device_train_batch_size": config.batch_size,
        "per_device_eval_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.gradient_accumulation,
        "gradient_checkpointing": config.gradient_checkpointing,
        "bf16": mixed(config),
        "use_cpu": not torch.cuda.is_available(),
        "max_length": config.max_length,
        "save_strategy": "steps",
        "save_steps": every,
        "save_total_limit": config.keep_checkpoints,
        "eval_strategy": "steps" if held_out else "no",
        "eval_steps": every if held_out else None,
        "load_best_model_at_end": held_out,
        "metric_for_best_model": "eval_loss" if held_out else None,
        "greater_is_better": False if held_out else None,
        "logging_strategy": "steps",
        "logging_steps": 1 if (config.max_steps or 1000) <= 200 else 10,
        "include_num_input_tokens_seen": "all",
        "seed": config.seed,
        "data_seed": config.seed,
        "report_to": [],
        "disable_tqdm": True,
        "dataloader_pin_memory": torch.cuda.is_available(),
    }
    if config.kind == "dpo":
        return DPOConfig(**common, beta=config.beta)
    # Held-out rows are not packed: each counts in full, whatever stands beside it.
    return SFTConfig(**common, packing=config.packing, eval_packing=False)


def _needs_reference(config: FinetuneConfig) -> bool:
    """Whether DPO compares with a second model; with adapters it switches them off."""
    return config.kind == "dpo" and config.method == "full"


def _assert_whole(trainer: Any, prepared: PreparedRecord) -> None:
    """Raise `StorageError` where a trainer holds fewer examples than it was given."""
    held = trainer.train_dataset
    if "seq_lengths" in held.column_names:
        count = sum(len(lengths) for lengths in held["seq_lengths"])
    else:
        count = len(held)
    if count != prepared.examples:
        raise StorageError(
            f"{prepared.examples:,} examples were prepared, and the trainer has {count:,}: "
            "some were lost, which is a bug"
        )


def _save(trainer: Any, out: Path) -> None:
    """Save adapter or model with its tokenizer, whole when it appears."""
    work = out.with_name(f".{out.name}.tmp")
    main = trainer.is_world_process_zero()
    if main:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
    trainer.accelerator.wait_for_everyone()
    trainer.save_model(str(work))
    trainer.accelerator.wait_for_everyone()
    if main:
        for name in _STRANGE:
            (work / name).unlink(missing_ok=True)
        # DPO's frozen copy of the adapter that it started from.
        shutil.rmtree(work / "ref", ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)
        work.replace(out)


def _record(
    config: FinetuneConfig, trainer: Any, prepared: list[PreparedRecord], said: Any, seconds: float
) -> StageRecord:
    import torch

    state = trainer.state
    losses, held_out = points(state.log_history)
    best = state.best_global_step if held_out else None
    return StageRecord(
        kind=config.kind,
        train=prepared[0],
        held_out=prepared[1],
        steps=state.global_step,
        epochs=round(state.epoch or 0.0, 4),
        rows_seen=round((state.epoch or 0.0) * prepared[0].examples),
        tokens_seen=state.num_input_tokens_seen,
        losses=losses,
        held_out_losses=held_out,
        chosen_step=best or state.global_step,
        chosen_loss=state.best_metric if held_out else None,
        parameters=said.parameters,
        trainable=said.trainable,
        resumed_from=tuple(said.resumptions),
        seconds=seconds,
        device=torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        processes=trainer.accelerator.num_processes,
    )
