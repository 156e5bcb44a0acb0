"""The whole evaluation: questions in every variant, predictions, outcomes and scores, on disk."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api_registry.errors import UsageError
from data.identity import json_line
from data.whole_files import appearing
from flows.evaluation.asking import answering, ask
from flows.evaluation.config import EvaluateConfig, Variant
from flows.evaluation.executing import executing
from flows.evaluation.outcomes import Outcome, outcome
from flows.evaluation.page import write_page
from flows.evaluation.questions import Question, read_bfcl, read_rows
from flows.evaluation.scores import Scores, score
from flows.evaluation.variants import variant_of
from generators.endpoint.client import Spent
from generators.endpoint.journal import Journal
from verifiers.predictions import Prediction

_PER_FILE = 1000
PAGE = "evaluation.html"
NOTHING_TO_RUN = "--apis: BFCL describes functions that nobody has written; leave it out"
Said = Callable[[str], None]


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found."""

    folder: Path
    scores: dict[Variant, Scores]
    outcomes: dict[str, list[Outcome]]
    """One per question, in their order."""
    spent: Spent


async def evaluate(config: EvaluateConfig, say: Said = lambda line: None) -> Evaluation:
    """Ask every question in every variant and score the answers.

    The folder gets `predictions-VARIANT.jsonl`, `outcomes-VARIANT.jsonl`, `scores.json` and
    `evaluation.html`. Answers are kept as they arrive: the same command goes on where it stopped,
    and pays for nothing twice.

    Raises `UsageError` for data that hold nothing to ask, `EndpointError` and `BudgetError` as the
    generator does.
    """
    mode, questions = read_questions(config)
    folder = Path(
        config.out
        or f"evaluations/{_slug(config.adapter or config.model)}-{_slug(Path(config.data).name)}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    scores: dict[Variant, Scores] = {}
    answers: dict[str, list[Outcome]] = {}
    with Journal(folder / "journal", _PER_FILE) as journal:
        async with (
            executing(config.apis, config.execution) as executed,
            answering(config, journal) as endpoint,
        ):
            if executed is not None:
                questions = await executed.with_results(questions)
                runnable = sum(question.results is not None for question in questions)
                say(f"{runnable:,} of {len(questions):,} questions have calls that can be run")
            for variant in config.variants:
                asked = variant_of(questions, variant, config.seed)
                if not asked:
                    say(f"{variant}: no question can be asked so")
                    continue
                say(f"{variant}: {len(asked):,} questions")
                predictions = await ask(asked, endpoint, config, purpose=f"evaluate-{variant}")
                outcomes = [
                    outcome(question, prediction, mode=mode)
                    for question, prediction in zip(asked, predictions, strict=True)
                ]
                if executed is not None:
                    outcomes = await executed.compared(outcomes)
                _write(folder / f"predictions-{variant}.jsonl", _predictions(asked, predictions))
                _write(folder / f"outcomes-{variant}.jsonl", map(outcome_line, outcomes))
                scores[variant] = score(outcomes)
                answers[variant] = outcomes
            spent = endpoint.spent()
    said = {
        "model": config.model,
        "adapter": config.adapter or None,
        "data": Path(config.data).name,
        "mode": mode,
        "calling": config.calling,
        "constrained": config.constrained,
        "scores": {variant: asdict(found) for variant, found in scores.items()},
    }
    text = json.dumps(said, indent=2, ensure_ascii=False)
    with appearing(folder / "scores.json", "--out") as file:
        file.write(text.encode())
    asked_of, data = config.adapter or config.model, Path(config.data).name
    lead = f"Answers to {data}, matched in mode {mode}; tools were given {config.calling}."
    write_page(folder / PAGE, asked_of, lead, answers)
    return Evaluation(folder, scores, answers, spent)


def read_questions(config: EvaluateConfig) -> tuple[str, tuple[Question, ...]]:
    """The mode of matching, and the questions that are to be asked. Raises `UsageError`."""
    data = Path(config.data)
    is_bfcl = config.format == "bfcl" or (config.format is None and any(data.glob("BFCL_v*.json")))
    if is_bfcl and config.apis:
        raise UsageError(NOTHING_TO_RUN)
    questions = (read_bfcl(data) if is_bfcl else read_rows(data)).questions
    if config.splits:
        questions = tuple(q for q in questions if q.split in config.splits)
    elif any(question.split not in ("", "train") for question in questions):
        questions = tuple(question for question in questions if question.split != "train")
    if config.categories:
        questions = tuple(q for q in questions if q.category in config.categories)
    if not questions:
        raise UsageError(
            f"`{config.data}` holds no question of the splits and categories asked for"
        )
    if config.questions is not None and len(questions) > config.questions:
        step = len(questions) / config.questions
        questions = tuple(questions[int(place * step)] for place in range(config.questions))
    return config.mode or ("bfcl" if is_bfcl else "strict"), questions


def outcome_line(found: Outcome) -> dict[str, Any]:
    """One outcome as it is written: what was asked, expected and answered, and what is wrong."""
    question, prediction = found.question, found.prediction
    asked = [message["content"] for message in question.messages if message["role"] == "user"]
    return {
        "id": question.id,
        "category": question.category,
        "style": question.style,
        "split": question.split,
        "query": asked[-1] if asked else "",
        "valid": found.valid,
        "error_type": found.error_type,
        "error": found.error,
        "same_results": found.same_results,
        "kind": prediction.kind,
        "expected": question.expected,
        "predicted": prediction.calls,
        "said": prediction.text,
    }


def _predictions(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> Iterator[dict[str, Any]]:
    """Predictions as `callforge score` reads them."""
    for question, prediction in zip(questions, predictions, strict=True):
        if prediction.kind == "missing":
            continue
        calls = [{"name": n, "arguments": a} for call in prediction.calls for n, a in call.items()]
        said = {"calls": calls} if calls else {"completion": prediction.text}
        yield {"id": question.id, **said}


def _write(path: Path, lines: Iterator[dict[str, Any]]) -> None:
    with appearing(path, "--out") as file:
        for line in lines:
            file.write(json_line(line).encode("utf-8", "replace") + b"\n")


def _slug(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-") or "data"
