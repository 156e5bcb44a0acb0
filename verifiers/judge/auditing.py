"""A second look at a share of what the judges let through, by another model, without a say."""

import random

from data.types import Sample, Stage
from verifiers.judge.judge import Judge


class JudgeAudit:
    """Notes what the auditor finds; stands after the judges, so it sees kept samples alone."""

    stage: Stage = "semantic"
    REASONS: dict[str, str] = {}

    def __init__(self, auditor: Judge, share: float) -> None:
        self.auditor = auditor
        self.share = share

    async def check(self, sample: Sample) -> Sample:
        """Add the auditor's opinion where the sample is drawn; never a verdict."""
        if not self.draws(sample):
            return sample
        draft = sample.provenance.get("draft", -1)
        opinion = await self.auditor.opinion(sample, draft=draft)
        found = {"judge": opinion.judge, "faults": opinion.faults}
        return sample.model_copy(update={"annotations": {**sample.annotations, "audit": found}})

    def draws(self, sample: Sample) -> bool:
        """Whether a sample is of the share: a function of its draft alone."""
        seed = sample.provenance.get("seed")
        return random.Random(f"judge-audit/{seed}").random() < self.share
