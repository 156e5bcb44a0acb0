"""What a run knows of its judges: `judges.json` in its folder, for report and card."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from api_registry.types import Model
from data.agreement import Rate, gwet_ac1, rate
from data.shards import write_atomically

FILE = "judges.json"


class Calibration(Model):
    """How a judge did on records whose truth is known."""

    judge: str
    """Name of the model; empty for all judges together, as they vote."""
    catch: Rate
    """Faulty records that it rejected."""
    false_reject: Rate
    """Right records that it did not approve of."""
    no_verdict: int
    """Records that it gave no verdict on: neither caught nor approved."""
    agreement: float
    """Share of the records on which it agreed with the truth."""
    ac1: float
    """The same beyond chance: Gwet's AC1."""
    kinds: dict[str, Rate]
    """Kind of fault → those caught."""


class Audit(Model):
    """What another model said of a share of the kept records."""

    judge: str
    agreeing: Rate
    """Audited records that it finds right as well."""
    no_verdict: int
    ac1: float


class Judging(Model):
    """The judges of a run, and how far they can be trusted."""

    key: str
    """Hash of who was measured on what: the same key, the same measurement."""
    version: str
    """Name of the prompts and their version."""
    judges: tuple[str, ...]
    samples: int
    vote: str
    self_judged: tuple[str, ...] = ()
    """Judges of the generator's own family of models: they tend to like its mistakes."""
    clean: int = 0
    """Right records that the judges were tried on."""
    faulty: int = 0
    calibrations: tuple[Calibration, ...] = ()
    unseen: tuple[str, ...] = ()
    """Kinds of faults that no judge is shown: the checks before it reject them always."""
    audit: Audit | None = None


def calibration_of(
    judge: str, found: Iterable[tuple[str | None, bool | None]]
) -> Calibration | None:
    """Count what a judge said: per record its fault, if any, and whether the judge approved.

    None for no verdict counts against the judge both ways. Returns None without records.
    """
    cases = list(found)
    if not cases:
        return None
    right = [said for fault, said in cases if fault is None]
    wrong = [said for fault, said in cases if fault is not None]
    # Without a verdict the judge is taken to have said what is not so.
    pairs = [
        (fault is None, said if said is not None else fault is not None) for fault, said in cases
    ]
    kinds = sorted({fault for fault, _ in cases if fault is not None})
    return Calibration(
        judge=judge,
        catch=rate(wrong.count(False), len(wrong)),
        false_reject=rate(len(right) - right.count(True), len(right)),
        no_verdict=sum(said is None for _, said in cases),
        agreement=round(sum(one == other for one, other in pairs) / len(pairs), 6),
        ac1=gwet_ac1(pairs) or 0.0,
        kinds={
            kind: rate(
                sum(fault == kind and said is False for fault, said in cases),
                sum(fault == kind for fault, _ in cases),
            )
            for kind in kinds
        },
    )


def audit_of(judge: str, rows: Iterable[Mapping[str, Any]]) -> Audit:
    """Count what the auditor found in the kept rows that it was shown."""
    said: list[bool] = []
    silent = 0
    for row in rows:
        found = json.loads(row["annotations"]).get("audit")
        if found is None:
            continue
        if found["faults"] is None:
            silent += 1
        else:
            said.append(not found["faults"])
    return Audit(
        judge=judge,
        agreeing=rate(sum(said), len(said)),
        no_verdict=silent,
        ac1=gwet_ac1((True, approves) for approves in said) or 0.0,
    )


def judge_line(calibration: Calibration) -> str:
    """A judge's rates in one line."""
    catch, false = calibration.catch, calibration.false_reject
    name = f"judge `{calibration.judge}`" if calibration.judge else "all judges together"
    return (
        f"{name} catches {catch.share:.0%} of known faults ({catch.low:.0%}–{catch.high:.0%}) and "
        f"rejects {false.share:.0%} of right records ({false.low:.0%}–{false.high:.0%}), "
        f"AC1 {calibration.ac1:.2f}"
    )


def read_judging(folder: Path) -> Judging | None:
    """Read a run's `judges.json`; None where there is none that can be read."""
    try:
        return Judging.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_judging(folder: Path, judging: Judging) -> None:
    """Write a run's `judges.json`, whole or not at all."""
    write_atomically(folder / FILE, judging.model_dump_json(indent=1).encode() + b"\n")
