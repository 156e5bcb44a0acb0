"""`callforge report RUN`: writes the page of a run, finished or not."""

from pathlib import Path

import typer

from api_registry.errors import UsageError
from data.report import write_report
from verifiers.reasons_page import REASONS

_SHOWN_RUNS = 10


def report_run(run: str, out: str) -> None:
    """Write the report of a run, given by its folder or by its name below `out`; print its path."""
    typer.echo(str(write_report(find_run(run, Path(out)), REASONS)))


def find_run(run: str, out: Path) -> Path:
    """Return a run's folder; raises `UsageError` that lists the runs there are."""
    candidates = [Path(run)] if run else []
    if run and len(Path(run).parts) == 1:
        # A name: the run of that name, before a folder here that happens to be called so.
        candidates.insert(0, out / run)
    for folder in candidates:
        if folder.is_dir():
            return folder
    names = sorted(path.parent.name for path in out.glob("*/run.json"))
    known = ", ".join(names[:_SHOWN_RUNS]) + (", …" if len(names) > _SHOWN_RUNS else "")
    there = f"runs in `{out}`: {known}" if names else f"there is no run in `{out}`"
    raise UsageError(f"no run `{run}`: expected a run's folder, or its name below --out; {there}")
