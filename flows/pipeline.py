"""The whole run as one plain async function: APIs → drafts → checks → shards → data set.

Nothing here knows of Prefect: `flows.generate_fc` wraps `run` and each shard in a flow and tasks.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

from api_registry.check import check_examples
from api_registry.errors import BudgetError, SourceError
from api_registry.execution.pool import RunnerPool
from api_registry.registry import digest, load_apis
from api_registry.types import Api, Skipped
from data.dataset import DatasetManifest, build_dataset, read_dataset_manifest, shards_digest
from data.funnel import Funnel, count_row, merge
from data.judging import Judging
from data.report import write_report
from data.run_folder import RunFolder, identity_of
from data.schema import SCHEMA_VERSION
from data.shards import DamagedShard, ShardManifest, read_manifest, write_shard
from data.statistics import count_rows
from flows.config import RunConfig
from flows.drafting import Line, draft_samples, first_error
from flows.judging import audited, judging_of
from flows.model_server import models_ready
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

_OPEN_SHARDS = 2
"""Two at least: while one shard waits for its last drafts, the next keeps the runners busy."""
_EMBEDDED_IN_FLIGHT = 64

MakeShard = Callable[[], Awaitable[ShardManifest | None]]
"""Gives None where a budget was spent before the shard's first draft was finished."""
WrapShard = Callable[[int, MakeShard], Awaitable[ShardManifest | None]]


class Progress(Protocol):
    """Somebody who is told how far a run is."""

    def start(self, total: int, done: int) -> None:
        """Told once: drafts in all, and drafts already there from before."""

    def advance(self, drafts: int, kept: int) -> None:
        """Told of every draft made."""

    def finish(self) -> None:
        """Told once, also when the run fails."""


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
    endpoint: Spent | None = None
    """What the model endpoint was asked for; None where none was."""
    judging: Judging | None = None
    """The judges and how they did; None where there are none."""


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
        apis, skipped = await _working(loaded.apis, pool)
        skipped = (*loaded.skipped, *skipped)
        facts = run_facts(config, apis)
        name = config.name or f"{config.generator.name}-{identity_of(facts)[:8]}"
        folder = RunFolder(Path(config.output.out) / name)
        identity = folder.open(facts, config.model_dump(mode="json"))
        with folder.locked():
            seed = config.seed or 0
            with Journal(folder.path / "journal", config.output.shard_size) as journal:
                async with (
                    models_ready(config, folder, identity) as asked,
                    open_generator(asked.generator, asked.endpoint, journal, seed) as opened,
                    open_panel(asked.judge, asked.endpoint, journal, opened.endpoint) as panel,
                ):
                    judging = await judging_of(panel, config, folder, apis, pool)
                    line = Line(
                        plan=Plan(
                            apis, config.plan, seed=seed, shard_size=config.output.shard_size
                        ),
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
                    )
                    shards = _Shards(folder, identity, line, config, pool.tier, progress, journal)
                    manifests = await shards.make(wrap_shard)
                    endpoint = panel.endpoint if panel else opened.endpoint
                    spent = endpoint.spent() if endpoint else None
            judging = await asyncio.to_thread(audited, judging, config, folder, manifests)
            dataset = await asyncio.to_thread(
                _dataset, folder, manifests, config, command, line.plan
            )
            report = await asyncio.to_thread(_report, folder)
    return RunResult(
        name, folder, dataset, report, shards.made, skipped, shards.spent, spent, judging
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
        "plan": config.plan.model_dump(mode="json"),
        "generator": config.generator.facts(),
        "generator_version": version_of(config.generator),
        "checks": config.checks.model_dump(mode="json"),
        "shard_size": config.output.shard_size,
        **judges,
        **closing,
    }


def _in_flight(opened: OpenGenerator, panel: Panel | None) -> int:
    """Requests of one shard under way: enough that checks and judges leave no place empty."""
    endpoint = panel.endpoint if panel else opened.endpoint
    if endpoint is None:
        return _EMBEDDED_IN_FLIGHT
    return endpoint.config.concurrency * 3 // 2 + 8


