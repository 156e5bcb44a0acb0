"""The whole run as one plain async function: APIs → drafts → checks → shards → data set.

Nothing here knows of Prefect: `flows.generate_fc` wraps `run` and each shard in a flow and tasks.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api_registry.execution.pool import RunnerPool
from api_registry.registry import digest, load_apis
from api_registry.types import Api, Skipped
from data.dataset import DatasetManifest, build_dataset, read_dataset_manifest, shards_digest
from data.judging import Judging
from data.report import write_report
from data.run_folder import RunFolder, identity_of
from data.schema import SCHEMA_VERSION
from data.shards import ShardManifest
from flows.config import RunConfig
from flows.drafting import Line
from flows.feedback import Feedback
from flows.found import find_shards, quota_of
from flows.judging import audited, judging_of
from flows.making import Progress, Shards, WrapShard
from flows.model_server import models_ready
from flows.offered import offered
from generators.build import OpenGenerator, closer_version_of, open_generator, version_of
from generators.endpoint.client import Spent
from generators.endpoint.journal import Journal
from generators.plan import Plan
from verifiers.build import build_verifiers
from verifiers.closing_answer import ClosingAnswer
from verifiers.judge.opening import Panel, open_panel
from verifiers.judge.prompting import prompts_name
from verifiers.reasons_page import REASONS

logger = logging.getLogger("callforge")

_EMBEDDED_IN_FLIGHT = 64


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


async def run(
    config: RunConfig,
    progress: Progress,
    *,
    command: str = "callforge generate",
    wrap_shard: WrapShard | None = None,
) -> RunResult:
    """Make what is missing of a run, then its data set.

    Args:
        config: What to make.
        progress: Told of every draft.
        command: The command line that makes this run, for the card.
        wrap_shard: Called with the shard's number and the work, to run it as a task.
    """
    loaded = await asyncio.to_thread(load_apis, config.apis)
    async with RunnerPool(loaded.apis, config.execution) as pool:
        usable = await offered(loaded.apis, pool)
        apis, skipped = usable.marked, (*loaded.skipped, *usable.skipped)
        facts = run_facts(config, usable.apis)
        name = config.name or f"{config.generator.name}-{identity_of(facts)[:8]}"
        folder = RunFolder(Path(config.output.out) / name)
        with folder.opened(facts, config.model_dump(mode="json")) as identity:
            seed = config.seed or 0
            plan = Plan(apis, config.plan, seed=seed, shard_size=config.output.shard_size)
            found = await asyncio.to_thread(find_shards, config, folder, identity, plan)
            with Journal(folder.path / "journal", config.output.shard_size) as journal:
                async with (
                    models_ready(config, folder, finished=not found.missing()) as asked,
                    open_generator(asked.generator, asked.endpoint, journal, seed) as opened,
                    open_panel(asked.judge, asked.endpoint, journal, opened.endpoint) as panel,
                ):
                    judging = await judging_of(panel, config, folder, apis, pool)
                    line = Line(
                        plan=plan,
                        generator=opened.generator,
                        verifiers=build_verifiers(
                            pool,
                            apis,
                            (ClosingAnswer(opened.closer), *(panel.checks if panel else ())),
                        ),
                        drafts_per_request=config.generator.drafts_per_request,
                        in_flight=_in_flight(opened, panel),
                        repair=config.checks.repair,
                        regenerate=config.generator.regenerate,
                        shown_examples=config.generator.shown_examples,
                    )
                    feedback = Feedback(
                        line,
                        folder.shards,
                        lag=config.plan.lag,
                        size=config.output.shard_size,
                        refills=config.kept is not None,
                        examples=config.generator.shown_examples > 0,
                    )
                    known = {"sandbox": pool.tier, "unsteady": usable.unsteady}
                    shards = Shards(folder, identity, found, feedback, known, progress, journal)
                    manifests = await shards.make(wrap_shard)
                    endpoint = panel.endpoints[0] if panel else opened.endpoint
                    spent = endpoint.spent() if endpoint else None
            judging = await asyncio.to_thread(audited, judging, config, folder, manifests)
            dataset = await asyncio.to_thread(_dataset, folder, manifests, config, command, plan)
            report = await asyncio.to_thread(_report, folder)
    return RunResult(
        name=name,
        folder=folder,
        manifest=dataset,
        report=report,
        made=shards.made,
        skipped=skipped,
        spent=shards.spent,
        endpoint=spent,
        lacking=tuple(found.target.quota.lacking.items()) if found.target else (),
        structured=opened.structured,
        judging=judging,
    )


def run_facts(config: RunConfig, apis: Sequence[Api]) -> dict[str, object]:
    """What determines a run's content; everything else may differ between two resumes of it."""
    judges = (
        {"judge": config.judge.facts(), "judge_version": prompts_name()}
        if config.judge.models
        else {}
    )
    closing = {"closer": closer_version_of(config.generator)} if config.plan.final_answer else {}
    return {
        "schema_version": SCHEMA_VERSION,
        "seed": config.seed or 0,
        "apis": digest(apis),
        "plan": config.plan.facts(),
        "generator": config.generator.facts(),
        "generator_version": version_of(config.generator),
        "checks": config.checks.model_dump(mode="json"),
        "shard_size": config.output.shard_size,
        **judges,
        **closing,
        # Quotas of rows are refilled by what was kept: another plan than that of so many drafts.
        **({"refilled": True} if config.kept is not None else {}),
    }


def _in_flight(opened: OpenGenerator, panel: Panel | None) -> int:
    """Requests of one shard under way: enough that checks and judges leave no place empty."""
    endpoints = panel.endpoints if panel else filter(None, (opened.endpoint,))
    places = sum(endpoint.config.concurrency for endpoint in endpoints)
    return places * 3 // 2 + 8 if places else _EMBEDDED_IN_FLIGHT


def _dataset(
    folder: RunFolder,
    manifests: Sequence[ShardManifest],
    config: RunConfig,
    command: str,
    plan: Plan,
) -> DatasetManifest:
    existing = read_dataset_manifest(folder.dataset)
    if (
        existing
        and existing.shards == shards_digest(manifests)
        and existing.settings == config.dataset
        and existing.wanted == config.kept
    ):
        return existing
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
    )


def _report(folder: RunFolder) -> Path | None:
    """Write the run's page; the data is there already, and a page can be made again any time."""
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
