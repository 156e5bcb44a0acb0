"""What is written down of a training: enough to make it again, and to judge it."""

from typing import Any

from api_registry.types import Model

FILE = "training.json"
"""Name of the record in the folder of the result; there when all is done."""


class DataRecord(Model):
    """One source as it was."""

    path: str
    """As given."""
    weight: float
    digest: str
    """Hash of its files' content."""
    run: str | None = None
    """Folder of the run that it is, where it is one."""
    identity: str | None = None
    """Identity of that run."""
    commit: str | None = None
    """Commit of a data set on the Hub."""
    files: dict[str, str] = {}
    """Name → sha256 of every file that was read."""


class Lengths(Model):
    """Tokens per example."""

    median: int = 0
    p90: int = 0
    longest: int = 0


class PreparedRecord(Model):
    """What became of the rows of a stage's training or held-out part."""

    rows: int = 0
    """Rows read, weights applied."""
    examples: int = 0
    """Examples made of them."""
    left_out: dict[str, int] = {}
    """Reason → rows that gave no example; with `used` this sums to `rows`."""
    reasons: dict[str, str] = {}
    """Reason → what was said about the first such row."""
    used: int = 0
    """Rows that gave one example or more."""
    cut: int = 0
    """Examples that lost their end to `max_length`."""
    tokens: int = 0
    loss_tokens: dict[str, int] = {}
    """`calls`, `chat` → tokens with loss in turns with and without calls."""
    lengths: Lengths = Lengths()


class Point(Model):
    """A loss at a step."""

    step: int
    loss: float
    calls: float | None = None
    """Of turns with calls alone."""
    chat: float | None = None
    """Of turns without."""
    rate: float | None = None
    """Learning rate."""
    accuracy: float | None = None
    """DPO: share of pairs in which the right answer is preferred."""


class StageRecord(Model):
    """One stage as it went."""

    kind: str
    train: PreparedRecord
    held_out: PreparedRecord
    steps: int
    epochs: float
    rows_seen: int
    tokens_seen: int
    losses: tuple[Point, ...]
    """Of the steps, as logged."""
    held_out_losses: tuple[Point, ...]
    chosen_step: int
    """Step of the checkpoint that the stage's result is."""
    chosen_loss: float | None
    """Its held-out loss; None where nothing was held out and the last step was taken."""
    parameters: int
    trainable: int
    resumed_from: tuple[int, ...] = ()
    """Steps that an interrupted training went on from."""
    seconds: float
    """Of training, interruptions left out."""
    device: str
    processes: int


class TrainingRecord(Model):
    """A whole training: its settings, its data, its stages and what came of them."""

    identity: str
    """Hash of what determines the result: settings, content of the data, the model's files."""
    command: str
    config: dict[str, Any]
    model: str
    model_files: dict[str, str] = {}
    """Name → size and digest of a local model's files."""
    data: tuple[DataRecord, ...]
    versions: dict[str, str]
    preflight: dict[str, str]
    """Name of each check before the training → what it found."""
    stages: tuple[StageRecord, ...]
    result: str
    """`adapter` or `model`: the folder of the result beside this file."""
    merged: str | None = None
    """Folder of the merged model beside this file."""
    seconds: float
