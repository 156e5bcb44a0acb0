"""One shard: its requests streamed through generator and checks, without a barrier between stages.

A fixed number of workers pull requests in order; each takes its drafts all the way. While one waits
for the generator or a runner, others compute, and nothing waits for a batch to fill.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from data.rows import sample_row
from data.shards import Kind
from data.types import Sample
from flows.regeneration import goes_back, made_again
from flows.target import Target
from generators.embedded.generator import contrast_completion
from generators.llm.examples import ExamplePool
from generators.plan import Plan
from generators.types import (
    BudgetSpent,
    Completion,
    DraftPlan,
    Generator,
    Request,
    RequestFailed,
)
from verifiers.base import Verifier, verified_by
from verifiers.parsing import parse, reject

Advance = Callable[[int, int], None]
"""Told of drafts made and kept, as they are."""


@dataclass(frozen=True)
class Line:
    """The production line: what turns a draft's number into a checked sample."""

    plan: Plan
    generator: Generator
    verifiers: Sequence[Verifier]
    """In the order of their stages; the first failure ends a draft's way."""
    drafts_per_request: int = 1
    in_flight: int = 64
    """Requests of one shard under way at once."""
    repair: bool = False
    """Mend broken answers where that is no guess."""
    regenerate: bool = False
    """Give drafts that fail for their form or in execution a second chance."""
    examples: ExamplePool | None = None
    """Good pairs to show the generator."""
    shown_examples: int = 0
    """How many of them in each request."""

    def request(self, index: int, plans: tuple[DraftPlan, ...]) -> Request:
        """The request for some drafts."""
        count = self.shown_examples
        shown = self.examples.choose(plans, count) if self.examples and count else ()
        return Request(index=index, plans=plans, examples=shown)

    async def check(self, sample: Sample) -> Sample:
        """Take a sample through the checks until one fails."""
        for verifier in self.verifiers:
            if sample.rejected:
                break
            sample = await verifier.check(sample)
        return sample


@dataclass(frozen=True)
class Drafted:
    """The drafts of one shard, in order, and the pairs that nobody had asked for."""

    samples: list[Sample]
    """All that were asked for; where a budget ended the work, those before the first gap."""
    surplus: int
    spent: str | None = None
    """Which budget ended the work, in words."""

    def rows(self) -> dict[Kind, list[dict[str, Any]]]:
        """Return the rows of both files of the shard."""
        rows: dict[Kind, list[dict[str, Any]]] = {"kept": [], "rejected": []}
        for sample in self.samples:
            row = sample_row(sample, verified_by=verified_by(sample))
            rows["rejected" if sample.rejected else "kept"].append(row)
        return rows


async def draft_samples(
    line: Line, first: int, count: int, advance: Advance, target: Target | None = None
) -> Drafted:
    """Make drafts `first` to `first + count - 1`; `first` is the start of a shard.

    With a target, no more of them than it needs: those up to its last one, which it names.
    """
    drafts = _Drafts(line, first, count, advance, target)
    try:
        await drafts.run()
    except BaseExceptionGroup as errors:
        raise first_error(errors) from None
    futures = drafts.done
    if target is not None and target.last is not None:
        futures = futures[: max(target.last + 1 - first, 0)]
    samples = [future.result() if future.done() else None for future in futures]
    made = [sample for sample in takewhile(lambda sample: sample is not None, samples) if sample]
    surplus = sum(count for draft, count in drafts.surplus.items() if draft < first + len(made))
    return Drafted(made, surplus, drafts.spent)


