"""Near copies: MinHash finds candidates, their shingles decide.

Each row gets a signature (rensa's R-MinHash) cut into bands. Rows that agree in one band are
candidates (locality-sensitive hashing; Leskovec et al., Mining of Massive Datasets, chapter 3), and
of those only the ones whose shingle sets really overlap enough are copies. So MinHash can miss a
copy, but nothing is called one by chance.

A row is a copy if an earlier row *that stays* is like it: no chain of small changes drags
everything away, and which row stays depends on nothing but the order of rows.
"""

import tempfile
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import accumulate
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from api_registry.types import Model

PERMUTATIONS = 128
_RECALL = 0.95
"""Chance at least that a pair right at the threshold becomes a candidate."""
_BATCH = 500
_SEED = 20_240_611
_SLACK = 0.15
"""A signature's estimate is off by a standard deviation of 0.04 at most: skip what is far below."""
_CROWD = 500
"""Rows of one bucket that are compared with; a fuller one tells nothing apart."""


class NearCopy(Model):
    """A row that nearly repeats an earlier one."""

    row: int
    """Its place among the rows added."""
    of: int
    """Place of the earlier row, which stays."""
    similarity: float
    """Jaccard similarity of their shingles."""


def bands_for(threshold: float) -> tuple[int, int]:
    """Return bands and rows per band: as selective as recall at the threshold allows."""
    for rows in range(16, 0, -1):
        bands = PERMUTATIONS // rows
        if 1 - (1 - threshold**rows) ** bands >= _RECALL:
            return bands, rows
    return PERMUTATIONS, 1


