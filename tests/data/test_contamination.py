"""Benchmark questions are found however they are dressed, and their look-alikes are not."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api_registry.errors import StorageError, UsageError
from data.contamination.filtering import decontaminate
from data.contamination.questions import read_questions, user_texts
from data.contamination.table import SHIPPED, QuestionTable
from data.contamination.words import Runs, masked, words_of

LONG = (
    "Find the area of a triangle with a base of 10 units and height of 5 units, "
    "then tell me which unit the answer is in."
)
SHORT = "Convert 150 euros to Canadian dollars"
TINY = "What's 7 factorial?"


@pytest.fixture
def table() -> QuestionTable:
    table = QuestionTable()
    for name, question in (("long", LONG), ("short", SHORT), ("tiny", TINY)):
        table.add(f"bench:{name}", question)
    return table


@pytest.mark.parametrize(
    ("text", "kind", "source"),
    [
        (LONG, "whole", "long"),
        (SHORT.upper() + "!!", "whole", "short"),
        ("convert  150 EUROS, to “Canadian” dollars…", "whole", "short"),
        ("Convert １５０ euros to Canadian dollars", "whole", "short"),
        ("what s 7 factorial", "whole", "tiny"),
        (LONG.replace("10", "12").replace("5", "seven"), "numbers", "long"),
        ("Convert 90 euros to Canadian dollars.", "numbers", "short"),
        (f"Hi! Hope you are well. {SHORT}, please. Thanks!", "inside", "short"),
        ("Hi! Could you convert 90 euros to Canadian dollars? Thanks!", "inside", "short"),
        (f"Hello there. {LONG} Thank you.", "run", "long"),
        ("so, a triangle with a base of 9 units and height of 4 units then tell me", "run", "long"),
    ],
)
def test_questions_are_found(table: QuestionTable, text: str, kind: str, source: str) -> None:
    hit = table.find(text)
    assert hit is not None
    assert (hit.kind, hit.source) == (kind, f"bench:{source}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "…",
        "Convert 150 euros to Swiss francs",
        "Convert Canadian dollars to 150 euros",
        "Find the area of a circle with a radius of 10 units.",
        "What is the factorial of 9?",
        "I asked what's 7 factorial? and nobody knew",  # too short to mean anything inside text
        "7",
    ],
)
def test_look_alikes_are_not(table: QuestionTable, text: str) -> None:
    assert table.find(text) is None


def test_numbers_in_digits_and_words_are_one_mark() -> None:
    assert masked(words_of("Add 3.5 and twenty five to x2")) == ["add", "#", "and", "#", "to", "#"]


def test_a_run_hashes_as_its_words_alone_do() -> None:
    words = words_of(LONG)
    runs = Runs(words)
    assert all(
        runs.of(length)
        == [Runs(words[start : start + length]).whole() for start in range(len(words) - length + 1)]
        for length in range(1, len(words) + 2)
    )


def test_a_table_comes_back_from_its_file_without_the_questions(
    table: QuestionTable, tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    table.save(path)
    loaded = QuestionTable.load(path)
    for text in (LONG, SHORT, TINY, LONG + " Hi.", "nothing"):
        assert loaded.find(text) == table.find(text)
    assert b"triangle" not in path.read_bytes()
    path.write_bytes(b"no table")
    with pytest.raises(StorageError, match="is no table of questions"):
        QuestionTable.load(path)


def test_the_shipped_table_knows_bfcl() -> None:
    table = QuestionTable.load(SHIPPED)
    assert len(table) > 4000
    question = "Find the area of a triangle with a base of 10 units and height of 5 units."
    hit = table.find(question)
    assert hit is not None
    assert hit.source == "bfcl:simple_python_0"


@pytest.mark.parametrize(
    "row",
    [
        {"query": "q1"},
        {"question": [[{"role": "user", "content": "q1"}]]},
        {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q1"}]},
        {"conversations": [{"from": "human", "value": "q1"}, {"from": "gpt", "value": "a"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "q1"}]}]},
    ],
)
def test_questions_are_read_out_of_many_forms(row: dict[str, Any]) -> None:
    assert user_texts(row) == ["q1"]


def rows_file(folder: Path, texts: list[str], suffix: str) -> Path:
    path = folder / f"rows{suffix}"
    rows = [{"id": f"r{n}", "query": text, "score": n / 2} for n, text in enumerate(texts)]
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_rows_are_kept_as_they_are_and_hits_are_listed(
    table: QuestionTable, tmp_path: Path, suffix: str
) -> None:
    path = rows_file(tmp_path, ["Is it raining in Oslo?", SHORT, "", LONG + " Thanks"], suffix)
    out, hits = tmp_path / f"kept{suffix}", tmp_path / "hits.jsonl"
    found = decontaminate(path, table, out=out, hits=hits)
    assert (found.rows, found.kept, found.without_question) == (4, 2, 1)
    assert found.hits == {"run": 1, "whole": 1}
    if suffix == ".parquet":
        read = pq.read_table(path)
        assert pq.read_table(out) == read.take([0, 2])
    else:
        lines = path.read_bytes().splitlines(keepends=True)
        assert out.read_bytes() == lines[0] + lines[2]
    assert [json.loads(line) for line in hits.read_text().splitlines()] == [
        {"row": 1, "id": "r1", "kind": "whole", "source": "bench:short", "text": SHORT},
        {"row": 3, "id": "r3", "kind": "run", "source": "bench:long", "text": LONG + " Thanks"},
    ]


def test_files_that_would_overwrite_one_another_are_refused(
    table: QuestionTable, tmp_path: Path
) -> None:
    path = rows_file(tmp_path, ["a"], ".jsonl")
    hits = tmp_path / "hits.jsonl"
    with pytest.raises(UsageError, match=r"--out .* is the file to be read"):
        decontaminate(path, table, out=path, hits=hits)
    with pytest.raises(UsageError, match="both --out and --hits"):
        decontaminate(path, table, out=hits, hits=hits)
    assert [item.name for item in tmp_path.iterdir()] == ["rows.jsonl"]


def test_a_benchmark_without_questions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bench.jsonl"
    path.write_text('{"label": 3}\n')
    with pytest.raises(UsageError, match="holds no questions: expected JSON lines with one of"):
        list(read_questions(path))
    path.write_text("{broken\n")
    with pytest.raises(UsageError, match="line 1: not strict JSON"):
        list(read_questions(path))
    with pytest.raises(UsageError, match="cannot be read"):
        list(read_questions(tmp_path / "none.jsonl"))
    text = tmp_path / "bench.txt"
    text.write_text("One question?\n\nAnother?\n")
    assert list(read_questions(text)) == [
        ("bench:line 1", "One question?"),
        ("bench:line 3", "Another?"),
    ]
