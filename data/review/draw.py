"""Which rows a person is shown: drawn at random, the same ones for the same set and seed."""

import heapq
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from data.dataset_manifest import DatasetManifest

Row = dict[str, Any]


def draw(folder: Path, manifest: DatasetManifest, count: int, seed: int) -> list[Row]:
    """Return at most `count` rows of a data set, in random order, every row as likely."""
    smallest = heapq.nsmallest(
        count, ((_order(row["id"], seed), row["id"]) for row in _rows(folder, manifest, ["id"]))
    )
    wanted = {identity: place for place, (_, identity) in enumerate(smallest)}
    found = [row for row in _rows(folder, manifest, None) if row["id"] in wanted]
    return sorted(found, key=lambda row: wanted[row["id"]])


def _rows(folder: Path, manifest: DatasetManifest, columns: list[str] | None) -> Iterator[Row]:
    for files in manifest.splits.values():
        for name in files:
            with pq.ParquetFile(folder / name) as file:
                for batch in file.iter_batches(batch_size=1000, columns=columns):
                    yield from batch.to_pylist()


def _order(identity: str, seed: int) -> bytes:
    return blake2b(f"{seed}/{identity}".encode(), digest_size=8).digest()
