"""One answer of a model, as far as it can be read: calls, words, or broken calls."""

from dataclasses import dataclass, field
from typing import Any, Literal

from generators.types import Completion
from verifiers.answers import NoAnswer
from verifiers.matching import predicted_of
from verifiers.pairs import Pair, read_pairs
from verifiers.python_calls import NotPython, read_python_calls


@dataclass(frozen=True)
class Prediction:
    """What was answered to a question."""

    kind: Literal["calls", "words", "broken", "missing"]
    """`broken`: something that begins like calls and cannot be read as one set of them."""
    calls: list[dict[str, dict[str, Any]]] = field(default_factory=list)
    """`[{name: {argument: value}}]`"""
    reason: str = ""
    """Why it is broken, a reason of the format stage, or missing."""
    text: str = ""
    """What was said, where it was kept."""


MISSING = Prediction("missing", reason="no prediction")


def read_completion(completion: Completion) -> Prediction:
    """Read a completion: calls as JSON, in tags or as Python, or plain words."""
    try:
        pairs = read_pairs(completion)
    except NoAnswer as problem:
        if problem.reason == "python_call":
            return _python(completion.text)
        # Thinking that was never closed is no answer in words.
        open_ended = problem.reason == "no_answer" and "thinking" in str(problem)
        words = problem.reason in ("no_answer", "empty_answer") and not open_ended
        return Prediction("words") if words else Prediction("broken", reason=problem.reason)
    if len(pairs) != 1:
        return Prediction("broken", reason="ambiguous")
    [pair] = pairs
    if not isinstance(pair, Pair):
        return Prediction("broken", reason=pair.reason)
    return Prediction("calls", predicted_of(pair.calls)) if pair.calls else Prediction("words")


def _python(text: str) -> Prediction:
    try:
        calls = read_python_calls(text)
    except NotPython:
        return Prediction("broken", reason="python_call")
    return Prediction("calls", calls) if calls else Prediction("words")
