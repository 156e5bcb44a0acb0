"""One question and one prediction: what is right about it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flows.evaluation.questions import Question
from verifiers.matching import argument_match, match_calls
from verifiers.predictions import MISSING, Prediction


@dataclass(frozen=True)
class Outcome:
    """What came of one question."""

    question: Question
    prediction: Prediction
    valid: bool
    """Exact call match: the right calls and no others, or rightly none."""
    error_type: str | None
    error: str
    names_right: bool
    """The called names are the expected ones, each as often."""
    right: int
    """Arguments that are right,"""
    of: int
    """of those that were given or had to be."""
    hallucinated: bool
    """Whether a tool was called that was not offered."""
    same_results: bool | None = None
    """Whether the calls give back what the right ones do; None where nothing could be run."""

    @property
    def calls_expected(self) -> bool:
        """Whether something is to be called."""
        return self.question.expected != ()


def compare(
    questions: Iterable[Question],
    predictions: Mapping[str, Prediction],
    *,
    mode: str,
    underscore_to_dot: bool = False,
) -> list[Outcome]:
    """Compare every question with the prediction of its id; one that is missing is wrong."""
    return [
        outcome(
            question,
            predictions.get(question.id, MISSING),
            mode=mode,
            underscore_to_dot=underscore_to_dot,
        )
        for question in questions
    ]


def outcome(
    question: Question, prediction: Prediction, *, mode: str, underscore_to_dot: bool = False
) -> Outcome:
    """Compare one question with its prediction.

    Broken calls are no calls for BFCL, whose readers fail on them: right where nothing is to be
    called. In mode `strict` they are wrong everywhere.
    """

    def made(name: str) -> str:
        return name.replace(".", "_") if underscore_to_dot else name

    expected, calls = question.expected, prediction.calls
    called = Counter(name for call in calls for name in call)
    offered = {made(tool.name) for tool in question.tools}
    valid, error_type, error = _verdict(question, prediction, mode, underscore_to_dot)
    wanted = Counter(made(name) for call in expected or () for name in call)
    right, of = (0, 0)
    if expected:
        right, of = argument_match(calls, expected, question.functions, mode, underscore_to_dot)
    return Outcome(
        question, prediction, valid, error_type, error,
        names_right=called == wanted if expected is not None else bool(called),
        right=right, of=of, hallucinated=not called.keys() <= offered,
    )  # fmt: skip


def _verdict(
    question: Question, prediction: Prediction, mode: str, underscore_to_dot: bool
) -> tuple[bool, str | None, str]:
    expected = question.expected
    if prediction.kind == "missing":
        return False, "no_prediction", "no prediction for this id"
    if prediction.kind == "broken" and mode == "strict":
        return False, f"broken:{prediction.reason}", "calls that cannot be read"
    if expected is None:
        good = prediction.kind == "calls"
        return good, None if good else "relevance_error:decoder_failed", "" if good else "no call"
    if expected and prediction.kind != "calls":
        kind = "ast_decoder:decoder_failed" if mode == "bfcl" else "no_call"
        return False, kind, prediction.reason or "an answer in words, calls expected"
    match = match_calls(prediction.calls, expected, question.functions, mode, underscore_to_dot)
    return match.valid, match.error_type, match.error
