"""What every check is."""

from typing import Protocol

from data.types import Sample, Stage


class Verifier(Protocol):
    """One stage of checks."""

    stage: Stage
    REASONS: dict[str, str]
    """Code → what it means; every rejection of this verifier carries one of them."""

    async def check(self, sample: Sample) -> Sample:
        """Return the sample with one more verdict (execution adds results too)."""
        ...


def verified_by(sample: Sample) -> str:
    """Say what vouches for a sample: `executed`, `not_executed`, `rules`, `judge`, by commas.

    Empty for a rejected sample: nothing vouches for it.
    """
    if sample.rejected:
        return ""
    passed = {verdict.stage for verdict in sample.verdicts if verdict.by == "rules"}
    marks = []
    if sample.calls:
        marks.append("executed" if "execution" in passed else "not_executed")
    if "semantic" in passed:
        marks.append("rules")
    if any(verdict.by == "judge" for verdict in sample.verdicts):
        marks.append("judge")
    return ",".join(marks)
