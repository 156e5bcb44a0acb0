"""The second stage on a cluster: what the data set's selection has to know of each row.

Keys and benchmarks' questions are looked for by the workers, shard by shard; what is compared with
each other (copies, groups, splits) is compared in one place afterwards, as in a local run.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from api_registry.errors import StorageError
from api_registry.types import Model
from data.dataset_config import DatasetConfig
from data.run_store import store_of
from data.selection import Looked, look_at
from data.shards import ShardManifest, file_digest, row_batches, shard_path
from flows.drafting import first_error
from flows.scattering import MOST_TASKS, WAITING, Cluster

_AT_LEAST = 10_000
"""Rows of a task at least: a second or two of work."""


class LookJob(Model):
    """Some shards to look at."""

    settings: DatasetConfig
    name: str
    shards: str
    """Folder of the shards, where they are shared."""
    url: str | None
    """Where they are else."""
    sha256: dict[int, str]
    """Number of each shard, and what its kept rows' file has to be."""

    @property
    def title(self) -> str:
        """What the task is called."""
        return f"keys-{min(self.sha256):05d}-{max(self.sha256):05d}"


async def look_at_shards(job: LookJob) -> list[Looked]:
    """Look at the rows of some shards. Raises `StorageError` for one that is damaged."""
    return await asyncio.to_thread(_look_at_shards, job)


def _look_at_shards(job: LookJob) -> list[Looked]:
    store, found = store_of(job.url, job.name), []
    with tempfile.TemporaryDirectory(prefix="callforge-keys-") as temporary:
        folder = Path(temporary) if store is not None else Path(job.shards)
        for index, sha256 in job.sha256.items():
            path = shard_path(folder, "kept", index)
            if store is not None:
                store.fetch_kept(folder, index)
            if file_digest(path) != sha256:
                raise StorageError(f"`{path.name}` is damaged: its sha256 is not the manifest's")
            rows = (row for batch in row_batches(path) for row in batch)
            found.append(look_at(rows, job.settings))
            if store is not None:
                path.unlink()
    return found


async def look_everywhere(
    cluster: Cluster | None,
    settings: DatasetConfig,
    name: str,
    shards: Path,
    url: str | None,
    manifests: Sequence[ShardManifest],
) -> list[Looked] | None:
    """What is to be known of the rows of all shards, in their order.

    None where this process has to look by itself: there is no cluster, or its workers lack what it
    takes, a model or files of this machine.
    """
    local = settings.dedup.embedding_model is not None or settings.decontamination.against
    if cluster is None or local:
        return None
    gate = asyncio.Semaphore(WAITING * await cluster.places())
    rows = sum(manifest.files["kept"].rows for manifest in manifests)
    each = max(rows // max(len(manifests), 1), 1)
    step = max(-(-len(manifests) // MOST_TASKS), _AT_LEAST // each, 1)

    async def part(some: Sequence[ShardManifest]) -> list[Looked]:
        job = LookJob(
            settings=settings,
            name=name,
            shards=str(shards.resolve()),
            url=url,
            sha256={manifest.shard: manifest.files["kept"].sha256 for manifest in some},
        )
        async with gate:
            return await cluster.run(job.title, look_at_shards, job)

    try:
        async with asyncio.TaskGroup() as group:
            parts = [
                group.create_task(part(manifests[start : start + step]))
                for start in range(0, len(manifests), step)
            ]
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None
    return [looked for task in parts for looked in task.result()]
