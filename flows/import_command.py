"""What `callforge import` does, apart from how it is typed."""

from typing import Any

import typer
from rich.console import Console

from flows.config import settings_of
from flows.console import make_console, print_funnel
from flows.importing import ImportConfig, import_rows
from flows.signals import ended_by_signal
from flows.verify_command import RowsSaid


def import_file(settings: dict[str, Any], *, command: str) -> None:
    """Import a file and print what became of its rows, and where they are."""
    config = settings_of(ImportConfig, settings)
    said = RowsSaid(Console(stderr=True))
    with ended_by_signal() as ending:
        try:
            folder, manifest = import_rows(config, said.advance, command=command)
        except KeyboardInterrupt:
            typer.echo("interrupted; finished shards are kept, the same command goes on", err=True)
            raise typer.Exit(ending.code) from None
    print_funnel(make_console(), manifest.funnel)
    typer.echo(f"Data set: {folder.dataset}")
    typer.echo(f"Report:   {folder.path / 'report.html'}")
