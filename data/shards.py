"""Shards on disk: written whole or not at all, and trusted only through their manifest.

A shard's manifest is written last and is the only truth about what is done. A file is written under
a temporary name, fsynced and renamed, and its directory fsynced: a `kill -9` at any point leaves
either the complete file or none of that name.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from api_registry.errors import StorageError
from api_registry.types import Model
from data.funnel import Funnel, count_row, merge
from data.proof import Proof
from data.schema import ROW_SCHEMA, SCHEMA_VERSION
from data.statistics import Statistics, StatisticsCounter
from data.usage import Usage

Kind = Literal["kept", "rejected"]
KINDS: tuple[Kind, ...] = ("kept", "rejected")
_BATCH = 250


class FileRecord(Model):
    """What a manifest knows of one file."""

    rows: int
    bytes: int
    sha256: str


class ShardManifest(Model):
    """Everything about one finished shard."""

    schema_version: str = SCHEMA_VERSION
    identity: str
    """Identity of the run, as 64 hex digits."""
    shard: int
    first: int
    """Index of its first draft."""
    drafts: int
    files: dict[Kind, FileRecord]
    funnel: Funnel
    statistics: Statistics | None = None
    """Figures of the kept rows; None only in manifests of older versions, see `recounted`."""
    usage: Usage | None = None
    """What the answers of models that it is made of cost; None where no model was asked."""
    proof: Proof = Proof()
    """Which APIs gave an answer in it, and which did not."""
    sandbox: str = ""
    """Tier of isolation that the calls ran in."""
    unsteady: dict[str, str] = {}
    """APIs that do not give the same result for the same call: `stateful` or `random`."""
    seconds: float = 0.0
    """Wall-clock time it took."""


def unsteady_of(manifests: Iterable[ShardManifest]) -> dict[str, str]:
    """The APIs whose results vary, as any of the shards knows them."""
    found = {name: kind for manifest in manifests for name, kind in manifest.unsteady.items()}
    return dict(sorted(found.items()))


class DamagedShard(StorageError):
    """A manifest or a file it names is broken; the shard is to be made again."""


def shard_path(folder: Path, kind: Kind, index: int) -> Path:
    """Return e.g. `shards/kept-00007.parquet`."""
    return folder / f"{kind}-{index:05d}.parquet"


def manifest_path(folder: Path, index: int) -> Path:
    """Return e.g. `shards/00007.json`."""
    return folder / f"{index:05d}.json"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file that is either all there or not there, also after a power cut."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def parquet_bytes(rows: Sequence[dict[str, Any]]) -> bytes:
    """Encode rows under `ROW_SCHEMA`; equal rows give equal bytes in one locked environment."""
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist(list(rows), schema=ROW_SCHEMA)
    # A plain read misses most bit flips; page checksums find them without reading a manifest.
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return bytes(sink.getvalue().to_pybytes())


def write_file(path: Path, rows: Sequence[dict[str, Any]]) -> FileRecord:
    """Write rows as one Parquet file, atomically."""
    content = parquet_bytes(rows)
    write_atomically(path, content)
    return FileRecord(
        rows=len(rows), bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
    )


def write_shard(
    folder: Path, manifest: ShardManifest, rows: dict[Kind, list[dict[str, Any]]]
) -> ShardManifest:
    """Write both files of a shard, then its manifest; return it with the files filled in."""
    # A manifest of an earlier, shorter version must not vouch for files that are being replaced.
    manifest_path(folder, manifest.shard).unlink(missing_ok=True)
    files = {
        kind: write_file(shard_path(folder, kind, manifest.shard), rows[kind]) for kind in KINDS
    }
    complete = manifest.model_copy(update={"files": files})
    write_atomically(
        manifest_path(folder, manifest.shard),
        complete.model_dump_json(indent=1).encode() + b"\n",
    )
    return complete


def read_manifest(folder: Path, index: int) -> ShardManifest | None:
    """Return the manifest of a finished shard whose files are as it says, None if not finished.

    Raises `DamagedShard` when the manifest or a file is broken, and `StorageError` when it was
    written under another schema version. A manifest without statistics gets them from its rows.
    """
    path = manifest_path(folder, index)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedShard(f"`{path}` cannot be read: {error}") from error
    _refuse_other_version(path, text)
    try:
        manifest = ShardManifest.model_validate_json(text)
    except ValidationError as error:
        raise DamagedShard(f"`{path}` is damaged: it is not a shard manifest") from error
    for kind in KINDS:
        file = shard_path(folder, kind, index)
        if kind not in manifest.files or file_digest(file) != manifest.files[kind].sha256:
            raise DamagedShard(f"`{file}` is damaged: its sha256 is not the manifest's")
    return manifest if manifest.statistics else recounted(folder, manifest)


def recounted(folder: Path, manifest: ShardManifest) -> ShardManifest:
    """Count a shard's rows again: older versions counted less than is shown today."""
    funnel = Funnel(surplus=manifest.funnel.surplus)
    counter = StatisticsCounter()
    for kind in KINDS:
        for batch in row_batches(shard_path(folder, kind, manifest.shard)):
            funnel = merge([funnel, *map(count_row, batch)])
            for row in batch if kind == "kept" else ():
                counter.add(row)
    return manifest.model_copy(update={"funnel": funnel, "statistics": counter.statistics()})


def row_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[list[dict[str, Any]]]:
    """Stream a file's rows, whole or a few columns of them; raises `DamagedShard`.

    A column may be a part of one, such as `messages.list.element.content`.
    """
    for batch in arrow_batches(path, columns):
        yield batch.to_pylist()


def arrow_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Stream a file's rows as they are stored, which costs a tenth; raises `DamagedShard`."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield from file.iter_batches(batch_size=_BATCH, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise DamagedShard(f"`{path}` cannot be read: {error}") from error


def file_digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes, None where there is no readable file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _refuse_other_version(path: Path, text: str) -> None:
    """Refuse by version before reading fields that another version may not have."""
    try:
        version = _Versioned.model_validate_json(text).schema_version
    except ValidationError:
        return
    if version != SCHEMA_VERSION:
        raise StorageError(
            f"`{path}` was written under schema version {version}, this is version "
            f"{SCHEMA_VERSION}: use another --name or --out, or the Callforge that wrote it"
        )


class _Versioned(Model, extra="ignore"):
    schema_version: str
