"""The page of an evaluation: scores with their intervals, and the wrong answers to look through.

It is put together by the machinery of a run's report, and loads nothing either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any

from data.identity import compact_json
from data.report.samples import shown
from data.report.sections import percent
from data.report.templates import Records, rendered, values_of
from data.report.text import label
from data.rows import tools_json
from data.whole_files import appearing
from flows.evaluation.outcomes import Outcome
from flows.evaluation.scores import METRICS, Score, Scores, score

_MOST = 600
"""Wrong answers on a page: more would be slow to open."""
Answers = Mapping[str, Sequence[Outcome]]
"""Variant → what came of its questions."""


@dataclass(frozen=True)
class ErrorType:
    """How often answers to one variant are wrong in one way."""

    variant: str
    type: str
    count: int
    of: int
    example: str


def write_page(path: Path, title: str, lead: str, answers: Answers) -> None:
    """Write the page as a whole or not at all. Raises `StorageError`."""
    page = render(title, lead, answers)
    with appearing(path, str(path)) as file:
        file.write(page.encode("utf-8", "replace"))


def render(title: str, lead: str, answers: Answers) -> str:
    """Return the page as HTML; equal answers are equal text."""
    scores = {variant: score(outcomes) for variant, outcomes in answers.items()}
    types = _types(answers)
    wrong = sum(map(len, types.values()))
    drawn = [found for turn in zip_longest(*_numbered(types)) for found in turn if found][:_MOST]
    sample = shown([_row(variant, outcome) for variant, outcome in drawn])
    for row, (variant, outcome) in zip(sample["rows"], drawn, strict=True):
        row |= {"status": "wrong", "split": label(outcome.question.split)}
        row["verdicts"] = [(label(variant), f"failed: {row['reason']}")]
    filters = [(key, values_of(sample["rows"], key))
               for key in ("style", "category", "split", "stage", "reason")]  # fmt: skip
    all_there = len(drawn) == wrong
    most = f"{len(drawn):,} of {wrong:,} wrong answers, drawn from every variant and type of error"
    return rendered(
        "evaluation.html.j2",
        sample,
        Records(
            title="Wrong answers",
            intro=f"{f'All {wrong:,} wrong answers' if all_there else most}. Each opens, with "
            "what was expected, what was answered, and the tools on offer.",
            search="words in query, calls, tools, errors",
            filters=[(key, values) for key, values in filters if values],
            labels={"stage": "variant", "reason": "error"},
        ),
        folder=files("flows.evaluation"),
        kind="Callforge evaluation",
        title=title,
        lead=lead,
        notes=(),
        source="Made by Callforge from a model's answers.",
        figures=tuple(_figures(scores)),
        scores=[(variant if len(scores) > 1 else "", _table(s)) for variant, s in scores.items()],
        meanings=[(_said(m.name), m.meaning) for m in METRICS if _there(m.name, scores)],
        errors=[
            ErrorType(variant, label(kind), len(found), len(answers[variant]), found[0].error)
            for (variant, kind), found in sorted(
                types.items(), key=lambda item: (list(answers).index(item[0][0]), -len(item[1]))
            )
        ],
        percent=percent,
    )


def _types(answers: Answers) -> dict[tuple[str, str], list[Outcome]]:
    """Variant and type of error → the wrong answers."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for variant, outcomes in answers.items():
        for outcome in outcomes:
            if not outcome.valid:
                found.setdefault((variant, outcome.error_type or ""), []).append(outcome)
    return found


def _numbered(
    types: Mapping[tuple[str, str], Sequence[Outcome]],
) -> Iterator[list[tuple[str, Outcome]]]:
    for (variant, _), outcomes in types.items():
        yield [(variant, outcome) for outcome in outcomes]


def _figures(scores: Mapping[str, Scores]) -> Iterator[tuple[str, str]]:
    """The key figures: how many were asked, and the share of right answers in each variant."""
    yield f"{sum(found.total['exact'].n for found in scores.values()):,}", "answers"
    for variant, found in scores.items():
        name = "right" if len(scores) == 1 else f"right, {variant}"
        yield f"{found.total['exact'].value:.1%}", name
        if "execution" in found.total and variant == next(iter(scores)):
            yield f"{found.total['execution'].value:.1%}", "right results"


def _table(scores: Scores) -> list[list[str]]:
    """Scores as rows of text, the head first: all questions, then every kind of them."""
    shown = [metric.name for metric in METRICS if metric.name in scores.total]
    rows = [["questions", "asked", *map(_said, shown)]]

    def add(name: str, found: Mapping[str, Score]) -> None:
        cells = [str(found[metric]) if metric in found else "" for metric in shown]
        rows.append([name, f"{found['exact'].n:,}", *cells])

    add("all", scores.total)
    for kind, values in scores.parts.items():
        for value, found in values.items():
            add(f"{kind}: {label(value)}", found)
    return rows


def _row(variant: str, outcome: Outcome) -> dict[str, Any]:
    """A wrong answer in the form of a stored row: question, expected calls, and what came."""
    question, prediction = outcome.question, outcome.prediction
    expected = question.expected or ()
    nothing = "Some call." if question.expected is None else "Nothing is to be called."
    asked = [_message(m["role"], m["content"], ()) for m in question.messages]
    ran = {None: {}, True: {"results": "the right ones"}, False: {"results": "others"}}
    facts = {"variant": variant, "read as": prediction.kind, **ran[outcome.same_results]}
    return {
        "id": question.id,
        "style": question.style,
        "category": question.category,
        "language": "",
        "origin": "",
        "stage": variant,
        "reason": outcome.error_type or "",
        "detail": outcome.error,
        "query": next((m["content"] for m in question.messages[::-1] if m["role"] == "user"), ""),
        "messages": [
            *asked,
            _message("expected", "" if expected else nothing, expected),
            _message("answered", prediction.text, prediction.calls),
        ],
        "results": "[]",
        "annotations": "{}",
        "provenance": compact_json(facts),
        "tools": tools_json(question.tools),
        "verified_by": "",
        "n_calls": len(expected),
    }


def _message(role: str, content: str, calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "role": role,
        "content": content,
        "reasoning_content": None,
        "tool_call_id": None,
        "tool_calls": [
            {"id": "", "function": {"name": name, "arguments": compact_json(arguments)}}
            for call in calls
            for name, arguments in call.items()
        ],
    }


def _there(metric: str, scores: Mapping[str, Scores]) -> bool:
    return any(metric in found.total for found in scores.values())


def _said(name: str) -> str:
    return name.replace("_", " ")
