"""As many drafts as it takes to keep N rows.

Drafts are finished in any order, but counted in the order of their numbers, so which of them is the
N-th row depends on nothing else. What is begun meanwhile is bounded by what is still lacking.
"""

import asyncio
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from data.dedup.keys import RowKeys
from data.funnel import draft_of
from data.quota import Quota
from data.rows import sample_row
from data.types import Sample

Finished = tuple[bytes, str] | None
"""Key and style of a kept draft; None for a rejected one."""


class Target:
    """Counts drafts towards N rows, and says where to stop."""

    def __init__(self, quota: Quota) -> None:
        self.quota = quota
        self.stopped = asyncio.Event()
        """Set as soon as there are N rows."""
        self.last: int | None = None
        """The draft that is the N-th row."""
        self._next = 0
        """All drafts before this one are counted."""
        self._ahead: dict[int, Finished] = {}
        """Finished drafts that wait for others before them."""
        self._moved = asyncio.Event()
        self._closed = False

    def found(self, first: int, drafts: int, rows: Iterable[Mapping[str, Any]]) -> None:
        """Count a shard that an earlier command finished; rows hold `data.quota.COLUMNS`."""
        kept = {draft_of(row): (RowKeys(row).exact(), row["style"]) for row in rows}
        for draft in range(first, first + drafts):
            self._finish(draft, kept.get(draft))

    def finished(self, draft: int, sample: Sample) -> None:
        """Count a draft that was made now."""
        if sample.rejected:
            self._finish(draft, None)
        else:
            self._finish(draft, (RowKeys(sample_row(sample)).exact(), sample.style))

    async def admit(self, draft: int) -> bool:
        """Wait until a draft is needed; False where it never will be."""
        while not (self.stopped.is_set() or self._closed):
            if draft < self._needed():
                return True
            self._moved.clear()
            await self._moved.wait()
        return False

    def close(self) -> None:
        """Admit no further draft: a budget is spent."""
        self._closed = True
        self._moved.set()

    def _needed(self) -> int:
        """The end of the drafts that are needed, if as many are kept as until now."""
        wanted = self.quota.wanted
        rate = (self.quota.taken + 1) / (self._next + 1)
        return self._next + ceil((wanted - self.quota.taken) / rate)

    def _finish(self, draft: int, finished: Finished) -> None:
        self._ahead[draft] = finished
        while self._next in self._ahead and self.last is None:
            row = self._ahead.pop(self._next)
            if row is not None:
                self.quota.take(*row)
            if self.quota.full():
                self.last = self._next
                self.stopped.set()
            self._next += 1
            self._moved.set()
