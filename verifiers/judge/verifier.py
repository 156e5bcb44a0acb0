"""The judges as a check: the last one, for what rules cannot decide."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import TypeVar

from data.types import Sample, Stage, Verdict
from verifiers.judge.judge import Judge, Opinion
from verifiers.judge.settings import JudgeConfig
from verifiers.judge.voting import decide

T = TypeVar("T")


class JudgeVerifier:
    """Asks every judge for its opinions at once, and has them vote."""

    stage: Stage = "semantic"
    REASONS = {
        "judge_intent": "judges find that the calls or the reply do not do what was asked",
        "judge_tool_choice": "judges find that another tool would have been right",
        "judge_arguments": "judges find an argument that the query does not say",
        "judge_completeness": "judges find a part of the query unserved, or a call too many",
        "judge_results": "judges find that the results are no answer to the query",
        "judge_answer": "judges find that the closing answer does not follow from the results",
        "judge_no_call": "judges find that a tool should have been called",
        "judge_reply": "judges find that the reply does not fit",
        "judge_failed": "a judge gave no verdict, however often it was asked",
    }

    def __init__(self, judges: Sequence[Judge], config: JudgeConfig) -> None:
        self.judges = judges
        self.config = config

    async def check(self, sample: Sample) -> Sample:
        """Add one verdict, and what each judge found.

        Raises `BudgetSpent` and `EndpointError`: neither says anything of the sample.
        """
        opinions = await self.opinions(sample, draft=sample.provenance.get("draft", -1))
        decision = decide(opinions, self.config.vote)
        found = [
            {"judge": opinion.judge, "faults": opinion.faults and [*opinion.faults]}
            for opinion in opinions
        ]
        reason = None if decision.passed else f"judge_{decision.criterion or 'failed'}"
        verdict = Verdict(
            stage="semantic",
            passed=decision.passed,
            reason=reason,
            detail=decision.detail,
            by="judge",
        )
        return sample.with_verdict(verdict, annotations={**sample.annotations, "judges": found})

    async def opinions(self, sample: Sample, *, draft: int) -> list[Opinion]:
        """Every judge's opinions, in a fixed order."""
        wanted = [
            judge.opinion(sample, draft=draft, reading=reading)
            for judge in self.judges
            for reading in range(self.config.samples)
        ]
        if len(wanted) == 1:
            return [await wanted[0]]
        return await all_of(wanted)


async def all_of(wanted: Iterable[Awaitable[T]]) -> list[T]:
    """Wait for all, then raise the first error: a spent budget cuts off no answer under way."""
    results = await asyncio.gather(*wanted, return_exceptions=True)
    found: list[T] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        found.append(result)
    return found
