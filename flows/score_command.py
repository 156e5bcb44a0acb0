"""`callforge score PREDICTIONS`: how good a model's answers are, offline."""

import asyncio
import importlib.util
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import typer

from api_registry.errors import UsageError
from api_registry.execution.settings import ExecutionConfig
from data.identity import json_line
from data.run_folder import find_data
from data.whole_files import appearing
from flows.config import settings_of
from flows.console import make_console
from flows.evaluation.comparing import Difference, differences
from flows.evaluation.evaluate import NOTHING_TO_RUN, outcome_line
from flows.evaluation.executing import executing
from flows.evaluation.outcomes import Outcome, compare
from flows.evaluation.page import write_page
from flows.evaluation.predictions import read_predictions
from flows.evaluation.questions import Question, QuestionSet, read_bfcl, read_rows
from flows.evaluation.scores import score
from flows.scores_table import print_scores
from verifiers.matching import MODES
from verifiers.predictions import Prediction

FORMATS = ("bfcl", "rows")


def score_file(
    path: Path,
    *,
    data: str | None,
    runs: str,
    data_format: str | None,
    mode: str | None,
    split: str | None,
    underscore_to_dot: bool,
    baseline: Path | None,
    out: Path | None,
    page: Path | None,
    as_json: bool,
    apis: Sequence[str] = (),
    execution: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Score a file of predictions and print what came out; wrong answers are no failure."""
    if data_format is not None and data_format not in FORMATS:
        raise UsageError(f"--format `{data_format}`: expected {' or '.join(FORMATS)}")
    if mode is not None and mode not in MODES:
        raise UsageError(f"--mode `{mode}`: expected {' or '.join(MODES)}")
    predictions = read_predictions(path)
    place = None if data is None else find_data(data, Path(runs))
    is_bfcl, asked = _questions(place, data_format, split)
    questions = asked.questions
    if is_bfcl:
        # A category of which nothing was answered was not run; in the others all counts.
        run = {question.category for question in questions if question.id in predictions}
        questions = tuple(question for question in questions if question.category in run)
    unknown = sorted(predictions.keys() - {question.id for question in questions})
    if len(unknown) == len(predictions):
        shown = f"`{unknown[0]}`"
        raise UsageError(f"no prediction is of a question in the data: ids such as {shown}")
    mode = mode or ("bfcl" if is_bfcl else "strict")
    if is_bfcl and apis:
        raise UsageError(NOTHING_TO_RUN)
    before = [read_predictions(baseline)] if baseline is not None else []
    outcomes, *olders = asyncio.run(
        _compared(
            questions, [predictions, *before], apis, settings_of(ExecutionConfig, execution),
            mode=mode, underscore_to_dot=underscore_to_dot,
        )
    )  # fmt: skip
    gains: dict[str, Difference] = differences(olders[0], outcomes) if olders else {}
    if out is not None:
        _write_outcomes(outcomes, out)
    if page is not None:
        lead = f"Scored against {place.name if place else 'BFCL'}, matched in mode {mode}."
        write_page(page, path.name, lead, {"plain": outcomes})
    scores = score(outcomes)
    if as_json:
        against = {metric: asdict(gain) for metric, gain in gains.items()}
        said = asdict(scores) | ({"against_baseline": against} if gains else {})
        typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
        return
    console = make_console()
    print_scores(console, scores)
    if gains:
        console.print(f"Against `{baseline}`, with 95 % intervals of a bootstrap over APIs:")
        for metric, gain in gains.items():
            console.print(f"  {metric.replace('_', ' '):14}{gain}")
    missing = sum(outcome.prediction.kind == "missing" for outcome in outcomes)
    for count, what in (
        (missing, "questions have no prediction and count as wrong"),
        (len(unknown), "predictions are of no question here and are left out"),
        (asked.passed_over, "rows of the data ask nothing and are passed over"),
    ):
        if count:
            console.print(f"{count:,} {what}")
    if out is not None:
        typer.echo(f"Outcomes: {out}")
    if page is not None:
        typer.echo(f"Report: {page}")


async def _compared(
    questions: Sequence[Question],
    answers: Sequence[Mapping[str, Prediction]],
    apis: Sequence[str],
    execution: ExecutionConfig,
    *,
    mode: str,
    underscore_to_dot: bool,
) -> list[list[Outcome]]:
    """Compare the questions with each set of answers, by results too where APIs can run."""
    async with executing(apis, execution) as executed:
        if executed is not None:
            questions = await executed.with_results(questions)
        found = [
            compare(questions, predictions, mode=mode, underscore_to_dot=underscore_to_dot)
            for predictions in answers
        ]
        return found if executed is None else [await executed.compared(each) for each in found]


def _questions(
    data: Path | None, data_format: str | None, split: str | None
) -> tuple[bool, QuestionSet]:
    if data is None:
        if data_format != "bfcl":
            raise UsageError("--data: name the data set, a run's folder or a file of rows")
        data = _installed_bfcl()
    is_bfcl = data_format == "bfcl" or (data_format is None and any(data.glob("BFCL_v*.json")))
    if is_bfcl and split is not None:
        raise UsageError("--split: BFCL has none; leave it out")
    return is_bfcl, read_bfcl(data) if is_bfcl else read_rows(data, split)


def _installed_bfcl() -> Path:
    found = importlib.util.find_spec("bfcl_eval")
    if found is None or not found.submodule_search_locations:
        raise UsageError(
            "--data: name the folder `data` of bfcl_eval, as in "
            "python3 -m venv /tmp/bfcl && /tmp/bfcl/bin/pip install --no-deps bfcl-eval && "
            "callforge score --format bfcl PREDICTIONS "
            "--data /tmp/bfcl/lib/python3*/site-packages/bfcl_eval/data"
        )
    return Path(found.submodule_search_locations[0]) / "data"


def _write_outcomes(outcomes: list[Outcome], path: Path) -> None:
    """Write a line of JSON per question: what was expected, what came, what is wrong."""
    with appearing(path, "--out") as file:
        for outcome in outcomes:
            file.write(json_line(outcome_line(outcome)).encode("utf-8", "replace") + b"\n")
