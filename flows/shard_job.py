"""The work of one task of a cluster: some shards of a run, made by a process on its own.

It opens what it needs (the runners of calls, its share of the endpoint's limit, the judges) and
closes it again, so that nothing is left on a worker whose task ended, failed or was cancelled.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from api_registry.errors import StorageError
from api_registry.execution.pool import RunnerPool
from api_registry.registry import load_apis
from api_registry.steadiness import Unsteady, marked
from api_registry.types import Model
from data.run_folder import RunFolder, identity_of
from data.run_store import RunStore, store_of
from data.shards import ShardManifest
from flows.config import RunConfig
from flows.drafting import Line, draft_samples
from flows.facts import run_facts
from flows.feedback import examples_for
from flows.file_thread import in_file_thread
from flows.making import write_drafted
from flows.opening import open_line
from generators.endpoint.journal import Journal
from generators.plan import Plan


class ShardJob(Model):
    """Some shards to make; everything that a process elsewhere has to know."""

    config: RunConfig
    """The run's, with models that can be asked and this task's share of the endpoint's limit."""
    name: str
    identity: str
    apis: tuple[str, ...]
    """Names of those that are offered."""
    unsteady: dict[str, Unsteady]
    """Those of them whose results vary."""
    shards: tuple[tuple[int, int], ...]
    """Number of each shard, and of its drafts."""

    @property
    def title(self) -> str:
        """What the task is called."""
        first, last = self.shards[0][0], self.shards[-1][0]
        return f"shard-{first:05d}" if first == last else f"shards-{first:05d}-{last:05d}"


async def make_shards(job: ShardJob) -> list[ShardManifest]:
    """Make shards where the run is stored. Raises as `flows.pipeline.run` does."""
    config, size = job.config, job.config.output.shard_size
    loaded = await asyncio.to_thread(load_apis, config.apis)
    offered = [api for api in loaded.apis if api.name in job.apis]
    if identity_of(run_facts(config, offered)) != job.identity:
        raise StorageError(
            f"run `{job.name}`: this worker has other APIs, or another version of Callforge, than "
            "the process that started the run; install the same on every worker"
        )
    plan = Plan(marked(offered, job.unsteady), config.plan, seed=config.seed or 0, shard_size=size)
    with _workplace(job) as (shards, journals, store):
        async with RunnerPool(loaded.apis, config.execution) as pool:
            start = f"start-{job.shards[0][0]:05d}"
            with Journal(journals, size, start) as journal:
                async with open_line(config, plan, pool, journal) as opened:
                    known = {"sandbox": pool.tier, "unsteady": job.unsteady}
                    made = [
                        await _shard(job, *shard, opened.line, journal, shards, store, known)
                        for shard in job.shards
                    ]
                journal.drop(-1)
    return made


async def _shard(
    job: ShardJob,
    index: int,
    count: int,
    line: Line,
    journal: Journal,
    shards: Path,
    store: RunStore | None,
    known: dict[str, Any],
) -> ShardManifest:
    started, first = time.monotonic(), index * job.config.output.shard_size
    if line.shown_examples:
        before = index - job.config.plan.lag
        if store is not None and before >= 0:
            await asyncio.to_thread(store.fetch_kept, shards, before)
        line = replace(line, examples=await in_file_thread(examples_for, shards, before))
    drafted = await draft_samples(line, first, count, lambda drafts, kept: None)
    manifest = await in_file_thread(
        write_drafted,
        shards,
        drafted,
        identity=job.identity,
        shard=index,
        first=first,
        usage=journal.used(index),
        known=known,
        started=started,
    )
    if store is not None:
        await asyncio.to_thread(store.send, shards, index)
    if count == job.config.output.shard_size:
        journal.drop(index)
    return manifest


@contextmanager
def _workplace(job: ShardJob) -> Iterator[tuple[Path, Path, RunStore | None]]:
    """The folder of shards, that of journals, and the store.

    With a store, shards are here only until they are sent; paid answers stay in the run's folder of
    this machine until they are in a finished shard, so that a second try here finds them.
    """
    output = job.config.output
    folder = RunFolder(Path(output.folder) / job.name)
    store = store_of(output.url, job.name)
    if store is None:
        yield folder.shards, folder.path / "journal", None
        return
    with tempfile.TemporaryDirectory(prefix="callforge-shards-") as temporary:
        yield Path(temporary), folder.path / "journal", store
