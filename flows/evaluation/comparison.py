"""A fine-tuned model beside the one it was made of: both asked the same rows, neither trained on.

Runs in this process, through transformers; the record of it lies beside the training's. Answers are
kept as they arrive, so that an interrupted comparison goes on, and a finished one is only read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api_registry.execution.settings import ExecutionConfig
from api_registry.types import Model
from data.identity import canonical_json, digest
from data.shards import write_atomically
from flows.evaluation.comparing import differences
from flows.evaluation.config import ComparisonConfig, EvaluateConfig
from flows.evaluation.evaluate import Evaluation, evaluate

FILE = "comparison.json"
"""Name of the record in the folder of the training's result."""
Said = Callable[[str], None]


class Change(Model):
    """A score before and after, in shares, with the 95 % interval of the difference."""

    before: float
    after: float
    difference: float
    low: float
    high: float
    n: int
    """Questions that the score concerns."""


class Comparison(Model):
    """What came of it."""

    identity: str
    """Hash of what was compared, and how."""
    split: str
    questions: int
    """Asked, in each variant."""
    scores: dict[str, dict[str, Change]]
    """Variant → score → before and after."""


@dataclass(frozen=True)
class Tuned:
    """What a training made."""

    name: str
    """What the model before is called on the evaluations' pages."""
    model: str
    """The model before: a folder, or a name on the Hub."""
    weights: Path
    """Folder of the adapter, or of the whole model after."""
    adapter: bool
    """Which of the two it is."""
    identity: str
    """Of the training."""


async def compare(
    config: ComparisonConfig,
    tuned: Tuned,
    *,
    run: Path,
    data: str,
    out: Path,
    apis: tuple[str, ...] = (),
    execution: ExecutionConfig | None = None,
    say: Said = lambda line: None,
) -> Comparison:
    """Ask both models, or read what was found before.

    Args:
        config: What is asked.
        tuned: What is asked it.
        run: Folder of the run whose rows are asked.
        data: Digest of its data set.
        out: Folder of the training, where `comparison.json` and both evaluations go.
        apis: What runs the calls.
        execution: How.
        say: Told each line for people.

    Raises `UsageError` where there is nothing to ask, or the model cannot be.
    """
    identity = digest(canonical_json([config.model_dump(mode="json"), tuned.identity, data]))
    if (known := read_comparison(out)) is not None and known.identity == identity:
        say(f"compared before: {out / FILE}")
        return known

    async def asked(name: str) -> Evaluation:
        say(f"asking the model {name} its fine-tuning")
        after = str(tuned.weights) if name == "after" else ""
        settings = EvaluateConfig(
            model=tuned.name,
            transformers=after if after and not tuned.adapter else tuned.model,
            adapter=after if tuned.adapter else "",
            data=str(run),
            splits=(config.split,),
            variants=config.variants,
            questions=config.questions,
            max_tokens=config.max_tokens,
            apis=apis,
            execution=execution or ExecutionConfig(),
            out=str(out / "evaluations" / name),
        )
        return await evaluate(settings, say)

    before, after = await asked("before"), await asked("after")
    scores: dict[str, dict[str, Change]] = {
        variant: {
            metric: Change(
                before=found.before, after=found.after, difference=found.value,
                low=found.low, high=found.high, n=found.n,
            )
            for metric, found in differences(before.outcomes[variant], outcomes).items()
        }
        for variant, outcomes in after.outcomes.items()
    }  # fmt: skip
    first = next(iter(after.outcomes.values()), [])
    comparison = Comparison(
        identity=identity, split=config.split, questions=len(first), scores=scores
    )
    write_atomically(out / FILE, comparison.model_dump_json(indent=1).encode() + b"\n")
    return comparison


def local_model(model: str, revision: str | None) -> str:
    """The folder of a model: its own, or where the Hub's cache has what was trained.

    A model that is in neither is returned as it is, for whoever loads it to refuse.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return str(folder)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return snapshot_download(model, revision=revision, local_files_only=True)
    except (HFValidationError, LocalEntryNotFoundError):
        return model


def read_comparison(folder: Path) -> Comparison | None:
    """The comparison in a training's folder, None where there is none that can be read."""
    try:
        return Comparison.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
