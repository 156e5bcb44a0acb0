"""Settings of where and how a run is stored."""

from typing import Annotated

from pydantic import Field, field_validator

from api_registry.types import Model
from data.store import is_url, refuse_password


class OutputConfig(Model):
    """Where a run is stored."""

    out: str = "runs"
    """Folder that holds the run folders, or an fsspec URL such as `s3://bucket/runs`: that receives
    finished shards and the data set, while the run works in `work`."""
    work: str = "runs"
    """Folder of this machine that a run works in where `out` is a URL."""
    shard_size: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Drafts per shard; part of a run's identity."""
    file_rows: Annotated[int, Field(ge=1)] = 100_000
    """Most rows in one file of the data set."""

    @field_validator("out")
    @classmethod
    def _no_password(cls, out: str) -> str:
        return refuse_password(out)

    @property
    def folder(self) -> str:
        """The folder of this machine that holds the run folders."""
        return self.work if self.url else self.out

    @property
    def url(self) -> str | None:
        """Where finished shards go; None where they stay in the folder."""
        return self.out if is_url(self.out) else None
