"""What `callforge verify` does, apart from how it is typed."""

import asyncio
import json
import time
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.audit import AuditConfig, AuditResult, audit
from flows.config import settings_of
from flows.console import make_console, print_skipped
from flows.signals import ended_by_signal

_SAID_SECONDS = 5.0


def verify_file(settings: dict[str, Any], *, prefect: bool, as_json: bool) -> None:
    """Audit a file and print what was found; rows that fail are no failure of the command."""
    config = settings_of(AuditConfig, settings)
    with ended_by_signal() as ending:
        try:
            if prefect:
                from flows.by_command import by_command
                from flows.verify_fc import verify_fc

                with by_command():
                    result = asyncio.run(verify_fc(config))
            else:
                result = audit(config, RowsSaid(Console(stderr=True)).advance)
        except KeyboardInterrupt:
            typer.echo("interrupted; no verdicts were written", err=True)
            raise typer.Exit(ending.code) from None
    if as_json:
        typer.echo(json.dumps(result.model_dump(), indent=2, ensure_ascii=False))
        return
    console = make_console()
    print_skipped(console, result.skipped)
    print_audit(console, result)
    if config.out is not None:
        typer.echo(f"Verdicts: {config.out}")


class RowsSaid:
    """Says every few seconds how many rows have been checked."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.rows = self.passed = 0
        self._said = time.monotonic()

    def advance(self, rows: int, passed: int) -> None:
        """Count rows."""
        self.rows += rows
        self.passed += passed
        if time.monotonic() - self._said >= _SAID_SECONDS:
            self._said = time.monotonic()
            self.console.print(f"{self.rows:,} rows, {self.passed:,} passed")


def print_audit(console: Console, result: AuditResult) -> None:
    """Print rows, failures by stage and reason, each with its first example, and what passed."""
    table = Table(title="Audit", title_justify="left")
    table.add_column("", no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("share", justify="right")
    table.add_column("for example", overflow="fold")
    table.add_row("rows", f"{result.rows:,}", "", "")
    for stage, reasons in result.failed.items():
        for reason, count in reasons.items():
            example = result.examples[f"{stage}/{reason}"]
            share = f"{count / result.rows:.1%}"
            table.add_row(f"failed: {stage}, {reason}", f"{count:,}", share, escape(example))
    share = f"{result.passed / result.rows:.1%}" if result.rows else ""
    table.add_row("passed", f"{result.passed:,}", share, "", style="bold")
    console.print(table)
    console.print(f"Stages: {', '.join(result.stages)}")
    if result.unregistered:
        console.print(
            f"{result.unregistered:,} rows have calls to what no API is registered for: "
            "not run, and not failed for it"
        )
