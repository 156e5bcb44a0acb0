"""TRL's trainers over rows that are tokens already, and what is noted while they work."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

from data.shards import write_atomically
from flows.training.config import FinetuneConfig
from flows.training.launching import MARK

_SESSION = "session.json"
"""Beside each checkpoint: how long it took to get there, and with which interruptions."""


def trainer_of(
    config: FinetuneConfig,
    model: Any,
    arguments: Any,
    tokenizer: Any,
    train: Any,
    held_out: dict[str, Any],
    adapter: Any,
    reference: Any = None,
) -> Any:
    """The trainer of a stage. `held_out`: rows by name, `pairs`, or `calls` and `chat`."""
    common = {
        "model": model,
        "args": arguments,
        "processing_class": tokenizer,
        "train_dataset": train,
        "peft_config": adapter,
    }
    if config.kind == "dpo":
        pairs = held_out.get("pairs")
        return _dpo()(**common, eval_dataset=pairs, ref_model=reference)
    return _sft()(**common, eval_dataset=held_out or None)


@cache
def _sft() -> type[Any]:
    from trl import SFTTrainer

    class Supervised(SFTTrainer):  # type: ignore[misc]
        """Supervised training, with the held-out loss of calls and of other turns apart."""

        def evaluate(
            self,
            eval_dataset: Any = None,
            ignore_keys: Any = None,
            metric_key_prefix: str = "eval",
        ) -> dict[str, float]:
            """Evaluate; the loss over all turns weighs both kinds by their tokens."""
            metrics: dict[str, float] = super().evaluate(
                eval_dataset, ignore_keys, metric_key_prefix
            )
            if eval_dataset is None:
                losses = {name: metrics[f"eval_{name}_loss"] for name in self.eval_dataset}
                weights = {name: loss_tokens(part) for name, part in self.eval_dataset.items()}
                total = sum(weights.values())
                metrics["eval_loss"] = sum(losses[n] * weights[n] for n in losses) / total
                self.log({"eval_loss": metrics["eval_loss"]})
            return metrics

    return Supervised


@cache
def _dpo() -> type[Any]:
    from trl import DPOTrainer

    class Preference(DPOTrainer):  # type: ignore[misc]
        """DPO over pairs that are tokens already: what the trainer would make of messages."""

        def _prepare_dataset(self, dataset: Any, *arguments: Any) -> Any:
            return dataset

    return Preference


def loss_tokens(rows: Any) -> int:
    """Tokens with loss in tokenised rows."""
    return sum(label >= 0 for labels in rows["labels"] for label in labels)


def callbacks(stage: int) -> Any:
    """What notes a training's progress: see `_noted`."""
    return _noted()(stage)


@cache
def _noted() -> type[Any]:
    from transformers import TrainerCallback

    class Noted(TrainerCallback):  # type: ignore[misc]
        """Says each logged step as an event, and leaves beside checkpoints how long they took."""

        def __init__(self, stage: int) -> None:
            self.stage = stage
            self.started = time.monotonic()
            self.earlier_seconds = 0.0
            self.resumptions: list[int] = []
            self.parameters = self.trainable = 0

        def resumed(self, checkpoint: Path | None) -> None:
            """Take up what an interrupted training left at its last checkpoint."""
            if checkpoint is None:
                return
            try:
                session = json.loads((checkpoint / _SESSION).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                session = {"seconds": 0.0, "resumed_from": []}
            self.earlier_seconds = session["seconds"]
            step = int(checkpoint.name.rpartition("-")[2])
            self.resumptions = [*session["resumed_from"], step]
            self._say({"resumed_from": step})

        def on_train_begin(self, args: Any, state: Any, control: Any, **kept: Any) -> None:
            """Count parameters; sharded ones by their whole size."""
            self.started = time.monotonic()
            for name, parameter in kept["model"].named_parameters():
                if ".ref." in name:
                    continue
                size = getattr(parameter, "ds_numel", parameter.numel())
                self.parameters += size
                self.trainable += size if parameter.requires_grad else 0

        def on_log(self, args: Any, state: Any, control: Any, **kept: Any) -> None:
            """Say what was logged."""
            if state.is_world_process_zero:
                logs = {key: value for key, value in kept["logs"].items() if _is_shown(key)}
                self._say({"step": state.global_step, "steps": state.max_steps, **logs})

        def on_save(self, args: Any, state: Any, control: Any, **kept: Any) -> None:
            """Leave a note beside a checkpoint."""
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            if state.is_world_process_zero and folder.is_dir():
                session = {"seconds": self.seconds(), "resumed_from": self.resumptions}
                write_atomically(folder / _SESSION, json.dumps(session).encode())

        def seconds(self) -> float:
            """Seconds of training until now, interruptions left out."""
            return round(self.earlier_seconds + time.monotonic() - self.started, 1)

        def _say(self, event: dict[str, Any]) -> None:
            line = json.dumps({"stage": self.stage, **event})
            print(f"{MARK}{line}", flush=True)  # noqa: T201 - read by `launching`

    return Noted


def _is_shown(key: str) -> bool:
    return key in ("loss", "learning_rate") or (key.startswith("eval_") and key.endswith("loss"))