async def _working(
    apis: Sequence[Api], pool: RunnerPool
) -> tuple[tuple[Api, ...], tuple[Skipped, ...]]:
    """Sort out the APIs that fail on their own examples: they are not sampled."""
    checks = await check_examples(apis, pool)
    failed = {check.api: check.detail for check in checks if not check.passed}
    working = tuple(api for api in apis if api.name not in failed)
    if not working:
        name, detail = next(iter(failed.items()))
        raise SourceError(f"no API works on its own examples; the first, `{name}`: {detail}")
    skipped = tuple(Skipped(where=name, reason=detail) for name, detail in failed.items())
    return working, skipped


class _Shards:
    """The shards of one run: found complete, or made."""

    def __init__(
        self,
        folder: RunFolder,
        identity: str,
        line: Line,
        config: RunConfig,
        tier: str,
        progress: Progress,
        journal: Journal,
    ) -> None:
        self.folder, self.identity, self.line = folder, identity, line
        self.samples, self.size = config.samples, config.output.shard_size
        self.tier, self.progress, self.journal = tier, progress, journal
        self.made = 0
        self._before: dict[int, ShardManifest] = {}
        self.spent: str | None = None

    async def make(self, wrap: WrapShard | None) -> list[ShardManifest]:
        """Return the manifests of all shards in order, those of an earlier, longer run included."""
        done = self._find()
        self._before = dict(done)
        counts = [
            min(self.size, self.samples - first) for first in range(0, self.samples, self.size)
        ]
        missing = [
            index
            for index, count in enumerate(counts)
            if index not in done or done[index].drafts < count
        ]
        total = sum(
            max(count, done[index].drafts if index in done else 0)
            for index, count in enumerate(counts)
        )
        self.progress.start(total, total - sum(counts[index] for index in missing))
        gate = asyncio.Semaphore(self._open_shards())

        async def shard(index: int) -> ShardManifest | None:
            async with gate:

                async def work() -> ShardManifest | None:
                    return await self._make(index, counts[index])

                return await (wrap(index, work) if wrap else work())

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {index: group.create_task(shard(index)) for index in missing}
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        finally:
            self.progress.finish()
        for index, task in tasks.items():
            if (manifest := task.result()) is not None:
                done[index] = manifest
        if not done:
            raise BudgetError(
                f"the budget was spent before the first draft was finished: {self.spent}; "
                "the same command with a larger one goes on from here"
            )
        return [done[index] for index in sorted(done)]

    def _open_shards(self) -> int:
        """So many that the last requests of one shard leave no place at the endpoint empty."""
        requests = max(self.size // self.line.drafts_per_request, 1)
        return max(_OPEN_SHARDS, 1 + -(-self.line.in_flight // requests))

    def _find(self) -> dict[int, ShardManifest]:
        """The unbroken row of finished shards and those after it that this run asks for."""
        wanted = -(-self.samples // self.size)
        found: dict[int, ShardManifest] = {}
        index = 0
        while True:
            try:
                manifest = read_manifest(self.folder.shards, index)
            except DamagedShard as error:
                logger.warning("%s; it is made again", error)
                manifest = None
            if manifest and manifest.identity == self.identity:
                found[index] = manifest
            elif index >= wanted:
                return found
            index += 1

    async def _make(self, index: int, count: int) -> ShardManifest | None:
        started = time.monotonic()
        first = index * self.size
        drafted = await draft_samples(self.line, first, count, self.progress.advance)
        self.spent = self.spent or drafted.spent
        made = len(drafted.samples)
        if made == 0 or made <= self._made_before(index):
            return None
        rows = drafted.rows()
        manifest = ShardManifest(
            identity=self.identity,
            shard=index,
            first=first,
            drafts=made,
            files={},
            funnel=merge([*map(count_row, chain(*rows.values())), Funnel(surplus=drafted.surplus)]),
            statistics=count_rows(rows["kept"]),
            sandbox=self.tier,
            seconds=round(time.monotonic() - started, 3),
        )
        complete = await asyncio.to_thread(write_shard, self.folder.shards, manifest, rows)
        self.made += made
        if made == count:
            self.journal.drop(index)
        return complete

    def _made_before(self, index: int) -> int:
        """Drafts of a shard that an earlier command left unfinished."""
        before = self._before.get(index)
        return before.drafts if before else 0


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
    ):
        return existing
    return build_dataset(
        folder.dataset,
        folder.shards,
        manifests,
        file_rows=config.output.file_rows,
        command=command,
        apis=len(plan.apis),
        settings=config.dataset,
        held_out=plan.held_out(),
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
