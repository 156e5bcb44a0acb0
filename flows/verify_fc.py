"""The Prefect flow `verify-fc`: the audit of a file or a run, its counts as an artifact."""

import asyncio
from pathlib import Path

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_table_artifact

from flows.audit import AuditConfig, AuditResult, audit
from flows.audited import named

_RUNS = "runs"
"""Where a run is looked for that `file` names; a path may be anywhere."""


@flow(name="verify-fc", persist_result=False)
async def verify_fc(config: AuditConfig) -> AuditResult:
    """Check every row of a file, a data set or a run; failed rows are no failure."""
    logger = get_run_logger()
    file, apis = named(config.file, config.apis, Path(_RUNS))
    config = config.model_copy(update={"file": file, "apis": apis})
    result = await asyncio.to_thread(audit, config, lambda rows, passed: None)
    logger.info("%d of %d rows passed", result.passed, result.rows)
    await acreate_table_artifact(audit_table(result), key="audit", description=config.file)
    return result


def audit_table(result: AuditResult) -> list[dict[str, str | int]]:
    """The counts as table rows: each stage and reason with an example, and what passed."""
    rows: list[dict[str, str | int]] = [
        {
            "stage": stage,
            "reason": reason,
            "rows": count,
            "example": result.examples[f"{stage}/{reason}"],
        }
        for stage, reasons in result.failed.items()
        for reason, count in reasons.items()
    ]
    return [*rows, {"stage": "passed", "reason": "", "rows": result.passed, "example": ""}]
