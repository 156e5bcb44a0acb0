"""Tries judges on records whose truth is known, before they decide on any other."""

from collections.abc import Sequence

from data.judging import Calibration, calibration_of
from verifiers.judge.judge import Judge, Opinion
from verifiers.judge.known_records import Known
from verifiers.judge.verifier import JudgeVerifier, all_of
from verifiers.judge.voting import decide

RUN = -1
"""The draft that requests of the run as a whole are journaled under."""


async def calibrate(
    verifier: JudgeVerifier, auditor: Judge | None, known: Sequence[Known]
) -> tuple[Calibration, ...]:
    """Measure each judge by its first opinion, all of them together as they vote, and the auditor.

    Raises `BudgetSpent` and `EndpointError`.
    """
    opinions = await all_of(verifier.opinions(case.sample, draft=RUN) for case in known)
    faults = [case.fault for case in known]
    samples = verifier.config.samples
    columns = {
        judge.name: [given[place * samples] for given in opinions]
        for place, judge in enumerate(verifier.judges)
    }
    measured = [_measured(name, faults, column) for name, column in columns.items()]
    if len(verifier.judges) * samples > 1:
        decisions = [decide(given, verifier.config.vote) for given in opinions]
        said = [
            None if not decision.passed and decision.criterion is None else decision.passed
            for decision in decisions
        ]
        measured.append(calibration_of("", zip(faults, said, strict=True)))
    if auditor:
        audited = await all_of(auditor.opinion(case.sample, draft=RUN) for case in known)
        measured.append(_measured(auditor.name, faults, audited))
    return tuple(calibration for calibration in measured if calibration)


def _measured(
    name: str, faults: Sequence[str | None], opinions: Sequence[Opinion]
) -> Calibration | None:
    said = [None if opinion.faults is None else opinion.approves for opinion in opinions]
    return calibration_of(name, zip(faults, said, strict=True))
