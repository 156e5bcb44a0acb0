"""What comes after a run: publish its data, fine-tune on it, compare, and hand the adapter on.

One plain async function. Each stage can be left out, and looks first whether it is done: a second
run says so, a killed one goes on where it stopped.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from data.dataset_manifest import DatasetManifest
from data.licences import refuse_incompatible
from data.publishing.adapter import publish_adapter
from data.publishing.config import Published
from data.publishing.publish import publish
from data.run_folder import RunFolder
from flows.config import RunConfig
from flows.evaluation.comparison import Comparison, Tuned, compare, local_model
from flows.training.card import public_name
from flows.training.config import FinetuneConfig, Source
from flows.training.dress import dress
from flows.training.extra import require_extra
from flows.training.finetune import finetune
from flows.training.record import TrainingRecord
from generators.vllm_server.server import refuse_missing

T = TypeVar("T")
Said = Callable[[str], None]
Stage = Callable[[], Awaitable[Any]]
WrapStage = Callable[[str, Stage], Awaitable[Any]]
"""Runs a stage of that name, as a task say, and returns what it does."""
FOLDER = "tuned"
"""Where a run keeps what was trained on it."""


@dataclass(frozen=True)
class After:
    """What came of the stages; None for those that were left out."""

    published: Published | None = None
    training: TrainingRecord | None = None
    folder: Path | None = None
    """Of the training."""
    comparison: Comparison | None = None
    pushed: Published | None = None


async def plainly(name: str, stage: Stage) -> Any:
    """Run a stage as it is."""
    return await stage()


async def go_on(
    config: RunConfig,
    run: RunFolder,
    manifest: DatasetManifest,
    *,
    command: str,
    say: Said = lambda line: None,
    wrap: WrapStage = plainly,
) -> After:
    """Do what the configuration says beyond the run itself.

    Raises as `publish`, `finetune` and `evaluate` do.
    """
    published = training = comparison = pushed = None
    name = run.path.name
    place = config.publish.data_set(str(run.path))
    if place is not None:
        published = await wrap("publish", lambda: asyncio.to_thread(publish, place))
        say(sent(f"the data set of `{name}`", published))
    if not config.finetune.model:
        return After(published)
    tuning = tuning_of(config.finetune, run)
    out = Path(tuning.out)
    training = await wrap("finetune", lambda: _trained(tuning, command, say))
    say(f"Fine-tuned: {out / training.result}")
    asked = config.comparison
    if asked.skip:
        say("Comparison: left out")
    elif not manifest.splits.get(asked.split):
        say(f"Comparison: the data set has no rows of the split `{asked.split}` to ask")
    elif tuning.format != "template":
        say("Comparison: left out, as models are asked by their own templates alone")
    else:
        comparison = await wrap("evaluate", lambda: _compared(config, run, manifest, training, say))
        for line in gains(comparison):
            say(line)
    repo = config.publish.repo
    folder = await wrap("card", lambda: asyncio.to_thread(dress, out, training, published=repo))
    if config.publish.adapter is not None:
        pushed = await wrap("push", lambda: asyncio.to_thread(_pushed, config, folder, name))
        say(sent(f"the adapter of `{name}`", pushed))
    return After(published, training, out, comparison, pushed)


def refuse_early(config: RunConfig) -> None:
    """Raise before anything is made for what would fail when all of it is there.

    `UsageError` where the libraries that train are not installed, or where the licences of rows and
    generator do not allow publishing; `ServerError` where the model's folder is not there.
    """
    if config.publish.data_set("") is not None:
        own = config.generator.name == "embedded"
        writer = set() if own else {config.dataset.generator_license or "unknown"}
        refuse_incompatible({config.dataset.license} | writer)
    if config.finetune.model:
        require_extra()
        refuse_missing(config.finetune.model)


def tuning_of(config: FinetuneConfig, run: RunFolder) -> FinetuneConfig:
    """The fine-tuning of a run: on its rows, and on what else is named, in a folder of its own."""
    data = (Source(path=str(run.path)), *config.data)
    return config.model_copy(update={"data": data, "out": config.out or str(run.path / FOLDER)})


async def _trained(config: FinetuneConfig, command: str, say: Said) -> TrainingRecord:
    stop = threading.Event()
    try:
        return await asyncio.to_thread(finetune, config, command=command, say=say, stop=stop)
    except asyncio.CancelledError:
        stop.set()  # its process ends with it, and the thread after that
        raise


async def _compared(
    config: RunConfig,
    run: RunFolder,
    manifest: DatasetManifest,
    training: TrainingRecord,
    say: Said,
) -> Comparison:
    out = Path(tuning_of(config.finetune, run).out)
    tuned = Tuned(
        name=public_name(training.model),
        model=local_model(training.model, config.finetune.revision),
        weights=out / training.result,
        adapter=training.result == "adapter",
        identity=training.identity,
    )
    return await compare(
        config.comparison,
        tuned,
        run=run.path,
        data=manifest.shards,
        out=out,
        apis=config.apis,
        execution=config.execution,
        say=say,
    )


def _pushed(config: RunConfig, folder: Path, name: str) -> Published:
    repo, private = str(config.publish.adapter), config.publish.private
    return publish_adapter(folder, name, repo, private=private)


def sent(what: str, found: Published) -> str:
    """One line on something that was published."""
    if not found.sent:
        return f"Published before: {what}, all {found.files} files are at {found.place}"
    return f"Published: {what}, {found.sent} of {found.files} files sent to {found.place}"


def gains(comparison: Comparison) -> list[str]:
    """A line per variant: exact match before and after, with the interval of the difference."""
    return [
        f"Exact match, {variant}: {found['exact'].before:.1%} before, {found['exact'].after:.1%} "
        f"after, {100 * found['exact'].difference:+.1f} [{100 * found['exact'].low:+.1f}, "
        f"{100 * found['exact'].high:+.1f}] on {found['exact'].n:,} questions"
        for variant, found in comparison.scores.items()
        if "exact" in found
    ]
