"""What earlier commands made of a run, and whether anything is missing."""

import logging
from dataclasses import dataclass

from data.quota import COLUMNS, Quota
from data.run_folder import RunFolder
from data.shards import DamagedShard, ShardManifest, read_manifest, row_batches, shard_path
from flows.config import RunConfig
from flows.target import Target
from generators.plan import Plan

logger = logging.getLogger("callforge")


@dataclass(frozen=True)
class Found:
    """The finished shards of a run, and what they come to."""

    manifests: dict[int, ShardManifest]
    counts: list[int]
    """Drafts of each shard that may be made; with a target, fewer shards are likely enough."""
    target: Target | None
    """What counts towards the rows that are wanted; None where drafts are."""

    def missing(self) -> list[int]:
        """The shards that are not there, or not whole; no more than the target needs."""
        if self.target is not None and self.target.stopped.is_set():
            return []
        return [
            index
            for index, count in enumerate(self.counts)
            if index not in self.manifests or self.manifests[index].drafts < count
        ]


def quota_of(config: RunConfig, plan: Plan) -> Quota | None:
    """Which kept rows become the data set of a run; None where all of them do."""
    return Quota(config.kept, plan.coverage().styles) if config.kept is not None else None


def find_shards(config: RunConfig, folder: RunFolder, identity: str, plan: Plan) -> Found:
    """Read the manifests of a run, and count its rows where a number of rows is wanted."""
    size = config.output.shard_size
    counts = [min(size, config.most_drafts - first) for first in range(0, config.most_drafts, size)]
    manifests = _manifests(folder, identity, len(counts))
    target = None
    if quota := quota_of(config, plan):
        target = Target(quota)
        for index in range(len(counts)):
            manifest = manifests.get(index)
            if manifest is None or target.stopped.is_set():
                break
            batches = row_batches(shard_path(folder.shards, "kept", index), COLUMNS)
            rows = (row for batch in batches for row in batch)
            target.found(manifest.first, manifest.drafts, rows)
            if manifest.drafts < counts[index]:
                break
    return Found(manifests, counts, target)


def _manifests(folder: RunFolder, identity: str, wanted: int) -> dict[int, ShardManifest]:
    """The unbroken row of finished shards and those after it that this run asks for."""
    found: dict[int, ShardManifest] = {}
    there = {int(path.stem) for path in folder.shards.glob("*.json") if path.stem.isdecimal()}
    index = 0
    while index < wanted or index in there:
        if index in there:
            try:
                manifest = read_manifest(folder.shards, index)
            except DamagedShard as error:
                logger.warning("%s; it is made again", error)
                manifest = None
            if manifest and manifest.identity == identity:
                found[index] = manifest
        index += 1
    return found
