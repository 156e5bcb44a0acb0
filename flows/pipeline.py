"""The whole run as one plain async function: APIs → drafts → checks → shards → data set.

Nothing here knows of Prefect: `flows.generate_fc` wraps `run` and each shard in a flow and tasks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from api_registry.errors import ConfigError
from api_registry.execution.pool import RunnerPool
from api_registry.registry import load_apis
from api_registry.types import Skipped
from data.dataset import DatasetManifest, build_dataset, read_dataset_manifest, shards_digest
from data.judging import Judging
from data.memory import give_all_back
from data.report import write_report
from data.run_folder import RunFolder, identity_of
from data.run_store import store_of
from data.selection import Looked
from data.shards import ShardManifest
from flows.after_run import After, Said, WrapStage, go_on, plainly, refuse_early
from flows.config import RunConfig
from flows.drafting import Line
from flows.facts import run_facts
from flows.feedback import Feedback
from flows.file_thread import in_file_thread
from flows.found import find_shards, quota_of
from flows.judging import audited, judging_of
from flows.looking import look_everywhere
from flows.making import Progress, Shards, WrapShard
from flows.model_server import models_ready
from flows.offered import offered
from flows.opening import open_line
from flows.scattering import Cluster, Scattered
from generators.endpoint.client import Spent
from generators.endpoint.journal import Journal
from generators.plan import Plan
from verifiers.reasons_page import REASONS

logger = logging.getLogger("callforge")


@dataclass(frozen=True)
class RunResult:
    """What a run left behind."""

    name: str
    folder: RunFolder
    manifest: DatasetManifest
    report: Path | None
    """The page about the run; None where it could not be written."""
    made: int
    """Drafts made now; 0 when the run was complete already."""
    skipped: tuple[Skipped, ...]
    """What was not offered, and why."""
    spent: str | None = None
    """Which budget ended the run before all drafts were made, in words."""
    lacking: tuple[tuple[str, int], ...] = ()
    """Styles with the rows of them that are still wanted; none where drafts are wanted."""
    structured: str | None = None
    """How the generator's endpoint is held to the form of an answer; None without one."""
    judging: Judging | None = None
    """The judges and how they did; None where there are none."""
    endpoint: Spent | None = None
    """What the model endpoint was asked for; None where none was."""
    after: After | None = None
    """What came of the stages after the run; None while they have not been gone through."""


async def run(
    config: RunConfig,
    progress: Progress,
    *,
    command: str = "callforge generate",
    wrap_shard: WrapShard | None = None,
    cluster: Cluster | None = None,
) -> RunResult:
    """Make what is missing of a run, then its data set.

    Args:
        config: What to make.
        progress: Told of every draft.
        command: The command line that makes this run, for the card.
        wrap_shard: Called with the shard's number and the work, to run it as a task.
        cluster: Makes the shards, where the configuration names one.
    """
    if config.runner.name != "local" and cluster is None:
        raise ConfigError(f"`--runner {config.runner.name}` gives out Prefect tasks: add --prefect")
    loaded = await asyncio.to_thread(load_apis, config.apis)
    size = config.output.shard_size
    async with RunnerPool(loaded.apis, config.execution) as pool:
        usable = await offered(loaded.apis, pool)
        apis, skipped = usable.marked, (*loaded.skipped, *usable.skipped)
        facts = run_facts(config, usable.apis)
        name = config.name or f"{config.generator.name}-{identity_of(facts)[:8]}"
        folder = RunFolder(Path(config.output.folder) / name)
        store = store_of(config.output.url, name)
        if store is not None:
            await asyncio.to_thread(store.refuse_other, facts)
        with folder.opened(facts, config.model_dump(mode="json")) as identity:
            plan = Plan(apis, config.plan, seed=config.seed or 0, shard_size=size)
            if store is not None:
                await asyncio.to_thread(store.synchronise, folder.shards, identity)
            found = await in_file_thread(find_shards, config, folder, identity, plan)
            with Journal(folder.path / "journal", size) as journal:
                async with (
                    models_ready(config, folder, finished=not found.missing()) as asked,
                    open_line(asked, plan, pool, journal) as opened,
                ):
                    judging = await judging_of(opened.panel, config, folder, apis, pool)
                    if store is not None:
                        await asyncio.to_thread(store.begin, folder)
                    maker: Shards | Scattered
                    if cluster is not None:
                        maker = Scattered(
                            cluster, asked, folder, identity, found, usable, progress, store
                        )
                    else:
                        maker = Shards(
                            folder,
                            identity,
                            found,
                            _feedback(config, opened.line, folder),
                            {"sandbox": pool.tier, "unsteady": usable.unsteady},
                            progress,
                            journal,
                            store,
                            wrap_shard,
                        )
                    manifests = await maker.make()
                    spent = opened.spent()
            judging = await in_file_thread(audited, judging, config, folder, manifests)
            dataset = _current(folder, manifests, config)
            if dataset is None:
                looked = await look_everywhere(
                    cluster, config.dataset, name, folder.shards, config.output.url, manifests
                )
                dataset = await in_file_thread(
                    _dataset, folder, manifests, config, command, plan, looked
                )
            report = await in_file_thread(_report, folder)
            if store is not None:
                await asyncio.to_thread(store.send_dataset, folder.path)
    return RunResult(
        name=name,
        folder=folder,
        manifest=dataset,
        report=report,
        made=maker.made,
        skipped=skipped,
        spent=maker.spent,
        endpoint=spent,
        lacking=tuple(found.target.quota.lacking.items()) if found.target else (),
        structured=opened.opened.structured,
        judging=judging,
    )


