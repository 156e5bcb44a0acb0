"""A data set in another format: JSON lines, or Parquet that `datasets` reads back."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.errors import UsageError
from data.dataset import DatasetManifest
from data.formats import WRITERS
from data.identity import compact_json, json_line
from data.preference import pairs
from data.whole_files import appearing

PREFERENCE = "trl-preference"
"""Pairs of answers, which no row alone gives; see `data.preference`."""
FORMATS: tuple[str, ...] = (*WRITERS, PREFERENCE)
"""All that can be exported."""
_BATCH = 1000


def export_rows(
    dataset: Path, manifest: DatasetManifest, *, row_format: str, splits: Sequence[str], out: Path
) -> int:
    """Write the rows of some splits to one file, in order; return how many.

    The file's name says what it is: `.jsonl` or `.parquet`. It appears when it is whole.
    Raises `UsageError` for a split that is not there, or another kind of file.
    """
    unknown = [split for split in splits if split not in manifest.splits]
    if unknown:
        raise UsageError(
            f"no split `{unknown[0]}` in `{dataset}`: there are {', '.join(manifest.splits)}"
        )
    kind = _KINDS.get(out.suffix)
    if kind is None:
        raise UsageError(f"--out `{out}`: expected a name that ends in .jsonl or .parquet")
    names = [name for split in splits for name in manifest.splits[split]]
    stored = stored_rows(dataset, names)
    if row_format == PREFERENCE:
        shards = sorted(dataset.parent.glob("shards/rejected-*.parquet"))
        rows = iter(pairs(stored, stored_rows(dataset.parent, [str(p.resolve()) for p in shards])))
    else:
        rows = map(WRITERS[row_format], stored)
    with appearing(out, "--out") as file:
        return kind(file, rows)


def stored_rows(dataset: Path, names: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a data set's files, in order."""
    for name in names:
        with pq.ParquetFile(dataset / name, page_checksum_verification=True) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                yield from batch.to_pylist()


def _write_lines(file: BinaryIO, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    for row in rows:
        file.write(json_line(row).encode() + b"\n")
        count += 1
    return count


def _write_parquet(file: BinaryIO, rows: Iterator[dict[str, Any]]) -> int:
    """Write text as text and all else as JSON, marked so that `datasets` decodes it.

    As Arrow structs, every call would come back with the arguments of all calls.
    """
    count = 0
    writer: pq.ParquetWriter | None = None
    try:
        for batch in _batched(rows):
            if writer is None:
                writer = pq.ParquetWriter(file, _schema(batch[0]), compression="zstd")
            columns = {
                name: [
                    row[name] if isinstance(row[name], str) else compact_json(row[name])
                    for row in batch
                ]
                for name in batch[0]
            }
            writer.write_table(pa.table(columns).cast(writer.schema))
            count += len(batch)
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise UsageError("there are no rows in these splits: Parquet needs one to know its columns")
    return count


def _schema(row: dict[str, Any]) -> pa.Schema:
    plain = {name: isinstance(value, str) for name, value in row.items()}
    features = {
        name: {"dtype": "string", "_type": "Value"} if text else {"_type": "Json"}
        for name, text in plain.items()
    }
    return pa.schema(
        [pa.field(name, pa.string() if text else pa.json_()) for name, text in plain.items()],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )


def _batched(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


_KINDS: dict[str, Callable[[BinaryIO, Iterator[dict[str, Any]]], int]] = {
    ".jsonl": _write_lines,
    ".parquet": _write_parquet,
}
