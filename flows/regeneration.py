"""A second chance: a draft that fails for its form or in execution goes back with its error."""

from typing import Protocol

from data.identity import compact_json
from data.types import Sample
from generators.types import DraftPlan, Generator, Mistake, Request, RequestFailed
from verifiers.parsing import parse

_STAGES = ("format", "execution")
"""Where a draft fails for what its writer can be told; what fails later is another matter."""
_SHOWN = 4000


class Checks(Protocol):
    """What drafts go through."""

    @property
    def generator(self) -> Generator:
        """Who writes them."""
        ...

    @property
    def repair(self) -> bool:
        """Whether broken answers are mended where that is no guess."""
        ...

    async def check(self, sample: Sample) -> Sample:
        """Take a sample through the checks until one fails."""
        ...


def goes_back(plan: DraftPlan, sample: Sample) -> bool:
    """Whether a checked draft is made once more; contrast pairs are not the generator's own."""
    rejected = sample.rejected
    return plan.contrast_of is None and rejected is not None and rejected.stage in _STAGES


async def made_again(
    line: Checks, request: Request, plan: DraftPlan, first: Sample
) -> tuple[Sample, int]:
    """Ask for a rejected draft of a request once more, alone, with the same examples.

    Returns it, checked, and how many pairs came that nobody had asked for. Where no answer comes,
    the draft stays what it was. Raises `BudgetSpent`.
    """
    again = request.model_copy(
        update={"plans": (plan,), "attempt": 1, "mistake": mistake_of(first)}
    )
    try:
        completion = await line.generator.draft(again)
    except RequestFailed:
        return first, 0
    parsed = parse(completion, again, generator=line.generator.name, repair=line.repair)
    [sample] = parsed.samples
    second = await line.check(sample)
    failed = first.rejected
    before = failed.model_dump(include={"stage", "reason", "detail"}) if failed else {}
    return second.model_copy(
        update={
            "annotations": {**second.annotations, "first_attempt": before},
            "provenance": {**second.provenance, "attempt": 1},
        }
    ), parsed.surplus


def mistake_of(sample: Sample) -> Mistake:
    """What to show of a rejected draft: its answer, and the error in words."""
    said = sample.annotations.get("completion")
    if not isinstance(said, str):
        calls = [{"name": call.name, "arguments": call.arguments} for call in sample.calls]
        said = compact_json({"query": sample.query, "answers": calls})
    rejected = sample.rejected
    error = f"{rejected.reason}: {rejected.detail or ''}" if rejected else ""
    return Mistake(answer=said[:_SHOWN], error=error[:_SHOWN])
