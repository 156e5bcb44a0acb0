"""Settings of where and how a run is stored."""

from typing import Annotated

from pydantic import Field

from api_registry.types import Model


class OutputConfig(Model):
    """Where a run is stored."""

    out: str = "runs"
    """Folder that holds the run folders."""
    shard_size: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Drafts per shard; part of a run's identity."""
    file_rows: Annotated[int, Field(ge=1)] = 100_000
    """Most rows in one file of the data set."""
