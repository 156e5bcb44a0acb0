"""Opens what a process needs to make drafts: generator, judges, and the checks in their order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api_registry.execution.pool import RunnerPool
from flows.config import RunConfig
from flows.drafting import Line
from generators.build import OpenGenerator, open_generator
from generators.endpoint.client import Spent
from generators.endpoint.journal import Journal
from generators.plan import Plan
from verifiers.build import build_verifiers
from verifiers.closing_answer import ClosingAnswer
from verifiers.judge.opening import Panel, open_panel

_EMBEDDED_IN_FLIGHT = 64


@dataclass(frozen=True)
class OpenLine:
    """A production line ready for work."""

    line: Line
    panel: Panel | None
    """The judges; None where there are none."""
    opened: OpenGenerator

    def spent(self) -> Spent | None:
        """What the model endpoint was asked for until now; None where none is."""
        endpoint = self.panel.endpoints[0] if self.panel else self.opened.endpoint
        return endpoint.spent() if endpoint else None


@asynccontextmanager
async def open_line(
    asked: RunConfig, plan: Plan, pool: RunnerPool, journal: Journal
) -> AsyncIterator[OpenLine]:
    """Connect generator and judges, and line up the checks.

    Args:
        asked: The run's configuration, with models that can be asked.
        plan: Over the APIs that are offered.
        pool: Runs their calls.
        journal: Where answers are kept.
    """
    generator, seed = asked.generator, asked.seed or 0
    async with (
        open_generator(generator, asked.endpoint, journal, seed) as opened,
        open_panel(asked.judge, asked.endpoint, journal, opened.endpoint) as panel,
    ):
        closing = ClosingAnswer(opened.closer)
        line = Line(
            plan=plan,
            generator=opened.generator,
            verifiers=build_verifiers(pool, plan.apis, (closing, *(panel.checks if panel else ()))),
            drafts_per_request=generator.drafts_per_request,
            in_flight=_in_flight(opened, panel),
            repair=asked.checks.repair,
            regenerate=generator.regenerate,
            shown_examples=generator.shown_examples,
        )
        yield OpenLine(line, panel, opened)


def _in_flight(opened: OpenGenerator, panel: Panel | None) -> int:
    """Requests of one shard under way: enough that checks and judges leave no place empty."""
    endpoints = panel.endpoints if panel else filter(None, (opened.endpoint,))
    places = sum(endpoint.config.concurrency for endpoint in endpoints)
    return places * 3 // 2 + 8 if places else _EMBEDDED_IN_FLIGHT
