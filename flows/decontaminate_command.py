"""What `callforge decontaminate` does, apart from how it is typed."""

from collections.abc import Sequence
from pathlib import Path

import typer

from data.contamination.filtering import decontaminate
from data.contamination.questions import read_questions
from data.contamination.table import SHIPPED, QuestionTable


def decontaminate_file(file: Path, *, against: Sequence[Path], out: Path, hits: Path) -> None:
    """Copy the rows that hold no benchmark question, and list the hits."""
    table = QuestionTable.load(SHIPPED)
    for benchmark in against:
        for source, question in read_questions(benchmark):
            table.add(source, question)
    found = decontaminate(file, table, out=out, hits=hits)
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in found.hits.items())
    typer.echo(
        f"{found.rows:,} rows against {len(table):,} questions: {found.kept:,} kept in {out}"
    )
    typer.echo(f"{found.hits_total:,} hits in {hits}" + (f" ({kinds})" if kinds else ""))
    if found.without_question:
        typer.echo(f"{found.without_question:,} of the kept rows have no question to compare")
    if found.too_large:
        typer.echo(f"{found.too_large:,} rows are larger than is read, and left out")
