"""What a trainer is told, whichever it is: the recipe of `callforge finetune`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from api_registry.types import Model


class TrainerSettings(Model):
    """LoRA on all linear layers, loss on the assistant's turns alone."""

    model: str
    """A model's folder, or its name on the Hub."""
    template: str | None = None
    """LLaMA-Factory alone: its own name of the model's template; known for some families."""
    r: Annotated[int, Field(ge=1)] = 16
    alpha: Annotated[int, Field(ge=1)] = 32
    dropout: Annotated[float, Field(ge=0, le=1)] = 0.0
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    warmup: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Share of the steps in which the learning rate rises."""
    epochs: Annotated[int, Field(ge=1)] = 3
    batch_size: Annotated[int, Field(ge=1)] = 1
    gradient_accumulation: Annotated[int, Field(ge=1)] = 8
    max_length: Annotated[int, Field(ge=1)] = 4096
    seed: Annotated[int, Field(ge=0)] = 0
    out: str = "output"
    """Folder that the trainer writes to, from where it is started."""


@dataclass(frozen=True)
class Trainer:
    """What there is to know of a trainer."""

    row: Callable[[Mapping[str, Any]], dict[str, Any]]
    """A stored row as the trainer reads it; raises `Misfit`."""
    config: Callable[[TrainerSettings, Mapping[str, str]], dict[str, str]]
    """Settings and split → file of rows, to name → text of the files beside them, the
    configuration first. Raises `UsageError` for what the trainer cannot be told."""
    run: str
    """The command that trains, in the folder of the configuration."""


class Misfit(Exception):
    """A row that a trainer's format cannot hold; says why, in words that rows can share."""
