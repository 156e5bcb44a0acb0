"""What a run shows on a terminal or in a log: progress, the funnel, sample records."""

import logging
import sys
import time
from typing import Any

from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from api_registry.types import Skipped
from data.dataset import DatasetManifest
from data.funnel import Funnel
from data.judging import Judging, judge_line
from flows.records import record_text
from generators.endpoint.client import Spent

_LOG_SECONDS = 5.0
_SHOWN_SKIPS = 5


class TerminalProgress:
    """A bar on a terminal, a plain line every few seconds elsewhere."""

    def __init__(self, console: Console, *, rows: bool = False) -> None:
        """Show how many drafts are made, or how many rows are kept where `rows` are wanted."""
        self.console = console
        self.rows = rows
        self.total = self.done = self.kept = self.made = 0
        self._bar: Progress | None = None
        self._said = 0.0

    def start(self, total: int, done: int) -> None:
        """Show what is there already, and what is to come."""
        self.total, self.done = total, done
        if done == total:
            return
        noun = "rows" if self.rows else "drafts"
        if done:
            self.console.print(f"{done:,} of {total:,} {noun} are there from before.")
        if self.console.is_terminal:
            self._bar = Progress(
                TextColumn(noun),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("" if self.rows else "kept {task.fields[kept]:,}"),
                TimeRemainingColumn(),
                console=self.console,
            )
            self._bar.start()
            self._task = self._bar.add_task(noun, total=total, completed=done, kept=0)
        self._said = time.monotonic()

    def advance(self, drafts: int, kept: int) -> None:
        """Count a draft."""
        self.done += kept if self.rows else drafts
        self.kept += kept
        self.made += drafts
        if self._bar:
            # Drawing is throttled by rich, but even telling it costs: tell it now and then.
            if self.made % 20 == 0:
                self._bar.update(self._task, completed=self.done, kept=self.kept)
        elif time.monotonic() - self._said >= _LOG_SECONDS:
            self._said = time.monotonic()
            noun = "rows" if self.rows else "drafts"
            self.console.print(
                f"{self.done:,}/{self.total:,} {noun}, {self.kept:,} of {self.made:,} kept"
            )

    def finish(self) -> None:
        """Take the bar down."""
        if self._bar:
            self._bar.update(self._task, completed=self.done, kept=self.kept)
            self._bar.stop()


def make_console() -> Console:
    """A console on standard output that does not cut lines short when it is no terminal."""
    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False)


def show_log(level: int) -> None:
    """Show warnings on standard error, and what a model server does, which takes minutes."""
    handler = RichHandler(console=Console(stderr=True), show_time=False, show_path=False)
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler])
    logging.getLogger("callforge.server").setLevel(logging.INFO)


def print_skipped(console: Console, skipped: tuple[Skipped, ...]) -> None:
    """Say what is not offered, and why: a few lines, then a count."""
    for item in skipped[:_SHOWN_SKIPS]:
        console.print(f"not offered: {escape(item.where)}: {escape(item.reason)}")
    if len(skipped) > _SHOWN_SKIPS:
        console.print(f"… and {len(skipped) - _SHOWN_SKIPS} more; see `callforge apis list`")


def print_funnel(console: Console, funnel: Funnel) -> None:
    """Print drafts, rejections by stage and reason, kept, then styles and splits."""
    table = Table(title="Funnel", title_justify="left")
    table.add_column("")
    table.add_column("drafts", justify="right")
    table.add_column("share", justify="right")
    table.add_row("drafts", f"{funnel.drafts:,}", "")
    for stage, reasons in funnel.rejected.items():
        for reason, count in reasons.items():
            table.add_row(
                f"rejected: {stage}, {reason}", f"{count:,}", _share(count, funnel.drafts)
            )
    if funnel.retried.drafts:
        first = f"{funnel.first_pass:,}"
        table.add_row("kept at once", first, _share(funnel.first_pass, funnel.drafts))
        table.add_row(
            f"kept of {funnel.retried.drafts:,} sent back",
            f"{funnel.retried.kept:,}",
            _share(funnel.retried.kept, funnel.retried.drafts),
        )
    table.add_row("kept", f"{funnel.kept:,}", _share(funnel.kept, funnel.drafts), style="bold")
    console.print(table)
    styles = Table(title="Styles", title_justify="left")
    for name in ("style", "drafts", "kept", "share"):
        styles.add_column(name, justify="left" if name == "style" else "right")
    for style, tally in funnel.styles.items():
        share = _share(tally.kept, tally.drafts)
        styles.add_row(style, f"{tally.drafts:,}", f"{tally.kept:,}", share)
    console.print(styles)
    splits = ", ".join(f"{split} {count:,}" for split, count in funnel.splits.items())
    console.print(f"Splits: {splits}")


def print_endpoint(
    console: Console, spent: Spent, structured: str | None, manifest: DatasetManifest
) -> None:
    """Print what the model endpoint was asked for, why it was asked again, and what a row costs."""
    tokens = f"{spent.prompt_tokens:,} + {spent.completion_tokens:,} tokens"
    cost = f", cost {spent.cost:,.2f}" if spent.cost else ""
    found = f", {spent.replayed:,} answers from the journal" if spent.replayed else ""
    form = f", form of answers: {structured}" if structured else ""
    console.print(f"Endpoint: {spent.requests:,} requests, {tokens}{cost}{found}{form}")
    for reason, count in list(spent.reasons.items())[:_SHOWN_SKIPS]:
        console.print(f"  asked again {count:,} times: {escape(reason)}")
    if manifest.usage and manifest.funnel.kept:
        kept = manifest.funnel.kept
        each = "" if manifest.cost is None else f", cost {manifest.cost / kept:.6f}"
        console.print(f"  per kept row: {manifest.usage.tokens / kept:,.0f} tokens{each}")


def print_judging(console: Console, judging: Judging) -> None:
    """Print who judged, and how far that can be trusted."""
    for name in judging.self_judged:
        console.print(escape(f"Self-judged: `{name}` is of the generator's own family"))
    for calibration in judging.calibrations:
        console.print(escape(f"Calibration: {judge_line(calibration)}"))
    if judging.audit:
        found = judging.audit.agreeing
        console.print(
            escape(
                f"Audit: `{judging.audit.judge}` finds {found.hits:,} of {found.of:,} kept records "
                f"right as well ({found.low:.0%}–{found.high:.0%})"
            )
        )


def print_records(console: Console, rows: list[dict[str, Any]]) -> None:
    """Print records as a person reads them."""
    for row in rows:
        console.print()
        console.print(escape(record_text(row)))


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}%" if total else ""
