"""The shards of one run: found complete, or made."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from api_registry.errors import BudgetError
from data.funnel import Funnel, count_row, merge
from data.proof import proof_of
from data.run_folder import RunFolder
from data.run_store import RunStore
from data.shards import ShardManifest, write_shard
from data.statistics import count_rows
from data.usage import Usage
from flows.drafting import Drafted, draft_samples, first_error
from flows.feedback import Feedback
from flows.file_thread import in_file_thread
from flows.found import Found
from generators.endpoint.journal import Journal

_OPEN_SHARDS = 2
"""Two at least: while one shard waits for its last drafts, the next keeps the runners busy."""

MakeShard = Callable[[], Awaitable[ShardManifest | None]]
"""Gives None where a budget was spent before the shard's first draft was finished."""
WrapShard = Callable[[int, MakeShard], Awaitable[ShardManifest | None]]


class Progress(Protocol):
    """Somebody who is told how far a run is."""

    def start(self, total: int, done: int) -> None:
        """Told once: drafts in all, and drafts already there; rows where rows are wanted."""

    def advance(self, drafts: int, kept: int) -> None:
        """Told of every draft made."""

    def finish(self) -> None:
        """Told once, also when the run fails."""


shown_progress: ContextVar[Progress | None] = ContextVar("shown_progress", default=None)
"""Set by the command line to see the drafts counted: flow parameters are data, not objects."""


class Shards:
    """Makes what is missing."""

    def __init__(
        self,
        folder: RunFolder,
        identity: str,
        found: Found,
        feedback: Feedback,
        known: Mapping[str, Any],
        progress: Progress,
        journal: Journal,
        store: RunStore | None = None,
        wrap: WrapShard | None = None,
    ) -> None:
        """`store`, if any, has a shard before it counts as done; `wrap` runs each as a task."""
        self.folder, self.identity = folder, identity
        self.found, self.feedback, self.target = found, feedback, found.target
        self.known, self.progress, self.journal = known, progress, journal
        self.store, self.wrap = store, wrap
        self.size = feedback.size
        self.made = 0
        self.spent: str | None = None
        self._done = dict(found.manifests)

    async def make(self) -> list[ShardManifest]:
        """Return the manifests of all shards in order, those of an earlier, longer run included."""
        missing = self.found.missing()
        for index, manifest in self.found.manifests.items():
            if index not in missing:
                self.feedback.finished(index, manifest)
            if manifest.drafts == self.size:
                self.journal.drop(index)  # left by a process that was killed in this moment
        self._announce(missing)
        gate = asyncio.Semaphore(self._open_shards())
        try:
            async with asyncio.TaskGroup() as group:
                for index in missing:
                    group.create_task(self._shard(index, gate))
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        finally:
            self.progress.finish()
        if not self._done:
            raise BudgetError(
                f"the budget was spent before the first draft was finished: {self.spent}; "
                "the same command with a larger one goes on from here"
            )
        return [self._done[index] for index in sorted(self._done)]

    def _announce(self, missing: list[int]) -> None:
        """Tell how much there is to do: drafts, or rows where those are wanted."""
        if self.target is not None:
            quota = self.target.quota
            self.progress.start(quota.wanted, quota.taken)
            return
        counts, there = self.found.counts, self.found.manifests
        total = sum(
            max(count, there[index].drafts if index in there else 0)
            for index, count in enumerate(counts)
        )
        self.progress.start(total, total - sum(counts[index] for index in missing))

    def _open_shards(self) -> int:
        """So many that the last requests of one shard leave no place at the endpoint empty."""
        line = self.feedback.line
        requests = max(self.size // line.drafts_per_request, 1)
        return max(_OPEN_SHARDS, 1 + -(-line.in_flight // requests))

    async def _shard(self, index: int, gate: asyncio.Semaphore) -> None:
        manifest: ShardManifest | None = None
        async with gate:
            if self.target is None or await self.target.admit(index * self.size):

                async def work() -> ShardManifest | None:
                    return await self._make(index)

                manifest = await (self.wrap(index, work) if self.wrap else work())
        if manifest is not None:
            self._done[index] = manifest
        self.feedback.finished(index, manifest)

    async def _make(self, index: int) -> ShardManifest | None:
        started = time.monotonic()
        first, count = index * self.size, self.found.counts[index]
        line = await self.feedback.line_for(index)
        if line is None:
            return None
        drafted = await draft_samples(line, first, count, self.progress.advance, self.target)
        self.spent = self.spent or drafted.spent
        made = len(drafted.samples)
        if made == 0 or made <= self._made_before(index):
            return None
        complete = await in_file_thread(
            write_drafted,
            self.folder.shards,
            drafted,
            identity=self.identity,
            shard=index,
            first=first,
            usage=self.journal.used(index),
            known=self.known,
            started=started,
        )
        if self.store is not None:
            await asyncio.to_thread(self.store.send, self.folder.shards, index)
        self.made += made
        # A short shard is made again when the run is extended: its answers are asked for once.
        if made == self.size:
            self.journal.drop(index)
        return complete

    def _made_before(self, index: int) -> int:
        """Drafts of a shard that an earlier command left unfinished."""
        before = self.found.manifests.get(index)
        return before.drafts if before else 0


def write_drafted(
    shards: Path,
    drafted: Drafted,
    *,
    identity: str,
    shard: int,
    first: int,
    usage: Usage,
    known: Mapping[str, Any],
    started: float,
) -> ShardManifest:
    """Write the drafts of a shard; `known` and `started` (monotonic) go to its manifest."""
    rows = drafted.rows()
    counts = map(count_row, chain(*rows.values()))
    manifest = ShardManifest(
        identity=identity,
        shard=shard,
        first=first,
        drafts=len(drafted.samples),
        files={},
        funnel=merge([*counts, Funnel(surplus=drafted.surplus)]),
        statistics=count_rows(rows["kept"]),
        usage=usage if usage.answers else None,
        proof=proof_of(drafted.samples),
        **known,
        seconds=round(time.monotonic() - started, 3),
    )
    return write_shard(shards, manifest, rows)