async def whole(
    config: RunConfig,
    progress: Progress,
    *,
    command: str = "callforge generate",
    wrap_shard: WrapShard | None = None,
    wrap_stage: WrapStage = plainly,
    made: Callable[[RunResult], Awaitable[None]] | None = None,
    say: Said = lambda line: None,
    cluster: Cluster | None = None,
) -> RunResult:
    """The final flow: make the run, then publish, fine-tune and compare as the settings say.

    `made` is told of the run before anything comes after it, and a cluster is let go. A run that a
    budget ended before it was complete goes no further: the same command goes on, and then to the
    stages.
    """
    refuse_early(config)
    result = await run(config, progress, command=command, wrap_shard=wrap_shard, cluster=cluster)
    if cluster is not None:
        cluster.close()
    if made is not None:
        await made(result)
    if not config.goes_on:
        return result
    if result.spent:
        say("The run is not complete: publishing and fine-tuning wait until it is.")
        return result
    after = await go_on(
        config, result.folder, result.manifest, command=command, say=say, wrap=wrap_stage
    )
    return replace(result, after=after)


def _feedback(config: RunConfig, line: Line, folder: RunFolder) -> Feedback:
    """What shards learn from those before them, where the settings have them learn."""
    return Feedback(
        line,
        folder.shards,
        lag=config.plan.lag,
        size=config.output.shard_size,
        refills=config.kept is not None,
        examples=config.generator.shown_examples > 0,
    )


def _current(
    folder: RunFolder, manifests: Sequence[ShardManifest], config: RunConfig
) -> DatasetManifest | None:
    """The data set that is there, if it is of these shards and settings."""
    existing = read_dataset_manifest(folder.dataset)
    return (
        existing
        if existing
        and existing.shards == shards_digest(manifests)
        and existing.settings == config.dataset
        and existing.wanted == config.kept
        else None
    )


def _dataset(
    folder: RunFolder,
    manifests: Sequence[ShardManifest],
    config: RunConfig,
    command: str,
    plan: Plan,
    looked: Sequence[Looked] | None,
) -> DatasetManifest:
    budget = config.endpoint.budget
    return build_dataset(
        folder.dataset,
        folder.shards,
        manifests,
        file_rows=config.output.file_rows,
        command=command,
        apis=len(plan.apis),
        settings=config.dataset,
        held_out=plan.held_out(),
        facts=run_facts(config, plan.apis),
        quota=quota_of(config, plan),
        price=lambda usage: budget.price(usage.prompt_tokens, usage.completion_tokens),
        looked=looked,
    )


def _report(folder: RunFolder) -> Path | None:
    """Write the run's page; the data is there already, and a page can be made again any time."""
    give_all_back()  # drawing is what a run's memory is highest in
    try:
        return write_report(folder.path, REASONS)
    except Exception as error:  # whatever a drawing library raises must not lose a run
        logger.warning(
            "the report of `%s` could not be written (%s: %s); `callforge report %s` tries again",
            folder.path.name,
            type(error).__name__,
            error,
            folder.path,
        )
        return None
