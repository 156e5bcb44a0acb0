"""What `callforge generate` does, apart from how it is typed."""

import asyncio
import logging

import typer
from rich.console import Console

from flows.after_run import After, gains, sent
from flows.config import RunConfig
from flows.console import (
    TerminalProgress,
    make_console,
    print_endpoint,
    print_funnel,
    print_judging,
    print_records,
    print_skipped,
    show_log,
)
from flows.making import shown_progress
from flows.pipeline import RunResult, whole
from flows.records import sample_rows
from flows.signals import ended_by_signal


def generate_run(config: RunConfig, *, command: str, prefect: bool) -> None:
    """Make a run and print its funnel, three records and the paths written."""
    console = make_console()
    show_log(logging.WARNING)
    progress = TerminalProgress(console, rows=config.kept is not None)

    def show(result: RunResult) -> None:
        print_skipped(console, result.skipped)
        print_result(console, result)

    async def made(result: RunResult) -> None:
        show(result)

    with ended_by_signal() as ending:
        try:
            if prefect:
                from flows.by_command import by_command
                from flows.generate_fc import generate_fc

                shown_progress.set(progress)
                with by_command():
                    result = asyncio.run(generate_fc(config, command))
                show(result)
                if result.after is not None:
                    print_after(result.after)
            else:
                asyncio.run(whole(config, progress, command=command, made=made, say=typer.echo))
        except KeyboardInterrupt:
            typer.echo("interrupted; finished shards are kept, the same command goes on", err=True)
            raise typer.Exit(ending.code) from None


def print_after(after: After) -> None:
    """Print what came of the stages after a run, whose own words went to Prefect's log."""
    if after.published:
        typer.echo(sent("the data set", after.published))
    if after.training and after.folder:
        typer.echo(f"Fine-tuned: {after.folder / after.training.result}")
    for line in gains(after.comparison) if after.comparison else ():
        typer.echo(line)
    if after.pushed:
        typer.echo(sent("the adapter", after.pushed))


def print_result(console: Console, result: RunResult) -> None:
    """Print what a run came to."""
    if result.spent:
        console.print(
            f"Stopped after {result.spent}: what was finished is below; the same command goes on."
        )
    elif not result.made:
        console.print(
            f"Run `{result.name}` is complete: nothing to make. "
            "Ask for more --samples (or --kept) to extend it, or another --seed for new data."
        )
    if result.lacking:
        short = ", ".join(f"{style} {count:,}" for style, count in result.lacking)
        console.print(
            f"Fewer rows than were wanted; still lacking: {short}."
            + ("" if result.spent else " --max-drafts allows more drafts.")
        )
    print_funnel(console, result.manifest.funnel)
    if result.endpoint:
        print_endpoint(console, result.endpoint, result.structured, result.manifest)
    if result.judging:
        print_judging(console, result.judging)
    print_records(console, sample_rows(result.folder.dataset, result.manifest))
    console.print()
    console.print(f"Shards:   {result.folder.shards}")
    console.print(f"Data set: {result.folder.dataset}")
    if result.report:
        console.print(f"Report:   {result.report}")
