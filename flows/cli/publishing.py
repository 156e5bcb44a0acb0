"""The commands between a run's shards and a data set that others use."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Runs, given, refuse_beside


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or its name.")],
    out: Annotated[
        Path,
        typer.Option(metavar="PLACE", help="A .jsonl or .parquet file; a folder for a config."),
    ],
    row_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="openai, sharegpt, trl, trl-preference, xlam or xlam-schema.",
        ),
    ] = None,
    config_for: Annotated[
        str | None,
        typer.Option(
            metavar="axolotl|llamafactory|oumi", help="Rows and configuration for this trainer."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model that the configuration names: folder, or on the Hub.")
    ] = None,
    template: Annotated[
        str | None, typer.Option(metavar="NAME", help="LLaMA-Factory's name of its template.")
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="Split to write, repeatable; `all` for all (train).")
    ] = None,
    runs: Runs = "runs",
) -> None:
    """Write a run's data set in another format, or with a configuration for another trainer."""
    from flows.export_command import export_config, export_run

    if config_for is not None:
        refuse_beside("--config-for", {"--format": row_format, "--split": split})
        export_config(run, trainer=config_for, model=model, template=template, out=out, runs=runs)
        return
    refuse_beside("--format", {"--model": model, "--template": template})
    export_run(run, row_format=row_format, out=out, splits=split or [], runs=runs)


def import_set(
    file: Annotated[Path, typer.Argument(help="JSON lines or array, gzipped or not, or Parquet.")],
    name: Annotated[str, typer.Option(help="Name of the run that it becomes.")],
    row_format: Annotated[
        str | None,
        typer.Option("--format", metavar="xlam|openai|raw", help="Format of the rows (as shown)."),
    ] = None,
    license: Annotated[  # noqa: A002 - the option's name
        str | None, typer.Option(metavar="NAME", help="Licence of the rows; needed to publish.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of splits and held-out tools (0).")] = None,
    unseen_api: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Share of the tools held out (0.05).")
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the runs (runs).")
    ] = None,
) -> None:
    """Make a checked, split, deduplicated data set of rows that somebody else made."""
    from flows.import_command import import_file

    settings = {
        "file": str(file),
        "name": name,
        "format": row_format,
        "license": license,
        "seed": seed,
        "splits": {"unseen_api": unseen_api},
        "output": {"out": out},
    }
    command = shlex.join(["callforge", *sys.argv[1:]])
    import_file(given(settings), command=command)


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
    from flows.decontaminate_command import decontaminate_file

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
    runs: Runs = "runs",
) -> None:
    """Write a page to mark a random sample right or wrong, or count the marks."""
    from flows.review_command import count_marks, write_page

    if marks is not None:
        count_marks(run, marks=marks, runs=runs)
    else:
        write_page(run, count=n, seed=seed, out=out, runs=runs)


def publish(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN|ADAPTER", help="Run, by folder or name, or a training's folder."
        ),
    ],
    repo: Annotated[
        str | None, typer.Option(metavar="USER/NAME", help="Repository on the Hub; needs HF_TOKEN.")
    ] = None,
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="A folder, or a place such as s3://bucket/x.")
    ] = None,
    runs: Runs = "runs",
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow publish-fc.")] = False,
) -> None:
    """Publish a run's data set, card and report, or an adapter; repeating it sends the rest."""
    from flows.publish_command import publish_run

    settings = {"run": run, "repo": repo, "private": private, "to": to, "runs": runs}
    publish_run(given(settings), prefect=prefect)
