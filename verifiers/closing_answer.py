"""Rows that go on: the results as tool turns, and an answer that is written from them, checked."""

from api_registry.types import CallResult
from data.identity import compact_json, sample_id
from data.types import Sample, Stage, Turn, Verdict
from generators.types import Closer, Completion, RequestFailed
from verifiers.answers import NoAnswer, read_text
from verifiers.semantic.grounding import ungrounded


class ClosingAnswer:
    """Has a closing answer written where the plan wants one, and checks what it says."""

    stage: Stage = "semantic"
    REASONS = {
        "ungrounded_answer": "the closing answer has a number, date, name, code or quotation that "
        "neither results nor query give",
        "unusable_answer": "the closing answer is missing, empty, cut off or no answer in words",
    }

    def __init__(self, closer: Closer) -> None:
        self.closer = closer

    async def check(self, sample: Sample) -> Sample:
        """Add the tool turns, the answer and a verdict on it; other samples stay as they are.

        Raises `BudgetSpent` and `EndpointError`.
        """
        if not sample.provenance.get("final_answer") or not sample.results:
            return sample
        try:
            answer = read_closing(await self.closer.close(sample))
        except RequestFailed as failed:
            return sample.with_verdict(
                Verdict(
                    stage="generation", passed=False, reason="request_failed", detail=str(failed)
                )
            )
        except NoAnswer as problem:
            return sample.with_verdict(_failed("unusable_answer", problem.detail))
        found = ungrounded(answer, sample)
        turns = (*sample.turns, *_closing_turns(sample, answer))
        changes = {
            "turns": turns,
            "id": sample_id(sample.tools, turns, sample.environment),
            "provenance": {**sample.provenance, "final_answer": self.closer.name},
        }
        if found is not None:
            detail = f"{found} stands in no result, nor in the query"
            return sample.with_verdict(_failed("ungrounded_answer", detail), **changes)
        return sample.with_verdict(Verdict(stage="semantic", passed=True), **changes)


def read_closing(completion: Completion) -> str:
    """Read the one answer of a completion. Raises `NoAnswer`."""
    if completion.finish_reason == "length":
        raise NoAnswer("unusable_answer", "it was cut off by the token limit")
    values = read_text(completion.text).values
    if len(values) != 1 or not isinstance(values[0].value, dict):
        raise NoAnswer("unusable_answer", f"expected one JSON object, got {len(values)} values")
    answer = values[0].value.get("answer")
    if not isinstance(answer, str) or not answer.strip():
        raise NoAnswer("unusable_answer", "`answer` is missing or empty")
    return answer.strip()


def _closing_turns(sample: Sample, answer: str) -> tuple[Turn, ...]:
    results = [
        Turn(role="tool", content=_content(result), call=result.call) for result in sample.results
    ]
    return (*results, Turn(role="assistant", content=answer, train=True))


def _content(result: CallResult) -> str:
    """Text as it is, everything else as JSON, as tools answer; never empty."""
    value = result.value
    return value if isinstance(value, str) and value.strip() else compact_json(value)


def _failed(reason: str, detail: str) -> Verdict:
    return Verdict(stage="semantic", passed=False, reason=reason, detail=detail[:300])
