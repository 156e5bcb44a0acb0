"""Writes `docs/reasons.md` from the verifiers' own tables: `python -m verifiers.reasons_page`."""

import sys
from pathlib import Path

from data.formats import imported
from data.quota import QUOTA_REASONS
from data.selection import REASONS as SELECTION_REASONS
from verifiers.closing_answer import ClosingAnswer
from verifiers.execution_check import ExecutionVerifier
from verifiers.format_check import FormatVerifier
from verifiers.judge.verifier import JudgeVerifier
from verifiers.parsing import GENERATION_REASONS
from verifiers.semantic import SemanticVerifier

PAGE = Path(__file__).parent.parent / "docs" / "reasons.md"

REASONS: dict[str, dict[str, str]] = {
    "generation": GENERATION_REASONS,
    "format": {**FormatVerifier.REASONS, **imported.REASONS},
    "execution": {**ExecutionVerifier.REASONS, **SELECTION_REASONS["execution"]},
    "semantic": {
        **SemanticVerifier.REASONS,
        **ClosingAnswer.REASONS,
        **JudgeVerifier.REASONS,
    },
    **{stage: codes for stage, codes in SELECTION_REASONS.items() if stage != "execution"},
    "quota": QUOTA_REASONS,
}
"""Stage → code → meaning, in the order of the stages."""


def page() -> str:
    """Return the page."""
    lines = [
        "# Reasons",
        "",
        "Why drafts are rejected: `stage` and `reason` of each row in `shards/rejected-*.parquet`,",
        "and, for what compares rows with each other or with benchmarks, in `removed.parquet`.",
        "Made by `python -m verifiers.reasons_page`; do not edit.",
    ]
    for stage, reasons in REASONS.items():
        lines += ["", f"## {stage}", "", "| reason | means |", "|---|---|"]
        lines += [f"| `{code}` | {meaning} |" for code, meaning in reasons.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
