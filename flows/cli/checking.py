"""The commands that look at other people's data, at runs, and at APIs."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Allow, Apis, AsJson, Runs, Sandbox, Specs, given

_STDIN = "/dev/stdin"


def verify(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE_OR_RUN",
            help="JSON lines or array, gzipped or not, or Parquet; - for stdin; or a run.",
        ),
    ],
    apis: Apis = None,
    row_format: Annotated[
        str | None,
        typer.Option("--format", metavar="xlam|openai|raw", help="Format of the rows (as shown)."),
    ] = None,
    stages: Annotated[
        str | None,
        typer.Option(metavar="STAGE,...", help="Of format, execution, semantic (what can be)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="VERDICTS", help="Write a JSON line per row here.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that check rows (one per processor).")
    ] = None,
    sandbox: Sandbox = None,
    allow: Allow = None,
    runs: Runs = "runs",
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow verify-fc.")] = False,
    as_json: AsJson = False,
) -> None:
    """Audit a data set, somebody else's or a run: what fails, where and why."""
    from flows.audited import named
    from flows.verify_command import verify_file

    path, run_by = named(_STDIN if file == "-" else file, tuple(apis or ()), Path(runs))
    settings = {
        "file": path,
        "apis": run_by or None,
        "format": row_format,
        "stages": [stage.strip() for stage in stages.split(",")] if stages is not None else None,
        "out": str(out) if out is not None else None,
        "workers": workers,
        "execution": {"workers": 1, "sandbox": sandbox, "allow_effects": allow or None},
    }
    verify_file(given(settings), prefect=prefect, as_json=as_json)


def report(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Folder of a run, or its name below --out.")
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
) -> None:
    """Write report.html of a run, finished or not, and print where it is."""
    from flows.report_command import report_run

    report_run(run, out)


def list_apis(specs: Specs = None, as_json: AsJson = False) -> None:
    """List the APIs with their categories, and what is skipped and why."""
    from flows.apis_command import list_apis

    list_apis(specs or [], as_json=as_json)


def show_apis(specs: Specs = None, as_json: AsJson = False) -> None:
    """Show each API with parameters, examples and phrasings."""
    from flows.apis_command import show_apis

    show_apis(specs or [], as_json=as_json)


def check_apis(
    specs: Specs = None,
    sandbox: Sandbox = None,
    allow: Allow = None,
    as_json: AsJson = False,
) -> None:
    """Run each API on its examples; exit code 1 when one fails."""
    from flows.check_command import check_apis

    execution = given({"sandbox": sandbox, "allow_effects": allow or None})
    check_apis(specs or [], execution, as_json=as_json)