def first_error(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what went wrong first: the task group has cancelled the other tasks because of it."""
    error = errors.exceptions[0]
    return first_error(error) if isinstance(error, BaseExceptionGroup) else error


class _Drafts:
    """The drafts of one shard while they are made."""

    def __init__(
        self, line: Line, first: int, count: int, advance: Advance, target: Target | None
    ) -> None:
        self.line = line
        self.first = first
        self.advance = advance
        self.target = target
        self.surplus: Counter[int] = Counter()
        """Draft → pairs beyond those asked for that came with it."""
        self.spent: str | None = None
        loop = asyncio.get_running_loop()
        self.done: list[asyncio.Future[Sample | None]] = [
            loop.create_future() for _ in range(count)
        ]

    async def run(self) -> None:
        step = self.line.drafts_per_request
        starts = iter(range(self.first, self.first + len(self.done), step))
        most = min(self.line.in_flight, -(-len(self.done) // step))
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._work(starts)) for _ in range(most)]
            if self.target is not None:
                watching = group.create_task(self._stop_at(self.target, workers))
                await asyncio.wait(workers)
                watching.cancel()

    async def _stop_at(self, target: Target, workers: Sequence[asyncio.Task[None]]) -> None:
        await target.stopped.wait()
        for worker in workers:
            worker.cancel()

    async def _work(self, starts: Iterator[int]) -> None:
        # Requests are pulled in order, so the base of a contrast pair is always under way before
        # the worker that waits for it.
        for start in starts:
            if self.spent is not None:
                return
            if self.target is not None and not await self.target.admit(start):
                return
            end = min(start + self.line.drafts_per_request, self.first + len(self.done))
            plans = [self.line.plan(index) for index in range(start, end)]
            try:
                await self._request(start, plans)
            except BudgetSpent as spent:
                self.spent = str(spent)
                self._leave(plans)
                if self.target is not None:
                    self.target.close()

    def _leave(self, plans: list[DraftPlan]) -> None:
        """Let go of drafts that will not be made now, and of those that wait for them."""
        for plan in plans:
            future = self.done[plan.index - self.first]
            if not future.done():
                future.set_result(None)

    async def _request(self, start: int, plans: list[DraftPlan]) -> None:
        asked = tuple(plan for plan in plans if plan.contrast_of is None)
        index = start // self.line.drafts_per_request
        if asked:
            request = self.line.request(index, asked)
            try:
                completion = await self.line.generator.draft(request)
            except RequestFailed as failed:
                self._fail(request, str(failed))
            else:
                await self._finish(request, completion)
        for plan in plans:
            if plan.contrast_of is not None:
                await self._contrast(index, plan, plan.contrast_of)

    async def _contrast(self, request: int, plan: DraftPlan, base_index: int) -> None:
        """Ask a verified query again without its tool; a base that failed takes its pair along."""
        base = await self.done[base_index - self.first]
        if base is None:
            self._leave([plan])
            return
        if base.rejected:
            detail = f"draft {base_index} was rejected in stage {base.rejected.stage}"
            sample = reject(
                plan, "generation", "base_rejected", detail, generator=self.line.generator.name
            )
            self._set(plan, sample)
            return
        completion = contrast_completion(base.query, plan)
        await self._finish(Request(index=request, plans=(plan,)), completion)

    def _fail(self, request: Request, detail: str) -> None:
        """Account for the drafts of a request that nobody answered."""
        for plan in request.plans:
            name = self.line.generator.name
            sample = reject(
                plan, "generation", "request_failed", detail, generator=name, request=request.index
            )
            self._set(plan, sample)

    async def _finish(self, request: Request, completion: Completion) -> None:
        parsed = parse(
            completion, request, generator=self.line.generator.name, repair=self.line.repair
        )
        self.surplus[request.plans[0].index] += parsed.surplus
        pairs = list(zip(request.plans, parsed.samples, strict=True))
        if len(pairs) == 1:
            await self._check(request, *pairs[0])
            return
        # The pairs of a request wait for judges together; a spent budget ends none of them early.
        checks = (self._check(request, plan, sample) for plan, sample in pairs)
        for result in await asyncio.gather(*checks, return_exceptions=True):
            if result is not None:
                raise result

    async def _check(self, request: Request, plan: DraftPlan, sample: Sample) -> None:
        checked = await self.line.check(sample)
        if self.line.regenerate and goes_back(plan, checked):
            checked, surplus = await made_again(self.line, request, plan, checked)
            self.surplus[plan.index] += surplus
        self._set(plan, checked)

    def _set(self, plan: DraftPlan, sample: Sample) -> None:
        provenance = {**sample.provenance, "split": plan.split}
        self.done[plan.index - self.first].set_result(
            sample.model_copy(update={"provenance": provenance})
        )
        self.advance(1, int(sample.rejected is None))
        if self.target is not None:
            self.target.finished(plan.index, sample)
