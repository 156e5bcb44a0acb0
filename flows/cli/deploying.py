"""The command that runs deployments on this machine."""

from typing import Annotated

import typer

from flows.cli.options import given


def up(
    port: Annotated[
        int | None, typer.Option(help="Port of the server (4200); 0 for any free one.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="CALLFORGE_DATABASE",
            show_envvar=True,
            help="PostgreSQL that keeps the server's state (SQLite in .callforge/).",
        ),
    ] = None,
    publish_to: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help="Publish each run made: USER/NAME, or a URL."),
    ] = None,
    finetune: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Fine-tune it on each run published, and evaluate."),
    ] = None,
) -> None:
    """Serve the deployments until Ctrl-C: Prefect's server and UI, and a worker."""
    from flows.up_command import serve_deployments

    settings = {"port": port, "database": database, "publish_to": publish_to, "finetune": finetune}
    serve_deployments(given(settings))
