"""Takes the rows of a file apart: those that hold a benchmark's question, and all others."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.errors import UsageError
from api_registry.types import Model
from data.contamination.questions import user_texts
from data.contamination.table import Hit, QuestionTable
from data.formats.imported import BadRow
from data.identity import json_line
from data.reading.batches import Batch
from data.reading.files import ANY, Rows, open_rows
from data.whole_files import appearing, refuse_same


class Decontaminated(Model):
    """What came of a file."""

    rows: int
    kept: int
    hits: dict[str, int]
    """Kind of hit → rows."""
    without_question: int
    """Rows kept because nobody asks anything in them, or because they are no JSON."""
    too_large: int
    """Rows left out because they are larger than is read."""

    @property
    def hits_total(self) -> int:
        """Rows with a hit."""
        return sum(self.hits.values())


def decontaminate(path: Path, table: QuestionTable, *, out: Path, hits: Path) -> Decontaminated:
    """Copy the rows without a hit to `out`, in the file's own kind, and write each hit to `hits`.

    Rows are copied as they are. Hits are lines of JSON: `row`, `id`, `kind`, `source`, `text`.
    Both files appear when they are whole. Raises `UsageError` for a file that holds no rows.
    """
    refuse_same(path, out, "--out")
    refuse_same(path, hits, "--hits")
    if out.absolute() == hits.absolute():
        raise UsageError(f"`{out}` is named for both --out and --hits: name two files")
    found: Counter[str] = Counter()
    total = silent = large = 0
    with (
        open_rows(path, ANY) as rows,
        appearing(hits, "--hits") as hits_file,
        appearing(out, "--out") as out_file,
        _Kept(rows, out_file) as kept,
    ):
        for batch in rows.batches:
            wanted = []
            for number, row in enumerate(batch.decode(), batch.first):
                texts = [] if isinstance(row, BadRow) else user_texts(row)
                silent += not texts
                hit, text = _first_hit(table, texts)
                wanted.append(hit is None)
                if hit is not None:
                    found[hit.kind] += 1
                    own = row.get("id") if isinstance(row, dict) else None
                    line = {"row": number, "id": own, **hit.model_dump(), "text": text}
                    hits_file.write((json_line(line) + "\n").encode())
            large += kept.write(batch, wanted)
            total += len(batch)
    return Decontaminated(
        rows=total,
        kept=total - found.total() - large,
        hits=dict(sorted(found.items())),
        without_question=silent - large,
        too_large=large,
    )


def _first_hit(table: QuestionTable, texts: list[str]) -> tuple[Hit | None, str]:
    for text in texts:
        if hit := table.find(text):
            return hit, text
    return None, ""


class _Kept:
    """Writes the rows that stay as they were: lines as bytes, tables under their schema."""

    def __init__(self, rows: Rows, file: BinaryIO) -> None:
        self._file = file
        self._opened = ExitStack()
        self._table = (
            self._opened.enter_context(pq.ParquetWriter(file, rows.schema, compression="zstd"))
            if rows.schema is not None
            else None
        )

    def __enter__(self) -> "_Kept":
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def write(self, batch: Batch, wanted: list[bool]) -> int:
        """Copy the wanted rows of a batch; return how many could not be, for their size."""
        if self._table is not None and isinstance(batch.rows, pa.RecordBatch):
            self._table.write_batch(batch.rows.filter(pa.array(wanted)))
            return 0
        passed_over = 0
        for row, stays in zip(batch.rows, wanted, strict=True):
            if isinstance(row, BadRow):
                passed_over += 1
            elif stays:
                self._file.write(row if row.endswith(b"\n") else row + b"\n")
        return passed_over
