"""The commands between a run's shards and a data set that others use."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import given


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or its name.")],
    row_format: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help="openai, trl, trl-preference, xlam or xlam-schema."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="A .jsonl or .parquet file.")],
    split: Annotated[
        list[str] | None, typer.Option(help="Split to write, repeatable; `all` for all (train).")
    ] = None,
    runs: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
) -> None:
    """Write a run's data set in another format."""
    from flows.commands import export_run

    export_run(run, row_format=row_format, out=out, splits=split or [], runs=runs)


def decontaminate(
    file: Annotated[Path, typer.Argument(help="JSON lines or array, gzipped or not, or Parquet.")],
    out: Annotated[Path, typer.Option(metavar="KEPT", help="Write the rows without a hit here.")],
    hits: Annotated[Path, typer.Option(metavar="HITS", help="Write a JSON line per hit here.")],
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Questions besides BFCL's: JSON lines or .txt."),
    ] = None,
) -> None:
    """Take the rows out of a data set that hold a benchmark's question."""
    from flows.commands import decontaminate_file

    decontaminate_file(file, against=against or [], out=out, hits=hits)


def review(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or its name.")],
    n: Annotated[int, typer.Option(min=1, help="Rows to mark.")] = 600,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Page to write (review.html of the run).")
    ] = None,
    marks: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Count the marks that the page gave.")
    ] = None,
    runs: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
) -> None:
    """Write a page to mark a random sample right or wrong, or count the marks."""
    from flows.review_command import count_marks, write_page

    if marks is not None:
        count_marks(run, marks=marks, runs=runs)
    else:
        write_page(run, count=n, seed=seed, out=out, runs=runs)


def publish(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or its name.")],
    repo: Annotated[
        str | None, typer.Option(metavar="USER/NAME", help="Data set on the Hub; needs HF_TOKEN.")
    ] = None,
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="A folder, or a place such as s3://bucket/x.")
    ] = None,
    runs: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow publish-fc.")] = False,
) -> None:
    """Publish a run's data set, card and report; repeating it sends what is missing."""
    from flows.publish_command import publish_run

    settings = {"run": run, "repo": repo, "private": private, "to": to, "runs": runs}
    publish_run(given(settings), prefect=prefect)
