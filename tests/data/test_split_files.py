from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.schema import ROW_SCHEMA
from data.split_files import SplitWriter


def _rows(count: int) -> pa.RecordBatch:
    texts = {field.name for field in ROW_SCHEMA if field.type == pa.string()}
    rows: list[dict[str, Any]] = [
        {field.name: None for field in ROW_SCHEMA}
        | dict.fromkeys(texts, str(number))
        | {"messages": [], "n_turns": 0, "n_calls": 0, "n_tools": number}
        for number in range(count)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=ROW_SCHEMA)


@pytest.mark.parametrize("size", [7, 700, 2500])
def test_files_are_the_same_however_rows_come_in_batches(tmp_path: Path, size: int) -> None:
    rows = _rows(2500)
    whole = SplitWriter(tmp_path, "whole", 1200)
    whole.add(rows)
    parts = SplitWriter(tmp_path, "parts", 1200)
    for start in range(0, 2500, size):
        parts.add(rows.slice(start, size))
    expected, found = whole.finish(), parts.finish()
    assert [file.sha256 for file in found.values()] == [file.sha256 for file in expected.values()]
    assert [file.rows for file in found.values()] == [1200, 1200, 100]
    read = pa.concat_tables(pq.read_table(tmp_path / name) for name in found)
    assert read.column("n_tools").to_pylist() == list(range(2500))


def test_a_split_without_rows_has_no_file(tmp_path: Path) -> None:
    writer = SplitWriter(tmp_path, "test", 10)
    writer.add(_rows(3).slice(0, 0))
    assert writer.finish() == {}
