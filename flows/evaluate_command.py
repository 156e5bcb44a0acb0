"""`callforge evaluate` and `callforge difficulty`: a model is asked the rows of a data set."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from data.run_folder import find_data
from flows.config import settings_of
from flows.console import make_console
from flows.evaluation.config import EvaluateConfig
from flows.evaluation.difficulty import measure
from flows.evaluation.evaluate import PAGE, evaluate
from flows.scores_table import print_scores
from flows.signals import ended_by_signal


def evaluate_model(settings: dict[str, Any], *, runs: str, prefect: bool, as_json: bool) -> None:
    """Evaluate and print what came out, a table per variant."""
    config = settings_of(EvaluateConfig, _with_data(settings, runs))
    with ended_by_signal() as ending:
        try:
            if prefect:
                from flows.by_command import by_command
                from flows.evaluate_fc import evaluate_fc

                with by_command():
                    found = asyncio.run(evaluate_fc(config))
            else:
                found = asyncio.run(evaluate(config, lambda line: typer.echo(line, err=True)))
        except KeyboardInterrupt:
            typer.echo("interrupted; the same command goes on from here", err=True)
            raise typer.Exit(ending.code) from None
    if as_json:
        typer.echo(json.dumps({v: asdict(s) for v, s in found.scores.items()}, indent=2))
        return
    console = make_console()
    for variant, scores in found.scores.items():
        print_scores(console, scores, title=variant)
    spent = found.spent
    console.print(
        f"Asked {spent.requests:,} times, {spent.replayed:,} answers were there from before; "
        f"{spent.prompt_tokens + spent.completion_tokens:,} tokens"
    )
    typer.echo(f"Evaluation: {found.folder}, to look through in {found.folder / PAGE}")


def measure_difficulty(settings: dict[str, Any], k: int, *, runs: str) -> None:
    """Measure how hard rows are for a model, and say where the copies are."""
    config = settings_of(EvaluateConfig, _with_data(settings, runs))
    with ended_by_signal() as ending:
        try:
            found = asyncio.run(measure(config, k, lambda line: typer.echo(line, err=True)))
        except KeyboardInterrupt:
            typer.echo("interrupted; the same command goes on from here", err=True)
            raise typer.Exit(ending.code) from None
    typer.echo(f"{found.rows:,} rows measured, {found.mean:.1%} of the answers are right")
    for path in (*found.files, found.wrong):
        typer.echo(str(path))


def _with_data(settings: dict[str, Any], runs: str) -> dict[str, Any]:
    """Settings with the path of the data, which may be named by its run."""
    return settings | {"data": str(find_data(settings["data"], Path(runs)))}
