"""Which kept rows make a data set of N rows: the first of every style, as many as it has room for.

Exact copies count once. What is done to rows after that (near copies, benchmark questions) is
reported and not made up for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from data.dedup.keys import COLUMNS as KEY_COLUMNS
from data.dedup.keys import RowKeys
from data.funnel import draft_of

Row = dict[str, Any]
QUOTA_REASONS: dict[str, str] = {
    "style_full": "the data set has all the rows of this style that were asked for",
}
COLUMNS = (*KEY_COLUMNS, "style", "provenance")
"""What taking rows reads of them."""


def apportioned(wanted: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Whole numbers that sum to `wanted`, as near to the shares as can be (largest remainders)."""
    total = sum(shares.values())
    exact = {key: wanted * share / total for key, share in shares.items()}
    counts = {key: int(value) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (counts[key] - exact[key], key))
    for key in by_remainder[: wanted - sum(counts.values())]:
        counts[key] += 1
    return counts


class Quota:
    """Takes the kept rows of a run in the order of their drafts until there are enough."""

    def __init__(self, wanted: int, shares: Mapping[str, float]) -> None:
        self.wanted = wanted
        self.taken = 0
        self._room = apportioned(wanted, shares)
        self._seen: set[bytes] = set()

    def take(self, key: bytes, style: str) -> bool:
        """Take a row; False where its style has no room. A copy (an equal key) takes none."""
        if key in self._seen:
            return True
        if not self._room.get(style):
            return False
        self._seen.add(key)
        self._room[style] -= 1
        self.taken += 1
        return True

    def full(self) -> bool:
        """Whether there are as many rows as are wanted."""
        return self.taken >= self.wanted

    @property
    def lacking(self) -> dict[str, int]:
        """Style → rows that are still wanted."""
        return {style: room for style, room in self._room.items() if room}


@dataclass
class Taken:
    """What of a run's kept rows the data set is made from."""

    end: int | None = None
    """Number of kept rows that count; None where all do."""
    last: int | None = None
    """The draft that is the last of them."""
    over: set[int] = field(default_factory=set)
    """Places of the rows for which their style had no room."""

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Those of all kept rows that are taken."""
        return (row for place, row in self.until_end(rows) if place not in self.over)

    def until_end(self, rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
        """The rows that count, with their places."""
        for place, row in enumerate(rows):
            if place == self.end:
                return
            yield place, row

    def batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The rows that count in their batches, each with the place of its first row."""
        place = 0
        for batch in batches:
            counting = batch if self.end is None else batch.slice(0, max(self.end - place, 0))
            if not counting.num_rows:
                return
            yield place, counting
            place += counting.num_rows


def take_rows(read: Callable[[Sequence[str]], Iterable[Row]], quota: Quota | None) -> Taken:
    """Go through a run's kept rows until the quota, which is used up by this, is full."""
    taken = Taken()
    if quota is None:
        return taken
    for place, row in enumerate(read(COLUMNS)):
        if not quota.take(RowKeys(row).exact(), row["style"]):
            taken.over.add(place)
        elif quota.full():
            taken.end, taken.last = place + 1, draft_of(row)
            break
    return taken
