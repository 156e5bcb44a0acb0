"""A fair draw of a data set's rows, for figures that need the rows themselves."""

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

SIZE = 4000
"""Rows drawn: figures of it are off by less than two points, and cost no more for larger sets."""
_KEYS = (
    "group", "messages", "query", "tools", "answers", "style", "n_calls", "n_tools", "provenance",
)  # fmt: skip


class RowSample:
    """The rows with the smallest ids: ids are hashes, so that is chance, and the same each time."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._heap: list[tuple[int, dict[str, Any]]] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """Take note of a row; no two may have one id."""
        # A heap gives up its smallest entry: the largest id, with its sign turned.
        key = -int(row["id"], 16)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, (key, {name: row[name] for name in _KEYS}))
        elif key > self._heap[0][0]:
            heapq.heapreplace(self._heap, (key, {name: row[name] for name in _KEYS}))

    def rows(self) -> Sequence[dict[str, Any]]:
        """The rows drawn, in the order of their ids; a few columns of each."""
        return [row for _, row in sorted(self._heap, key=lambda entry: -entry[0])]
