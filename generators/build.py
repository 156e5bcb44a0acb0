"""From a name in the configuration to a generator: the one table that lists them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from api_registry.types import Model
from generators.embedded.closing import EmbeddedCloser
from generators.embedded.faults import KINDS, FaultyGenerator
from generators.embedded.generator import EmbeddedGenerator
from generators.embedded.habits import Habit, HabitualGenerator
from generators.endpoint.client import Endpoint
from generators.endpoint.journal import Journal
from generators.endpoint.settings import EndpointConfig
from generators.llm.closing import LlmCloser, closer_name
from generators.llm.generator import LlmGenerator, generator_name
from generators.llm.settings import LlmConfig
from generators.llm.structured import supported
from generators.types import Closer, Generator


class GeneratorConfig(Model):
    """Which generator writes the drafts."""

    name: Literal["embedded", "llm"] = "embedded"
    """A built-in grammar, or a model behind `endpoint`."""
    faults: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of drafts in which the embedded generator plants a labelled fault; for measuring the
    verifiers, never for training data."""
    fault_kinds: tuple[str, ...] = ()
    """Kinds of faults that are planted, of `generators/embedded/faults.py`; all unless given."""
    habits: tuple[Habit, ...] = ()
    """Mistakes that the embedded generator makes again and again; for measuring, as `faults`, which
    are then planted in a share of the other drafts."""
    regenerate: bool = False
    """Send a draft that fails for its form or in execution back once, with its error."""
    llm: LlmConfig = LlmConfig()
    """Used by the generator `llm` alone."""

    @field_validator("fault_kinds")
    @classmethod
    def _known(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(given) - set(KINDS)):
            raise ValueError(f"unknown kind `{unknown[0]}`; known: {', '.join(sorted(KINDS))}")
        return given

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.name == "llm" and not self.llm.model:
            raise ValueError("the generator `llm` needs the name of a model: add --model NAME")
        return self

    def facts(self) -> dict[str, Any]:
        """What determines a run's content: the settings of the generator that is used."""
        unset = {name for name in ("fault_kinds", "habits") if not getattr(self, name)}
        if self.name != "llm":
            unset.add("llm")
        return self.model_dump(mode="json", exclude=unset)

    @property
    def shown_examples(self) -> int:
        """Good pairs that each request shows."""
        return self.llm.examples if self.name == "llm" else 0

    @property
    def drafts_per_request(self) -> int:
        """Drafts that one request asks for."""
        return self.llm.pairs if self.name == "llm" else 1


@dataclass(frozen=True)
class OpenGenerator:
    """A generator ready for work."""

    generator: Generator
    closer: Closer
    endpoint: Endpoint | None = None
    """What it asks; none for the embedded generator."""
    structured: str | None = None
    """How its endpoint is held to the form of an answer."""


def build_embedded(config: GeneratorConfig, seed: int) -> Generator:
    """Make the embedded generator; `seed` decides which drafts go wrong."""
    embedded = EmbeddedGenerator()
    habitual = HabitualGenerator(embedded, config.habits, seed=seed)
    made: Generator = habitual if config.habits else embedded
    if config.faults:
        kinds = config.fault_kinds or KINDS
        return FaultyGenerator(
            made, share=config.faults, seed=seed, kinds=kinds, spared=habitual.shown
        )
    return made


def version_of(config: GeneratorConfig) -> str:
    """The generator's name with its version, without asking any endpoint."""
    return generator_name() if config.name == "llm" else build_embedded(config, 0).name


def closer_version_of(config: GeneratorConfig) -> str:
    """The name, with its version, of who writes closing answers."""
    return closer_name() if config.name == "llm" else EmbeddedCloser.name


@asynccontextmanager
async def open_generator(
    config: GeneratorConfig, endpoint: EndpointConfig, journal: Journal, seed: int
) -> AsyncIterator[OpenGenerator]:
    """Connect the configured generator. Raises `EndpointError` where its endpoint is of no use."""
    if config.name == "embedded":
        yield OpenGenerator(build_embedded(config, seed), EmbeddedCloser())
        return
    async with Endpoint(endpoint, journal) as opened:
        structured = await supported(config.llm.model, config.llm.structured, opened)
        yield OpenGenerator(
            LlmGenerator(config.llm, opened, structured),
            LlmCloser(config.llm, opened, structured),
            opened,
            structured,
        )
