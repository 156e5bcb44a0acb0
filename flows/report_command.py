"""`callforge report RUN`: writes the page of a run, finished or not."""

from pathlib import Path

import typer

from data.report import write_report
from data.run_folder import find_run
from verifiers.reasons_page import REASONS


def report_run(run: str, out: str) -> None:
    """Write the report of a run, given by its folder or by its name below `out`; print its path."""
    typer.echo(str(write_report(find_run(run, Path(out)), REASONS)))
