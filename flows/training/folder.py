"""The folder of a training: whose it is, who is working in it, and what is done."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api_registry.errors import StorageError, UsageError
from data.run_folder import different_fact, held, identity_of
from data.shards import write_atomically
from flows.training.config import FinetuneConfig
from flows.training.record import FILE, StageRecord, TrainingRecord

SETTINGS = "finetune.json"
CHECKPOINT = "checkpoint-"
_STATE = "trainer_state.json"


class TrainingFolder:
    """`OUT/` with `finetune.json`, `prepared/`, `checkpoints/`, `stages/`, and what comes of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "training.log"

    @contextmanager
    def opened(self, config: FinetuneConfig, facts: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
        """Hold the folder for this process; yields the training's identity, and the hold.

        Raises `UsageError` naming the first setting that differs from those of the training that
        is there, and `StorageError` where the folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"--out `{self.path}` cannot be made: {error.strerror}") from error
        with held(self.path, "--out", patience_s=10.0) as hold:
            identity = identity_of(dict(facts))
            self._claim(identity, config, facts)
            yield identity, hold

    def _claim(self, identity: str, config: FinetuneConfig, facts: Mapping[str, Any]) -> None:
        written = self.path / SETTINGS
        known = self.settings() if written.is_file() else None
        if known is not None and known["identity"] != identity:
            if not self.begun():
                shutil.rmtree(self.path / "prepared", ignore_errors=True)
            else:
                field, before, now = different_fact(known["facts"], facts)
                raise UsageError(
                    f"--out `{self.path}` has a training with another `{field}` ({before}, now "
                    f"{now}): use another --out, or the settings it was made with"
                )
        record = {
            "identity": identity,
            "facts": facts,
            "config": config.model_dump(mode="json"),
        }
        write_atomically(written, json.dumps(record, indent=1).encode() + b"\n")

    def settings(self) -> dict[str, Any]:
        """What `finetune.json` says. Raises `StorageError`."""
        try:
            found = json.loads((self.path / SETTINGS).read_text(encoding="utf-8"))
            return {key: found[key] for key in ("identity", "facts", "config")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"`{self.path / SETTINGS}` is missing or damaged: use another --out"
            ) from error

    def config(self) -> FinetuneConfig:
        """The settings that this training has."""
        return FinetuneConfig.model_validate(self.settings()["config"])

    def begun(self) -> bool:
        """Whether anything was trained here."""
        return any((self.path / name).exists() for name in ("checkpoints", "stages", FILE))

    def finished(self) -> TrainingRecord | None:
        """The record of a training that is done; None before."""
        try:
            text = (self.path / FILE).read_text(encoding="utf-8")
            return TrainingRecord.model_validate_json(text)
        except (OSError, ValueError):
            return None

    def prepared(self, stage: int) -> Path:
        """Folder of a stage's tokens."""
        return self.path / "prepared" / str(stage)

    def checkpoints(self, stage: int) -> Path:
        """Folder of a stage's checkpoints."""
        return self.path / "checkpoints" / str(stage)

    def result(self, stage: int, name: str) -> Path:
        """Folder of what a stage made, `adapter` or `model`; the last one's is at the top."""
        last = self.path / name
        own = self.path / "stages" / str(stage) / name
        return last if stage == len(self.config().whole_stages()) - 1 else own

    def stage(self, stage: int) -> StageRecord | None:
        """The record of a stage that is done; None before."""
        try:
            return StageRecord.model_validate_json(self.stage_file(stage).read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def stage_file(self, stage: int) -> Path:
        """Where a stage's record is written, when its result is there."""
        return self.path / "stages" / str(stage) / "stage.json"

    def last_checkpoint(self, stage: int) -> Path | None:
        """The newest checkpoint that was written to its end; broken ones are removed."""
        folder = self.checkpoints(stage)
        found = sorted(folder.glob(f"{CHECKPOINT}*"), key=_step, reverse=True)
        for checkpoint in found:
            try:
                state = json.loads((checkpoint / _STATE).read_text(encoding="utf-8"))
                if state["global_step"] == _step(checkpoint):
                    return checkpoint
            except (OSError, ValueError, KeyError, TypeError):
                pass
            shutil.rmtree(checkpoint)
        return None


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.removeprefix(CHECKPOINT)
    return int(number) if number.isdecimal() else -1
