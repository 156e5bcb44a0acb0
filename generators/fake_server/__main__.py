"""`python -m generators.fake_server`: serve until interrupted."""

import asyncio
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from generators.fake_server.faults import FAULTS
from generators.fake_server.server import serve
from generators.fake_server.settings import FakeSettings


def main(
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8000,
    seed: int = 0,
    model: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Repeatable [fake-model].")
    ] = None,
    latency: Annotated[float, typer.Option(help="Median seconds per answer.")] = 0.0,
    jitter: Annotated[float, typer.Option(help="Sigma of the log-normal latency.")] = 0.0,
    slots: Annotated[int | None, typer.Option(help="Answers made at once.")] = None,
    limit: Annotated[int | None, typer.Option(help="Requests held before 429.")] = None,
    retry_after: float = 0.2,
    judge_catch: Annotated[float, typer.Option(help="Share of known faults it rejects.")] = 0.9,
    judge_false_reject: Annotated[
        float, typer.Option(help="Share of all other records that it rejects.")
    ] = 0.05,
    judge_nonsense: Annotated[
        float, typer.Option(help="Share of its verdicts that are none.")
    ] = 0.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=SHARE", help=f"Repeatable; kinds: {', '.join(FAULTS)}."),
    ] = None,
) -> None:
    """Serve an OpenAI-compatible endpoint that needs no model."""
    try:
        faults = {kind: float(share) for kind, _, share in (f.partition("=") for f in fault or ())}
        settings = FakeSettings(
            seed=seed,
            models=tuple(model or ("fake-model",)),
            latency=latency,
            jitter=jitter,
            slots=slots,
            limit=limit,
            retry_after=retry_after,
            faults=faults,
            judge_catch=judge_catch,
            judge_false_reject=judge_false_reject,
            judge_nonsense=judge_nonsense,
        )
    except (ValueError, ValidationError) as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
    try:
        asyncio.run(_serve(settings, host, port))
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)


async def _serve(settings: FakeSettings, host: str, port: int) -> None:
    server, runner = await serve(settings, host, port)
    typer.echo(server.url)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    typer.run(main)
