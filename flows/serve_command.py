"""What `callforge serve` does, apart from how it is typed."""

import asyncio
import logging
import shlex
import tempfile
from pathlib import Path
from typing import Any

import typer

from api_registry.errors import ConfigError, UsageError
from flows.config import read_config
from flows.console import show_log
from flows.signals import ended_by_signal
from generators.vllm_server.adapters import adapter_name
from generators.vllm_server.server import RunningServer, serving
from generators.vllm_server.settings import ServeConfig, preset_names


def read_serve_config(file: Path | None, settings: dict[str, Any]) -> ServeConfig:
    """The part `serve` of a run's settings, with the command line's over the file's.

    Raises `ConfigError` for a wrong setting and `UsageError` where no model is named.
    """
    config = read_config(file, {"serve": settings}).serve
    if not config.model:
        raise UsageError(
            f"no model to serve: add --model NAME or --preset ({', '.join(preset_names())})"
        )
    return config


def parse_adapters(given: list[str]) -> dict[str, str]:
    """Read `NAME=PATH` or `PATH`, each; raises `ConfigError` on anything else, and for one name
    given to two."""
    adapters: dict[str, str] = {}
    for text in given:
        name, equals, place = text.partition("=")
        if not equals:
            name, place = adapter_name(text), text
        if not (name and place):
            raise ConfigError(
                f"--adapter `{text}`: expected a folder, or NAME=PATH as in mine=./adapter"
            )
        if name in adapters:
            raise ConfigError(
                f"--adapter `{text}`: `{adapters[name]}` is called `{name}` already; name one of "
                "them, as in other=./adapter"
            )
        adapters[name] = place
    return adapters


def serve_model(config: ServeConfig, log: Path | None) -> None:
    """Serve until interrupted; the server has ended when this returns or raises."""
    show_log(logging.INFO)
    place = log or Path(tempfile.mkdtemp(prefix="callforge-serve-")) / "vllm.log"
    served = False

    async def body() -> None:
        nonlocal served
        async with serving(config, place) as server:
            served = True
            _say(server, config)
            await asyncio.Event().wait()

    with ended_by_signal() as ending:
        try:
            asyncio.run(body())
        except KeyboardInterrupt:
            typer.echo("stopped", err=True)
            # Whoever ends a server that serves has got what was asked for.
            raise typer.Exit(0 if served else ending.code) from None


def _say(server: RunningServer, config: ServeConfig) -> None:
    typer.echo(f"Serving {server.model} at {server.url} until Ctrl-C. In another terminal:")
    commands = [["callforge", "generate", "--model", server.model]]
    commands += [
        ["callforge", "evaluate", "--model", server.model, "--adapter", name, "--data", "RUN"]
        for name in config.adapters
    ]
    for command in commands:
        typer.echo(f"  {shlex.join([*command, '--base-url', server.url])}")
