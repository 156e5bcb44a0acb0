"""Execution match: what was called is run, and what it gives back compared with what is right.

Another call can be as good as the expected one: a default said aloud, a unit converted, a name
written otherwise. Where the functions are at hand, their results tell. Calls run in the sandbox, as
`callforge verify` runs them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import Call, CallResult, Tool
from data.types import Sample, Turn
from flows.evaluation.outcomes import Outcome
from flows.evaluation.questions import Question
from verifiers.execution_check import ExecutionVerifier
from verifiers.rewards import calls_of, fit, same_results

T = TypeVar("T", Question, Outcome)
_AT_ONCE = 200
"""Answers whose calls are under way: enough that no runner waits."""


class Executed:
    """Runs the calls of questions and answers."""

    def __init__(self, verifier: ExecutionVerifier) -> None:
        self.verifier = verifier

    async def with_results(self, questions: Sequence[Question]) -> tuple[Question, ...]:
        """Questions, as they stand, with what their right calls give: as stored, else run here.

        None where nothing is to be called, an API is not registered, or a right call fails.
        """
        return await _in_turn(self._with_results, questions)

    async def compared(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Outcomes that say whether the calls gave the right results, where that can be known."""
        return list(await _in_turn(self._compared, outcomes))

    async def _with_results(self, question: Question) -> Question:
        apis = {tool.name: tool.api for tool in question.tools}
        known = self.verifier.apis
        if not question.calls or any(apis.get(c.name) not in known for c in question.calls):
            return replace(question, results=None)
        if question.results is not None:
            return question
        made = await self._results(question.calls, question.tools, question.environment)
        good = len(made) == len(question.calls) and all(r.outcome == "ok" for r in made)
        return replace(question, results=tuple(r.value for r in made) if good else None)

    async def _compared(self, outcome: Outcome) -> Outcome:
        question, prediction = outcome.question, outcome.prediction
        if not question.expected or question.results is None:
            return outcome
        same = outcome.valid
        if not same and prediction.kind == "calls" and fit(prediction, question.tools):
            calls = calls_of(prediction)
            if len(calls) == len(question.results):
                made = await self._results(calls, question.tools, question.environment)
                same = same_results(made, question.results)
        return replace(outcome, same_results=same)

    async def _results(
        self, calls: Sequence[Call], tools: Sequence[Tool], environment: str | None
    ) -> tuple[CallResult, ...]:
        """What calls that fit their tools give back; nothing where their state cannot be made."""
        answer = Turn(role="assistant", content="", calls=tuple(calls))
        sample = Sample(
            id="", group="", turns=(answer,), tools=tuple(tools), environment=environment,
            style="evaluated", category="evaluated", language="und",
        )  # fmt: skip
        return (await self.verifier.check(sample)).results


async def _in_turn(work: Callable[[T], Awaitable[T]], items: Sequence[T]) -> tuple[T, ...]:
    """Do the same to all items, many at once."""
    done: list[T] = []
    for first in range(0, len(items), _AT_ONCE):
        done += await asyncio.gather(*map(work, items[first : first + _AT_ONCE]))
    return tuple(done)


@asynccontextmanager
async def executing(
    apis: Sequence[str], execution: ExecutionConfig
) -> AsyncIterator[Executed | None]:
    """Load APIs and start what runs them; None without any. Raises `SourceError`."""
    if not apis:
        yield None
        return
    loaded = load_apis(apis).apis
    async with RunnerPool(loaded, execution) as pool:
        known = {api.name: api for api in loaded}
        yield Executed(ExecutionVerifier(pool, known, skip_unregistered=True))
