"""What finished shards teach later ones: verified rows as examples, and what to make up for.

Shard k learns from shards up to k - lag and from no other, and waits for these alone: the order of
work changes nothing, and nobody waits as long as fewer than `lag` shards are made at once.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

from data.funnel import Funnel, Tally, merge
from data.shards import ShardManifest, row_batches, shard_path
from flows.drafting import Line
from flows.file_thread import in_file_thread
from generators.llm.examples import COLUMNS, ExamplePool, shipped_examples, verified_examples
from generators.refill import Counts, Refill, refill

_HORIZON = 2
"""What lacks is made up for over so many lags: sooner would overshoot."""


class Feedback:
    """Gives each shard its production line."""

    def __init__(
        self, line: Line, shards: Path, *, lag: int, size: int, refills: bool, examples: bool
    ) -> None:
        self.line, self.shards = line, shards
        self.lag, self.size = lag, size
        self.refills, self.examples = refills, examples
        self._manifests: dict[int, asyncio.Future[ShardManifest | None]] = {}
        self._sums: list[Funnel] = []
        """Funnel of the shards up to each."""

    def finished(self, shard: int, manifest: ShardManifest | None) -> None:
        """Tell that a shard is finished; None, or one of fewer drafts, where it will not be."""
        whole = manifest if manifest and manifest.drafts == self.size else None
        future = self._future(shard)
        if not future.done():
            future.set_result(whole)

    async def line_for(self, shard: int) -> Line | None:
        """The line for a shard, once those that it learns from are there; None where they are not.

        The first shards learn from nobody: they are shown shipped examples.
        """
        before = shard - self.lag
        if not (self.refills or self.examples):
            return self.line
        if before < 0:
            examples = examples_for(self.shards, before) if self.examples else None
            return replace(self.line, examples=examples)
        for index in range(len(self._sums), before + 1):
            manifest = await self._future(index)
            if manifest is None:
                return None
            if index == len(self._sums):  # another shard may have added it meanwhile
                self._sums.append(merge([*self._sums[-1:], manifest.funnel]))
        line = self.line
        if self.refills:
            line = replace(line, plan=line.plan.refilled(self._refill(line, self._sums[before])))
        if self.examples:
            examples = await in_file_thread(examples_for, self.shards, before)
            line = replace(line, examples=examples)
        return line

    def _refill(self, line: Line, funnel: Funnel) -> Refill:
        horizon = _HORIZON * self.lag * self.size
        return refill(
            line.plan.coverage(), _counts(funnel.styles), _counts(funnel.categories), horizon
        )

    def _future(self, shard: int) -> "asyncio.Future[ShardManifest | None]":
        if shard not in self._manifests:
            self._manifests[shard] = asyncio.get_running_loop().create_future()
        return self._manifests[shard]


def examples_for(shards: Path, before: int) -> ExamplePool:
    """What a shard shows: the verified rows of shard `before` it, or, with none, shipped pairs."""
    if before < 0:
        return shipped_examples()
    batches = row_batches(shard_path(shards, "kept", before), COLUMNS)
    return verified_examples(row for batch in batches for row in batch)


def _counts(tallies: dict[str, Tally]) -> Counts:
    return {key: (tally.drafts, tally.kept) for key, tally in tallies.items()}
