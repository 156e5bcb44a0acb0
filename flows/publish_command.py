"""What `callforge publish` does, apart from how it is typed."""

import asyncio
from typing import Any

import typer

from data.publishing.config import PublishConfig
from flows.config import settings_of
from flows.publishing import publish_any
from flows.signals import ended_by_signal


def publish_run(settings: dict[str, Any], *, prefect: bool) -> None:
    """Publish a run and print where it is."""
    config = settings_of(PublishConfig, settings)
    with ended_by_signal() as ending:
        try:
            if prefect:
                from flows.by_command import by_command
                from flows.publish_fc import publish_fc

                with by_command():
                    result = asyncio.run(publish_fc(config))
            else:
                result = publish_any(config)
        except KeyboardInterrupt:
            typer.echo("interrupted; the same command sends what is missing", err=True)
            raise typer.Exit(ending.code) from None
    if result.sent:
        typer.echo(f"{result.sent} of {result.files} files sent to {result.place}")
    else:
        typer.echo(f"All {result.files} files are at {result.place} already: nothing to send.")
    if result.tag:
        typer.echo(f"Tag {result.tag}, commit {result.commit}")
