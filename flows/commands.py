"""What the commands do, apart from how they are typed."""

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from api_registry.registry import load_apis
from api_registry.types import Api, Loaded
from data.contamination.filtering import decontaminate
from data.contamination.questions import read_questions
from data.contamination.table import SHIPPED, QuestionTable
from flows.after_run import After, gains, sent
from flows.config import CATALOG, RunConfig
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

INTERRUPTED = 130
"""Exit code of a process ended by Ctrl-C: 128 and the signal's number."""


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
                from flows.generate_fc import generate_fc

                shown_progress.set(progress)
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


def decontaminate_file(file: Path, *, against: Sequence[Path], out: Path, hits: Path) -> None:
    """Copy the rows that hold no benchmark question, and list the hits."""
    table = QuestionTable.load(SHIPPED)
    for benchmark in against:
        for source, question in read_questions(benchmark):
            table.add(source, question)
    found = decontaminate(file, table, out=out, hits=hits)
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in found.hits.items())
    typer.echo(
        f"{found.rows:,} rows against {len(table):,} questions: {found.kept:,} kept in {out}"
    )
    typer.echo(f"{found.hits_total:,} hits in {hits}" + (f" ({kinds})" if kinds else ""))
    if found.without_question:
        typer.echo(f"{found.without_question:,} of the kept rows have no question to compare")
    if found.too_large:
        typer.echo(f"{found.too_large:,} rows are larger than is read, and left out")


def list_apis(specs: Sequence[str], *, as_json: bool) -> None:
    """Print what the specifications offer."""
    loaded = _load(specs)
    if as_json:
        _print_json(
            {
                "apis": [_public(api) for api in loaded.apis],
                "skipped": [skipped.model_dump() for skipped in loaded.skipped],
            }
        )
        return
    console = make_console()
    for api in sorted(loaded.apis, key=lambda api: (api.category, api.name)):
        console.print(f"{api.category:14} {api.name:32} {escape(_first_line(api.description))}")
    for skipped in loaded.skipped:
        console.print(f"skipped: {escape(skipped.where)}: {escape(skipped.reason)}")
    console.print(f"{len(loaded.apis)} APIs, {len(loaded.skipped)} skipped")


def show_apis(specs: Sequence[str], *, as_json: bool) -> None:
    """Print the APIs whole."""
    loaded = _load(specs)
    if as_json:
        _print_json([api.model_dump(mode="json") for api in loaded.apis])
        return
    console = make_console()
    for api in loaded.apis:
        console.print(f"[bold]{api.name}[/bold] ({api.category})")
        console.print(f"  {escape(api.description)}")
        console.print(f"  parameters: {escape(json.dumps(api.parameters, ensure_ascii=False))}")
        for example in api.examples:
            console.print(f"  example: {escape(json.dumps(example, ensure_ascii=False))}")
        for phrasing in api.phrasings:
            console.print(f"  phrasing: {escape(phrasing)}")


def _load(specs: Sequence[str]) -> Loaded:
    return load_apis(tuple(specs) or (CATALOG,))


def _public(api: Api) -> dict[str, Any]:
    return {
        "name": api.name,
        "description": api.description,
        "parameters": api.parameters,
        "category": api.category,
        "source": api.source,
    }


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
