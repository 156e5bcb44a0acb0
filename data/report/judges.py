"""The report's section on judges and on second attempts: tables of plain text."""

from dataclasses import dataclass

from data.agreement import Rate
from data.funnel import Funnel
from data.judging import Judging
from data.report.sections import percent
from data.report.text import label

Table = tuple[tuple[str, ...], ...]
"""Rows of cells, the first row being the head."""


@dataclass(frozen=True)
class Judges:
    """What is shown of the judges of a run."""

    lead: str
    notes: tuple[str, ...]
    """What a reader must know before trusting them."""
    measured: Table
    kinds: Table
    """Kind of fault by judge; empty without calibration."""
    unseen: tuple[str, ...]


def judges(judging: Judging | None) -> Judges | None:
    """Return the section; None for a run without judges."""
    if judging is None:
        return None
    return Judges(
        lead=_lead(judging),
        notes=tuple(_notes(judging)),
        measured=_measured(judging),
        kinds=_kinds(judging),
        unseen=tuple(_kind(kind) for kind in judging.unseen),
    )


def attempts(funnel: Funnel) -> str | None:
    """The yields of first and second attempts in a sentence; None where nothing was regenerated."""
    retried = funnel.retried
    if not retried.drafts:
        return None
    return (
        f"{percent(funnel.first_pass, funnel.drafts)} of the drafts were kept at their first "
        f"attempt. {retried.drafts:,} went back with their error, {retried.kept:,} of them "
        f"({percent(retried.kept, retried.drafts)}) were kept after that: "
        f"{percent(funnel.kept, funnel.drafts)} in all."
    )


def _lead(judging: Judging) -> str:
    names = ", ".join(judging.judges)
    votes = len(judging.judges) * judging.samples
    if votes == 1:
        return f"Judged by {names}."
    how = "all" if judging.vote == "unanimous" else "more than half"
    opinions = "one opinion" if judging.samples == 1 else f"{judging.samples} opinions"
    return f"Judged by {names}, with {opinions} each: {how} of {votes} must agree."


def _notes(judging: Judging) -> list[str]:
    notes = [
        f"Self-judged: {name} is of the generator's own family of models, which tends to like "
        "its own mistakes."
        for name in judging.self_judged
    ]
    if not judging.calibrations:
        notes.append("These judges were not calibrated: how far they can be trusted is not known.")
    if audit := judging.audit:
        notes.append(
            f"Audit: {audit.judge} finds {_rate(audit.agreeing)} of {audit.agreeing.of:,} kept "
            f"records right as well (AC1 {audit.ac1:.2f}); no verdict on {audit.no_verdict:,}."
        )
    return notes


def _measured(judging: Judging) -> Table:
    if not judging.calibrations:
        return ()
    head = (
        "judge",
        "faults caught",
        "right ones rejected",
        "agreement",
        "Gwet's AC1",
        "no verdict",
    )
    rows = [
        (
            measured.judge or "all together",
            _rate(measured.catch),
            _rate(measured.false_reject),
            _share(measured.agreement),
            f"{measured.ac1:.2f}",
            f"{measured.no_verdict:,}",
        )
        for measured in judging.calibrations
    ]
    return (head, *rows)


def _kinds(judging: Judging) -> Table:
    if not judging.calibrations:
        return ()
    head = ("fault", *(measured.judge or "all together" for measured in judging.calibrations))
    kinds = sorted({kind for measured in judging.calibrations for kind in measured.kinds})
    rows = [
        (_kind(kind), *(_caught(measured.kinds.get(kind)) for measured in judging.calibrations))
        for kind in kinds
    ]
    return (head, *rows)


def _rate(rate: Rate) -> str:
    return f"{_share(rate.share)} ({_share(rate.low)} – {_share(rate.high)})"


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"


def _kind(kind: str) -> str:
    return label(kind).replace("_", " ")


def _caught(rate: Rate | None) -> str:
    return f"{rate.hits} of {rate.of}" if rate else "–"
