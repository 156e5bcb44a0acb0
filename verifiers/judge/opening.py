"""Connects the judges: beside the generator's endpoint where they share it, or on their own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from generators.endpoint.client import Endpoint
from generators.endpoint.journal import Journal
from generators.endpoint.settings import EndpointConfig
from generators.llm.structured import supported
from verifiers.base import Verifier
from verifiers.judge.auditing import JudgeAudit
from verifiers.judge.judge import Judge
from verifiers.judge.settings import JudgeConfig, JudgeModel
from verifiers.judge.verifier import JudgeVerifier


@dataclass(frozen=True)
class Panel:
    """The judges of a run, ready for work."""

    verifier: JudgeVerifier
    auditor: Judge | None
    endpoints: tuple[Endpoint, ...]
    """The generator's, if it has one, and those of judges elsewhere. The counts of the first cover
    all requests of the run."""

    @property
    def checks(self) -> tuple[Verifier, ...]:
        """What a sample goes through."""
        if self.auditor is None:
            return (self.verifier,)
        return (self.verifier, JudgeAudit(self.auditor, self.verifier.config.audit))


@asynccontextmanager
async def open_panel(
    config: JudgeConfig, settings: EndpointConfig, journal: Journal, beside: Endpoint | None
) -> AsyncIterator[Panel | None]:
    """Connect the configured judges; None where there are none.

    Args:
        config: The judges.
        settings: Where the generator's endpoint is, and how hard any endpoint is asked.
        journal: Where answers are kept.
        beside: The generator's endpoint, if it has one; judges without a URL share it, and all
            share its budget.
    """
    if not config.models:
        yield None
        return
    async with AsyncExitStack() as stack:
        opened: dict[tuple[str, ...], Endpoint] = {}
        if beside is not None:
            opened[settings.base_urls] = beside
        first = beside

        async def judge(model: JudgeModel) -> Judge:
            nonlocal first
            urls = model.base_urls or settings.base_urls
            if urls not in opened:
                own = settings.model_copy(update={"base_urls": urls})
                opened[urls] = await stack.enter_async_context(Endpoint(own, journal, first))
            first = first or opened[urls]
            structured = await supported(model.name, config.structured, opened[urls])
            return Judge(model.name, opened[urls], structured, config)

        judges = [await judge(model) for model in config.judges]
        auditor = await judge(config.auditor) if config.auditor else None
        yield Panel(JudgeVerifier(judges, config), auditor, tuple(opened.values()))
