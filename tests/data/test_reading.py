"""Files of rows, whole, huge, broken, or no files of rows at all."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.formats.imported import BadRow
from data.reading import batches as limits
from data.reading.batches import UnreadableFile
from data.reading.files import open_rows

ROWS: list[dict[str, Any]] = [
    {"id": number, "query": f"naïve «{number}»", "tools": "[]", "answers": "[]"}
    for number in range(1000)
]


def read(path: Path, row_format: str | None = None) -> list[dict[str, Any] | tuple[str, str]]:
    """All rows of a file, a bad one as reason and detail; checks that batches are numbered."""
    found: list[dict[str, Any] | tuple[str, str]] = []
    with open_rows(path, row_format) as rows:
        for batch in rows.batches:
            assert batch.first == len(found)
            decoded = list(batch.decode())
            assert len(decoded) == len(batch)
            found += [(r.reason, r.detail) if isinstance(r, BadRow) else r for r in decoded]
    return found


def lines(rows: list[Any]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def test_json_lines_come_back_in_order(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_bytes(lines(ROWS))
    assert read(tmp_path / "rows.jsonl") == ROWS


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(lines(ROWS)))
    assert read(tmp_path / "rows.jsonl.gz") == ROWS


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_array_is_read_element_by_element(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(ROWS, ensure_ascii=False, indent=indent), encoding="utf-8")
    assert read(path) == ROWS


def test_an_array_longer_than_a_piece_is_read_whole(tmp_path: Path) -> None:
    rows = [{**row, "query": "é" * 5000} for row in ROWS]  # characters are cut in two on the way
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    assert read(path) == rows


def test_an_array_that_breaks_off_gives_its_rows_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(ROWS)[:-200], encoding="utf-8")
    found = read(path)
    assert found[:-1] == ROWS[: len(found) - 1]
    assert found[-1][0] == "malformed_row"


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    with open(theirs, "wb") as end:  # noqa: PTH123 - a descriptor
        end.write(lines(ROWS[:20]))
    try:
        assert read(Path(f"/dev/fd/{ours}")) == ROWS[:20]
    finally:
        os.close(ours)


def test_parquet_comes_back_in_order(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "rows.parquet", row_group_size=300)
    assert read(tmp_path / "rows.parquet") == ROWS


def test_nulls_that_arrow_filled_into_structs_are_dropped(tmp_path: Path) -> None:
    row = {
        "query": "q",
        "tools": [{"name": "f", "parameters": {"a": {"type": "int"}}}, {"name": "g"}],
        "answers": [
            {"name": "f", "arguments": {"a": 1}},
            {"name": "g", "arguments": {"b": "x"}},
        ],
    }
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "rows.parquet")
    assert read(tmp_path / "rows.parquet") == [row]


def test_columns_that_no_format_reads_are_not_loaded(tmp_path: Path) -> None:
    pq.write_table(
        pa.Table.from_pylist([{**ROWS[0], "embedding": [0.5] * 10}]), tmp_path / "rows.parquet"
    )
    assert read(tmp_path / "rows.parquet") == [ROWS[0]]


def test_bad_lines_are_rows_and_blank_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = lines(ROWS[:1])
    path.write_bytes(
        b"\xef\xbb\xbf" + good + b'\r\n{"a": 1, "a": 2}\n\n{"a": NaN}\n[1]\n'
        b'{"query": "na\xefve"}\n{"query"\n' + b"[" * 2000 + b"\n" + good.rstrip()
    )
    found = read(path)
    assert found[0] == found[-1] == ROWS[0]
    assert [row[1] for row in found[1:-1]] == [
        "not strict JSON: key `a` stands twice in one object",
        "not strict JSON: NaN is not JSON",
        "expected an object, got a list",
        "not UTF-8 at byte 13",
        "not strict JSON: Expecting ':' delimiter at character 8",
        "not strict JSON: nested more than 100 levels deep",
    ]
    assert {row[0] for row in found[1:-1]} == {"malformed_row"}


def test_a_line_that_is_too_long_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("data.reading.lines", "data.reading.batches"):
        monkeypatch.setattr(f"{module}.MAX_ROW_BYTES", 5000)
    path = tmp_path / "rows.jsonl"
    long = lines([{**ROWS[0], "query": "x" * 3_000_000}])
    path.write_bytes(lines(ROWS[:2]) + long + lines(ROWS[2:4]) + long.rstrip())
    found = read(path)
    assert [found[0], found[1], found[3], found[4]] == ROWS[:4]
    assert found[2][0] == found[5][0] == "row_too_large"
    assert found[2][1] == f"{len(long):,} bytes; rows of up to 5,000 bytes are read"


def test_batches_end_by_rows_or_by_size(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines([{**ROWS[0], "query": "x" * 300_000}] * 10 + ROWS))
    with open_rows(path) as rows:
        sizes = [len(batch) for batch in rows.batches]
    assert sizes[:2] == [4, 4]
    assert max(sizes) == limits.BATCH_ROWS
    assert sum(sizes) == 1010


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jsonl", b"", "is empty: expected one JSON object per line, or Parquet"),
        ("blank.jsonl", b"\n  \n", "is empty"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(100), "is a binary file"),
        ("wide.jsonl", '{"query": "q"}\n'.encode("utf-16"), "iconv -f UTF-16"),
        ("wide.jsonl", '{"query": "q"}\n'.encode("utf-32"), "iconv -f UTF-32 "),
        ("wide.jsonl", '{"query": "q"}\n'.encode("utf-16-le"), "iconv -f UTF-16LE"),
        ("wide.jsonl", '[{"query": "q"}]\n'.encode("utf-16-be"), "iconv -f UTF-16BE"),
        ("notes.txt", b"Dear all,\nno JSON here.\n", "holds no JSON object in its first lines"),
        ("pretty.json", b'{\n"data": [\n1,\n2,\n3]}', "holds no JSON object"),
        ("chat.jsonl", b'{"conversations": []}\n', "has rows with the fields conversations"),
        ("cut.parquet", b"PAR1" + bytes(100), "cannot be read"),
        ("cut.gz", gzip.compress(lines(ROWS), mtime=0)[:100], "cannot be read"),
    ],
)
def test_what_is_no_file_of_rows_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=message) as refusal:
        read(path)
    assert f"`{path}`" in str(refusal.value)


def test_directories_missing_files_and_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"is a directory: name a file, such as rows\.jsonl"):
        read(tmp_path)
    with pytest.raises(UnreadableFile, match="cannot be read: No such file or directory"):
        read(tmp_path / "none.jsonl")
    pq.write_table(pa.table({"text": ["a"], "label": [1]}), tmp_path / "other.parquet")
    with pytest.raises(UnreadableFile, match="has the columns text, label: expected messages"):
        read(tmp_path / "other.parquet")
    pq.write_table(pa.table({"messages": pa.array([], pa.string())}), tmp_path / "none.parquet")
    with pytest.raises(UnreadableFile, match="holds no rows"):
        read(tmp_path / "none.parquet")
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "rows.parquet")
    with pytest.raises(UnreadableFile, match=r"expected completion, tools \(raw\)"):
        read(tmp_path / "rows.parquet", "raw")


def test_a_format_that_was_asked_for_is_not_doubted(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_bytes(b'{"text": "a"}\nnot JSON\n')
    found = read(tmp_path / "notes.jsonl", "xlam")
    assert found[0] == {"text": "a"}
    assert found[1][0] == "malformed_row"


def test_a_damaged_page_is_an_error_and_not_a_wrong_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.Table.from_pylist(ROWS)
    pq.write_table(table, path, write_page_checksum=True, compression="none", use_dictionary=False)
    content = bytearray(path.read_bytes())
    content[content.index("«500»".encode()) + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(path)
