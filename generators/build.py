"""From a name in the configuration to a generator: the one table that lists them."""

from typing import Annotated, Literal

from pydantic import Field

from api_registry.types import Model
from generators.embedded.faults import FaultyGenerator
from generators.embedded.generator import EmbeddedGenerator
from generators.types import Generator


class GeneratorConfig(Model):
    """Which generator writes the drafts."""

    name: Literal["embedded"] = "embedded"
    faults: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of drafts in which the embedded generator plants a labelled fault; for measuring the
    verifiers, never for training data."""


def build_generator(config: GeneratorConfig, seed: int) -> Generator:
    """Make the configured generator; `seed` decides which drafts get faults."""
    embedded = EmbeddedGenerator()
    if config.faults:
        return FaultyGenerator(embedded, share=config.faults, seed=seed)
    return embedded
