"""A fair draw of a data set's rows, for figures that need the rows themselves."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

SIZE = 4000
"""Rows drawn: figures of it are off by less than two points, and cost no more for larger sets."""


class RowSample:
    """The rows with the smallest ids: ids are hashes, so that is chance, and the same each time.

    Only their places are kept: drawn rows come and go, and hold most of what a run's rows hold.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._heap: list[tuple[int, int]] = []

    def add(self, place: int, row_id: str) -> None:
        """Take note of a row; no two may have one id."""
        # A heap gives up its smallest entry: the largest id, with its sign turned.
        entry = -int(row_id, 16), place
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heappushpop(self._heap, entry)

    def places(self) -> list[int]:
        """The places of the rows drawn, in their order."""
        return sorted(place for _, place in self._heap)


def rows_at(batches: Iterable[pa.RecordBatch], places: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The rows at some places, in ascending order, of all that come in batches."""
    wanted = np.asarray(places, dtype=np.int64)
    first = 0
    for batch in batches:
        start, end = np.searchsorted(wanted, [first, first + batch.num_rows])
        if start < end:
            yield from batch.take(pa.array(wanted[start:end] - first)).to_pylist()
        first += batch.num_rows
