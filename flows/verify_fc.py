"""The Prefect flow `verify-fc`: the audit of a file, with its counts as an artifact."""

import asyncio

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_table_artifact

from flows.audit import AuditConfig, AuditResult, audit


@flow(name="verify-fc", persist_result=False)
async def verify_fc(config: AuditConfig) -> AuditResult:
    """Check every row of a data set that somebody else made; failed rows are no failure."""
    logger = get_run_logger()
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
