"""The audit of a data set, somebody else's or a run: every row through the checks, in any number.

Rows stream from the file through a few processes and out again in order, so memory does not grow
with the file. Nothing here knows of Prefect: `flows.verify_fc` wraps it.
"""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import Field

from api_registry.errors import ExecutionError, UsageError
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import Model, Skipped
from data.reading.batches import Batch
from data.reading.files import open_all
from data.whole_files import appearing, refuse_same
from flows.audit_worker import AuditWorker, Checked, check_batch, start_worker
from flows.audited import audited_files

RowFormat = Literal["xlam", "openai", "raw"]
CheckedStage = Literal["format", "execution", "semantic"]
Advance = Callable[[int, int], None]
"""Told of rows checked and passed, as they are."""

_AHEAD = 3
"""Batches per process under way: enough that none waits, few enough to bound memory."""


class AuditConfig(Model):
    """Everything that `verify-fc` takes."""

    file: str
    """JSON lines, a JSON array, either gzipped, or Parquet; or a run or data set by its folder."""
    apis: tuple[str, ...] = ()
    """Modules or files whose functions run the calls; without any nothing is run."""
    format: RowFormat | None = None
    """Format of the rows; without it, the fields of each row say."""
    stages: tuple[CheckedStage, ...] = ()
    """Checks to make, format first in any case; those that can be made unless given."""
    out: str | None = None
    """File for the verdicts, a line of JSON per row, in order."""
    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    """Processes that check rows; one per processor unless given."""
    execution: ExecutionConfig = ExecutionConfig(workers=1)
    """Limits of the calls; its workers are those of each process."""


class AuditResult(Model):
    """What came of a file."""

    rows: int
    passed: int
    failed: dict[str, dict[str, int]]
    """Stage → reason → rows."""
    examples: dict[str, str]
    """`stage/reason` → the first row that failed so, and its detail."""
    unregistered: int
    """Rows with a call to what no API is registered for: not run, and not failed for it."""
    skipped: tuple[Skipped, ...]
    """What `apis` name that cannot be run, and why."""
    stages: tuple[CheckedStage, ...]
    seconds: float


def audit(config: AuditConfig, advance: Advance) -> AuditResult:
    """Check every row of a file; verdicts go to `config.out` as they come.

    Raises `UsageError` for a file that holds no rows, or stages that cannot be checked.
    """
    stages = _stages(config)
    # Loaded here too: what is wrong with a specification is said once, and before the start.
    skipped = load_apis(config.apis).skipped if "execution" in stages else ()
    started = time.monotonic()
    total = Checked()
    files = audited_files(Path(config.file))
    with open_all(files, config.format) as rows, _output(config, files) as out:
        worker = AuditWorker(
            apis=config.apis if "execution" in stages else (),
            row_format=config.format,
            shown=rows.format,
            semantic="semantic" in stages,
            execution=config.execution,
        )
        for checked in _checked(rows.batches, worker, config.workers or _processors()):
            if out is not None:
                out.write(checked.lines)
            total.add(checked)
            advance(checked.rows, checked.passed)
    return AuditResult(
        rows=total.rows,
        passed=total.passed,
        failed=_nested(total.failed),
        examples={
            f"{stage}/{reason}": total.examples[stage, reason]
            for stage, reason in sorted(total.examples)
        },
        unregistered=total.unregistered,
        skipped=skipped,
        stages=stages,
        seconds=time.monotonic() - started,
    )


def _stages(config: AuditConfig) -> tuple[CheckedStage, ...]:
    wanted = set(config.stages or ("format", "execution", "semantic"))
    if "execution" in config.stages and not config.apis:
        raise UsageError(
            "stage `execution` needs APIs to run: name them, as in --apis ./my_tools.py, "
            "or leave the stage out"
        )
    if not config.apis:
        wanted.discard("execution")
    order: tuple[CheckedStage, ...] = ("format", "execution", "semantic")
    return tuple(stage for stage in order if stage in wanted or stage == "format")


def _checked(batches: Iterator[Batch], worker: AuditWorker, workers: int) -> Iterator[Checked]:
    """Yield what came of each batch, in order."""
    first = list(islice(batches, 2))
    if workers == 1 or len(first) < 2:
        with worker.running():
            yield from map(worker.check, chain(first, batches))
        return
    # Spawned, not forked: pyarrow has started threads in this process.
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=start_worker, initargs=(worker,)
    )
    try:
        under_way: deque[Future[Checked]] = deque()
        for batch in chain(first, batches):
            under_way.append(pool.submit(check_batch, batch))
            if len(under_way) >= _AHEAD * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool as error:
        raise ExecutionError(
            "a process that checks rows was killed, perhaps for want of memory: try fewer --workers"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _output(config: AuditConfig, files: Sequence[Path]) -> Iterator[BinaryIO | None]:
    """Open the file of verdicts, if one is wanted."""
    if config.out is None:
        yield None
        return
    for path in files:
        refuse_same(path, Path(config.out), "--out")
    with appearing(Path(config.out), "--out") as file:
        yield file


def _processors() -> int:
    """Processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (stage, reason), count in sorted(counts.items()):
        nested.setdefault(stage, {})[reason] = count
    return nested
