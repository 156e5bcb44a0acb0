"""Shards made by the workers of a cluster: handed out in order, and brought together here.

The cluster itself is somebody else's (`flows.clusters` has Dask and Ray by way of Prefect); here is
only what is given to whom, and what waits for what.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from api_registry.errors import StorageError
from api_registry.types import Model
from data.run_folder import RunFolder
from data.run_store import RunStore
from data.shards import ShardManifest, read_manifest
from flows.config import RunConfig
from flows.drafting import first_error
from flows.found import Found
from flows.making import Progress
from flows.offered import Offered
from flows.shard_job import ShardJob, make_shards

MOST_TASKS = 1000
"""A Prefect server takes 4 to 40 ms of CPU for each."""
_FEW = 4
"""Shards of one task at most where there are not too many: a lost worker loses no more."""
WAITING = 2
"""Tasks handed out for each place: one that runs, and one that begins when it ends."""

Job = TypeVar("Job", bound=Model)
Result = TypeVar("Result")


class Cluster(Protocol):
    """Processes elsewhere that work is given to."""

    async def places(self) -> int:
        """Tasks that run at once."""

    async def run(self, title: str, work: Callable[[Job], Awaitable[Result]], job: Job) -> Result:
        """Do the work, a function of a module, in one of the processes; raises what it raises."""

    def close(self) -> None:
        """Let it go; nothing that was started for it is left behind."""


class Scattered:
    """Makes what is missing of a run on a cluster."""

    def __init__(
        self,
        cluster: Cluster,
        asked: RunConfig,
        folder: RunFolder,
        identity: str,
        found: Found,
        offered: Offered,
        progress: Progress,
        store: RunStore | None,
    ) -> None:
        """`asked` has models that can be asked by every worker."""
        self.cluster, self.asked, self.folder, self.identity = cluster, asked, folder, identity
        self.found, self.offered, self.progress, self.store = found, offered, progress, store
        self.made = 0
        self.spent: str | None = None
        """Always None: budgets are counted by one process, and refused with a cluster."""
        self._done: dict[int, asyncio.Future[ShardManifest]] = {}

    async def make(self) -> list[ShardManifest]:
        """Return the manifests of all shards in order, those of an earlier, longer run included."""
        missing, counts, there = self.found.missing(), self.found.counts, self.found.manifests
        loop = asyncio.get_running_loop()
        self._done = {index: loop.create_future() for index in {*missing, *there}}
        for index in there.keys() - set(missing):
            self._done[index].set_result(there[index])
        # A finished run starts no cluster.
        places = await self.cluster.places() if missing else 1
        places = self.asked.runner.workers or places
        whole = sum(there[index].drafts for index in there.keys() - set(missing))
        self.progress.start(whole + sum(counts[index] for index in missing), whole)
        gate = asyncio.Semaphore(WAITING * places)
        try:
            async with asyncio.TaskGroup() as group:
                for job in self._jobs(missing, places):
                    group.create_task(self._task(job, gate))
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        finally:
            self.progress.finish()
        return [self._done[index].result() for index in sorted(self._done)]

    def _jobs(self, missing: list[int], places: int) -> Iterator[ShardJob]:
        runner, endpoint = self.asked.runner, self.asked.endpoint
        step = runner.shards_per_task or self._shards_per_task(len(missing), places)
        share = endpoint.model_copy(update={"concurrency": max(endpoint.concurrency // places, 1)})
        output = self.asked.output
        if output.url is None:
            # A worker may have another working directory; the folder has to be shared.
            output = output.model_copy(update={"out": str(Path(output.out).resolve())})
        config = self.asked.model_copy(update={"endpoint": share, "output": output})
        for start in range(0, len(missing), step):
            yield ShardJob(
                config=config,
                name=self.folder.path.name,
                identity=self.identity,
                apis=tuple(api.name for api in self.offered.apis),
                unsteady=self.offered.unsteady,
                shards=tuple(
                    (index, self.found.counts[index]) for index in missing[start : start + step]
                ),
            )

    def _shards_per_task(self, missing: int, places: int) -> int:
        """One where shards learn from others, else a few, and enough for all in so many tasks."""
        if self.asked.generator.shown_examples:
            return 1
        evenly = -(-missing // (WAITING * places))
        return max(-(-missing // MOST_TASKS), min(_FEW, evenly), 1)

    async def _task(self, job: ShardJob, gate: asyncio.Semaphore) -> None:
        if self.asked.generator.shown_examples:
            for index, _ in job.shards:
                if index >= self.asked.plan.lag:
                    await asyncio.shield(self._done[index - self.asked.plan.lag])
        async with gate:
            manifests = await self.cluster.run(job.title, make_shards, job)
        await asyncio.to_thread(self._collect, [manifest.shard for manifest in manifests])
        for manifest in manifests:
            self._done[manifest.shard].set_result(manifest)
            self.made += manifest.drafts
            self.progress.advance(manifest.drafts, manifest.funnel.kept)

    def _collect(self, indices: list[int]) -> None:
        """Bring finished shards here, and see that they are what their manifests say."""
        if self.store is not None:
            self.store.fetch(self.folder.shards, indices, self.identity)
        for index in indices:
            if read_manifest(self.folder.shards, index) is None:
                raise StorageError(
                    f"a worker has made shard {index}, and it is not in `{self.folder.shards}`: "
                    "give --out a folder that all workers share, or a URL such as s3://bucket/runs"
                )