class NearCopies:
    """Collects rows' shingles, then says which rows are near copies.

    A context: memory holds some 30 numbers a row, and temporary files hold shingles and signatures
    until it is left.
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.bands, self.rows_per_band = bands_for(threshold)
        self._waiting: list[list[int]] = []
        self._blocks: list[int] = []
        self._ends = [0]
        self._opened = ExitStack()
        self._shingles = self._spilled(np.dtype(np.uint64))
        self._short = self._spilled(np.dtype(np.uint8))
        self._buckets = self._spilled(np.dtype(np.uint64))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, block: int, shingles: list[int]) -> None:
        """Add a row; only rows of one block can be copies of each other."""
        self._waiting.append(shingles)
        self._blocks.append(block)
        self._ends.append(self._ends[-1] + len(shingles))
        if len(self._waiting) == _BATCH:
            self._sign()

    def find(self) -> Iterator[NearCopy]:
        """Yield the copies in the order of rows."""
        self._sign()
        if not len(self):
            return
        buckets = self._shared_buckets()
        short = self._short.read().reshape(len(self), PERMUTATIONS)
        members = _Members(buckets)
        for row in np.flatnonzero((buckets >= 0).any(axis=1)).tolist():
            mine = buckets[row]
            mine = mine[mine >= 0].tolist()
            seen = members.of(mine)
            found = self._like(row, seen, short) if seen else None
            if found is not None:
                yield found
                continue
            members.add(row, mine)

    def _spilled(self, dtype: np.dtype[Any]) -> "_Spill":
        file = tempfile.TemporaryFile(prefix="callforge-dedup-")  # noqa: SIM115 - closed on exit
        return _Spill(self._opened.enter_context(file), dtype)

    def _like(self, row: int, seen: set[int], short: NDArray[np.uint8]) -> NearCopy | None:
        """Return the first of the rows seen that is alike enough."""
        others = np.fromiter(sorted(seen), np.int64, len(seen))
        agreeing = np.asarray(short[others] == short[row]).mean(axis=1)
        own = self._set(row)
        for other in others[agreeing >= self.threshold - _SLACK].tolist():
            theirs = self._set(other)
            common = len(own & theirs)
            similarity = common / (len(own) + len(theirs) - common)
            if similarity >= self.threshold:
                return NearCopy(row=row, of=other, similarity=round(similarity, 4))
        return None

    def _set(self, row: int) -> set[int]:
        return set(self._shingles.read()[self._ends[row] : self._ends[row + 1]].tolist())

    def _sign(self) -> None:
        """Turn what was added into signatures and the hashes of their bands."""
        if not self._waiting:
            return
        flat = np.fromiter(
            (value for shingles in self._waiting for value in shingles), dtype=np.uint64
        )
        offsets = np.array([0, *accumulate(map(len, self._waiting))], dtype=np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, PERMUTATIONS, _SEED)
        signatures = np.array(matrix.to_rows(), dtype=np.uint64)
        blocks = np.array(self._blocks, dtype=np.uint64)
        self._shingles.write(flat)
        self._short.write(signatures.astype(np.uint8))
        self._buckets.write(np.stack([*self._band_hashes(signatures, blocks)], axis=1))
        self._waiting, self._blocks = [], []

    def _band_hashes(
        self, signatures: NDArray[np.uint64], blocks: NDArray[np.uint64]
    ) -> Iterator[NDArray[np.uint64]]:
        """Mix the numbers of each band, its place and the block; 64 bits never run out here."""
        for band in range(self.bands):
            mixed = _mixed(blocks + np.uint64(band))
            for column in range(band * self.rows_per_band, (band + 1) * self.rows_per_band):
                mixed = _mixed(mixed ^ signatures[:, column])
            yield mixed

    def _shared_buckets(self) -> NDArray[np.int32]:
        """Number the buckets that hold several rows: rows x bands, -1 where a row is alone."""
        hashes = self._buckets.read().reshape(len(self), self.bands)
        numbered = np.full(hashes.shape, -1, dtype=np.int32)
        first = 0
        for band in range(self.bands):
            _, inverse, counts = np.unique(hashes[:, band], return_inverse=True, return_counts=True)
            numbers = np.full(len(counts), -1, dtype=np.int32)
            shared = np.flatnonzero(counts > 1)
            numbers[shared] = np.arange(first, first + len(shared), dtype=np.int32)
            numbered[:, band] = numbers[inverse]
            first += len(shared)
        return numbered


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the bits (the finalizer of MurmurHash3, by Austin Appleby, public domain)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    return (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)


class _Members:
    """The rows that stay, by bucket, at most `_CROWD` of each: arrays with room for all of them."""

    def __init__(self, buckets: NDArray[np.int32]) -> None:
        sizes = np.minimum(np.bincount(buckets[buckets >= 0]), _CROWD)
        self._rows = array("i", bytes(4 * int(sizes.sum())))
        self._starts = array("q", np.concatenate([[0], np.cumsum(sizes)]).tobytes())
        self._ends = self._starts[:-1]

    def of(self, buckets: list[int]) -> set[int]:
        """All rows in any of some buckets."""
        rows, starts, ends = self._rows, self._starts, self._ends
        seen: set[int] = set()
        for bucket in buckets:
            seen.update(rows[starts[bucket] : ends[bucket]])
        return seen

    def add(self, row: int, buckets: list[int]) -> None:
        """Put a row in its buckets, except those that are full."""
        for bucket in buckets:
            end = self._ends[bucket]
            if end < self._starts[bucket + 1]:
                self._rows[end] = row
                self._ends[bucket] = end + 1


class _Spill:
    """Numbers appended to a temporary file, which are read back as an array."""

    def __init__(self, file: BinaryIO, dtype: np.dtype[Any]) -> None:
        self._file, self._dtype = file, dtype
        self._array: NDArray[Any] | None = None

    def write(self, values: NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(values, dtype=self._dtype).data)
        self._array = None

    def read(self) -> NDArray[Any]:
        """All numbers, paged in from the file where they are looked at."""
        if self._array is None:
            self._file.flush()
            self._array = np.memmap(self._file, dtype=self._dtype, mode="r")
        return self._array
