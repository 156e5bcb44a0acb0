"""The keys of rows as arrays: made where the rows are, compared where all of them come together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.dedup.config import DedupConfig
from data.dedup.keys import RowKeys, asked

_EXACT = 16
"""Bytes of an exact key."""


class Keyed(NamedTuple):
    """What one row is compared by."""

    exact: bytes
    block: int
    shingles: list[int]
    """Empty where near copies are not looked for."""
    meaning: tuple[int, str] | None = None
    """Block and text; None where copies by meaning are not looked for."""


def keyed(row: Mapping[str, Any], config: DedupConfig, *, meaning: bool = False) -> Keyed:
    """The keys of a row, which holds `data.dedup.keys.COLUMNS`."""
    keys = RowKeys(row)
    return Keyed(
        keys.exact(),
        keys.block(),
        keys.shingles(config.shingle_words) if config.near else [],
        (keys.meaning_block(), asked(row)) if meaning else None,
    )


@dataclass(frozen=True)
class KeyTable:
    """The keys of many rows, without their meaning: some 400 bytes a row."""

    exact: bytes
    """16 bytes a row."""
    blocks: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    """Those of all rows, one row after the other."""
    ends: NDArray[np.int64]
    """Where each row's shingles end."""

    def __len__(self) -> int:
        return len(self.blocks)

    def __iter__(self) -> Iterator[Keyed]:
        start = 0
        for index, end in enumerate(self.ends.tolist()):
            exact = self.exact[_EXACT * index : _EXACT * (index + 1)]
            yield Keyed(exact, int(self.blocks[index]), self.shingles[start:end].tolist())
            start = end


def key_table(rows: Iterable[Keyed]) -> KeyTable:
    """Gather the keys of rows."""
    gathered = list(rows)
    return KeyTable(
        exact=b"".join(row.exact for row in gathered),
        blocks=np.array([row.block for row in gathered], dtype=np.uint64),
        shingles=np.array([value for row in gathered for value in row.shingles], dtype=np.uint64),
        ends=np.array(list(accumulate(len(row.shingles) for row in gathered)), dtype=np.int64),
    )
