"""Opens a file of rows, whatever it is, or says why it holds none."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from data.formats import COLUMNS, KEYS, detect
from data.formats.imported import BadRow
from data.reading.batches import BATCH_ROWS, Batch, UnreadableFile
from data.reading.lines import read_json

_WIDE = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"{\0\0\0": "UTF-32LE",
    b"[\0\0\0": "UTF-32LE",
    b"{\0": "UTF-16LE",
    b"[\0": "UTF-16LE",
    b"\0{": "UTF-16BE",
    b"\0[": "UTF-16BE",
}
"""How JSON begins in encodings other than UTF-8."""


ANY = "any"
"""Stands for a format where rows may have any fields, all of which are read."""


class Rows:
    """The rows of an open file: batches to go through once, and their format."""

    def __init__(
        self, batches: Iterator[Batch], row_format: str, schema: pa.Schema | None = None
    ) -> None:
        self.batches = batches
        self.format = row_format
        """The format of rows that do not show another; a file may mix them."""
        self.schema = schema
        """Schema of a Parquet file's rows; None for JSON."""


@contextmanager
def open_rows(path: Path, row_format: str | None = None) -> Iterator[Rows]:
    """Open a file of rows in `row_format`, which may be `ANY`, or in the one that its rows show.

    Raises `UnreadableFile` at once for what is no file of rows, and while it is read for a file
    that turns out damaged.
    """
    if path.is_dir():
        raise UnreadableFile(f"`{path}` is a directory: name a file, such as {_example(path)}")
    with ExitStack() as opened:
        with _readable(path):
            file: BufferedReader | gzip.GzipFile = opened.enter_context(path.open("rb"))
            start = file.peek(4)[:4]  # nothing is read yet: pipes cannot go back
            if start[:2] == b"\x1f\x8b":
                file = opened.enter_context(gzip.GzipFile(fileobj=file))
            rows = _parquet(path, row_format) if start == b"PAR1" else _json(path, file, row_format)
        yield Rows(_guarded(path, rows.batches), rows.format, rows.schema)


@contextmanager
def open_all(paths: Sequence[Path], row_format: str | None = None) -> Iterator[Rows]:
    """Open files, at least one, as if they were a single one: rows are numbered through.

    The format that the first one shows is that of all. Raises `UnreadableFile` as `open_rows` does.
    """
    first, *others = paths
    with open_rows(first, row_format) as rows:
        yield Rows(_through(rows, others), rows.format, rows.schema)


def _through(rows: Rows, others: Sequence[Path]) -> Iterator[Batch]:
    following = 0
    for batch in rows.batches:
        yield batch
        following = batch.first + len(batch)
    for path in others:
        begin = following
        with open_rows(path, rows.format) as more:
            for batch in more.batches:
                yield replace(batch, first=begin + batch.first)
                following = begin + batch.first + len(batch)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or _first(error)
        raise UnreadableFile(f"`{path}` cannot be read: {reason}") from error


def _guarded(path: Path, batches: Iterator[Batch]) -> Iterator[Batch]:
    """Pass batches on; a file that breaks off is its own fault, an error in their use is not."""
    while True:
        with _readable(path):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _json(path: Path, file: BufferedReader | gzip.GzipFile, row_format: str | None) -> Rows:
    start = file.peek(8192)[:8192]
    if not start.strip():
        raise UnreadableFile(f"`{path}` is empty: expected one JSON object per line, or Parquet")
    for begins, encoding in _WIDE.items():
        if start.startswith(begins):
            raise UnreadableFile(
                f"`{path}` is {encoding}: convert it first, as in "
                f"iconv -f {encoding} -t UTF-8 {path.name} > utf8.jsonl"
            )
    if b"\0" in start and start.lstrip()[:1] not in (b"{", b"["):
        raise UnreadableFile(f"`{path}` is a binary file: expected JSON lines or Parquet")
    batches = read_json(cast(BinaryIO, file))
    first = next(batches, None)
    if first is None:
        raise UnreadableFile(f"`{path}` holds no rows")
    return Rows(chain([first], batches), row_format or _shown_format(path, first))


def _shown_format(path: Path, batch: Batch) -> str:
    """Return the format of the first row that shows one."""
    fields: tuple[str, ...] = ()
    begun = 0
    for row in batch.decode():
        if isinstance(row, BadRow):
            begun += row.begun
            continue
        found = detect(row.keys())
        if found:
            return found
        fields = fields or tuple(row)
    if fields:
        raise UnreadableFile(f"`{path}` has rows with the fields {_list(fields)}: {_wanted()}")
    if 2 * begun < len(batch):
        raise UnreadableFile(
            f"`{path}` holds no JSON object in its first lines: expected JSON lines, one object "
            "per line, or Parquet"
        )
    return next(iter(KEYS))  # every row so far is broken: whatever it was to be, it fails


def _parquet(path: Path, row_format: str | None) -> Rows:
    file = pq.ParquetFile(path, page_checksum_verification=True)
    fields = file.schema_arrow.names
    if not file.metadata.num_rows:
        raise UnreadableFile(f"`{path}` holds no rows")
    if row_format == ANY:
        return Rows(_tables(file, None), ANY, file.schema_arrow)
    found = row_format or detect(fields)
    if found is None or not KEYS[found] <= set(fields):
        raise UnreadableFile(f"`{path}` has the columns {_list(fields)}: {_wanted(row_format)}")
    columns = [name for name in fields if name in COLUMNS]
    return Rows(_tables(file, columns), found, file.schema_arrow)


def _tables(file: pq.ParquetFile, columns: list[str] | None) -> Iterator[Batch]:
    first = 0
    with file:
        for table in file.iter_batches(batch_size=BATCH_ROWS, columns=columns):
            yield Batch(first, table)
            first += table.num_rows


def _wanted(row_format: str | None = None) -> str:
    wanted = [row_format] if row_format else list(KEYS)
    return "expected " + ", or ".join(
        f"{', '.join(sorted(KEYS[name]))} ({name})" for name in wanted
    )


def _list(names: tuple[str, ...] | list[str]) -> str:
    text = ", ".join(names)
    return text if len(text) <= 200 else text[:199] + "…"


def _first(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def _example(folder: Path) -> str:
    names = sorted(
        item for kind in ("*.parquet", "*.jsonl", "*.json") for item in folder.glob(f"**/{kind}")
    )
    return f"`{names[0]}`" if names else "rows.jsonl or rows.parquet"
