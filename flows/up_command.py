"""What `callforge up` does, apart from how it is typed."""

import asyncio
from typing import Any

import typer

from flows.config import settings_of
from flows.deploying.up import UpConfig, up
from flows.signals import ended_by_signal


def serve_deployments(settings: dict[str, Any]) -> None:
    """Serve until interrupted; everything that was started has ended when this returns."""
    config = settings_of(UpConfig, settings)
    served = False

    def serving() -> None:
        nonlocal served
        served = True

    with ended_by_signal() as ending:
        try:
            asyncio.run(up(config, typer.echo, serving))
        except KeyboardInterrupt:
            typer.echo("stopped; runs that were under way can be retried", err=True)
            # Whoever ends a server that serves has got what was asked for.
            raise typer.Exit(0 if served else ending.code) from None
