"""The files of one split: bounded in size, named by their number once it is known."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.schema import ROW_SCHEMA
from data.shards import FileRecord, file_digest

_BATCH = 1000


class SplitWriter:
    """Collects the rows of one split into files of bounded size."""

    def __init__(self, folder: Path, split: str, file_rows: int) -> None:
        self.folder, self.split, self.file_rows = folder, split, file_rows
        self.rows: list[dict[str, Any]] = []
        self.writer: pq.ParquetWriter | None = None
        self.counts: list[int] = []

    def add(self, row: dict[str, Any]) -> None:
        """Add one row."""
        self.rows.append(row)
        written = self.counts[-1] if self.writer else 0
        if written + len(self.rows) >= self.file_rows:
            self._flush()
            self._close()
        elif len(self.rows) >= _BATCH:
            self._flush()

    def finish(self) -> dict[str, FileRecord]:
        """Name the files by their number, known only now, and describe them."""
        if self.rows:
            self._flush()
        self._close()
        files = {}
        for index, rows in enumerate(self.counts):
            path = self.folder / f"{self.split}-{index:05d}-of-{len(self.counts):05d}.parquet"
            self._part(index).replace(path)
            sha256 = file_digest(path) or ""
            files[path.name] = FileRecord(rows=rows, bytes=path.stat().st_size, sha256=sha256)
        return files

    def _part(self, index: int) -> Path:
        return self.folder / f"{self.split}-{index:05d}.part"

    def _flush(self) -> None:
        if self.writer is None:
            self.writer = pq.ParquetWriter(
                self._part(len(self.counts)),
                ROW_SCHEMA,
                compression="zstd",
                write_page_checksum=True,
            )
            self.counts.append(0)
        self.writer.write_table(pa.Table.from_pylist(self.rows, schema=ROW_SCHEMA))
        self.counts[-1] += len(self.rows)
        self.rows = []

    def _close(self) -> None:
        if self.writer is not None:
            self.writer.close()
            self.writer = None
