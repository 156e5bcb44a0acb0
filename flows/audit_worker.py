"""What each process of an audit does: decode a batch of rows, check them, write their verdicts."""

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import parent_process
from multiprocessing.util import Finalize

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from data.reading.batches import Batch
from verifiers.audit import Auditor, RowVerdict
from verifiers.base import Verifier
from verifiers.execution_check import ExecutionVerifier
from verifiers.format_check import FormatVerifier
from verifiers.semantic import SemanticVerifier

_EXAMPLE = 160


@dataclass
class Checked:
    """Verdicts of a batch as lines of JSON, and their counts."""

    lines: bytes = b""
    rows: int = 0
    passed: int = 0
    unregistered: int = 0
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(stage, reason) → rows."""
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    """(stage, reason) → the first row, and its detail."""

    def add(self, other: "Checked") -> None:
        """Add the counts of the batch that comes next; its lines are left where they are."""
        self.rows += other.rows
        self.passed += other.passed
        self.unregistered += other.unregistered
        self.failed += other.failed
        self.examples = other.examples | self.examples

    def count(self, verdict: RowVerdict) -> None:
        """Count one verdict."""
        self.rows += 1
        self.passed += verdict.passed
        self.unregistered += verdict.unregistered
        if verdict.stage and verdict.reason:
            key = verdict.stage, verdict.reason
            self.failed[key] += 1
            self.examples.setdefault(key, f"row {verdict.row}: {verdict.detail}"[:_EXAMPLE])


@dataclass
class AuditWorker:
    """The checks of an audit, as settings until it is `running`."""

    apis: tuple[str, ...]
    """What runs the calls; none to run nothing."""
    row_format: str | None
    shown: str
    semantic: bool
    execution: ExecutionConfig

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start what checks need; calls run in processes of their own."""
        with asyncio.Runner() as self._loop:
            opened = AsyncExitStack()
            self._loop.run(self._start(opened))
            try:
                yield
            finally:
                self._loop.run(opened.aclose())

    def check(self, batch: Batch) -> Checked:
        """Check the rows of a batch; only while `running`."""
        return self._loop.run(self._check(batch))

    async def _start(self, opened: AsyncExitStack) -> None:
        verifiers: list[Verifier] = [FormatVerifier()]
        if self.apis:
            apis = load_apis(self.apis).apis
            pool = await opened.enter_async_context(RunnerPool(apis, self.execution))
            known = {api.name: api for api in apis}
            verifiers.append(ExecutionVerifier(pool, known, skip_unregistered=True))
        if self.semantic:
            verifiers.append(SemanticVerifier())
        self._auditor = Auditor(verifiers, self.row_format, self.shown)

    async def _check(self, batch: Batch) -> Checked:
        rows = enumerate(batch.decode(), batch.first)
        if self.apis:
            # Runners work on the calls of some rows while this process checks others.
            verdicts = await asyncio.gather(*(self._auditor.check(*row) for row in rows))
        else:
            verdicts = [await self._auditor.check(*row) for row in rows]
        checked = Checked()
        for verdict in verdicts:
            checked.count(verdict)
        lines = "".join(verdict.as_json() + "\n" for verdict in verdicts)
        checked.lines = lines.encode("utf-8", "backslashreplace")
        return checked


_worker: AuditWorker


def start_worker(worker: AuditWorker) -> None:
    """Make this process one that checks batches, until it ends."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = worker
    running = worker.running()
    running.__enter__()
    Finalize(None, running.__exit__, args=(None, None, None), exitpriority=10)


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: a killed parent cannot say so."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def check_batch(batch: Batch) -> Checked:
    """Check a batch in a process that was started."""
    return _worker.check(batch)
