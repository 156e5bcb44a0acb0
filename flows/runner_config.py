"""Settings of where shards are made: in this process, or by the workers of a cluster."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api_registry.types import Model


class RunnerConfig(Model):
    """Who makes the shards. None of it changes what is made."""

    name: Literal["local", "dask", "ray"] = "local"
    """`local`: this process. `dask`, `ray`: Prefect tasks on the workers of such a cluster."""
    address: str | None = None
    """Where the cluster is, as in `tcp://scheduler:8786` or `ray://head:10001`; without it, one is
    started on this machine, and ended with the run."""
    workers: Annotated[int, Field(ge=1)] | None = None
    """Tasks at once, each of which has its share of the endpoint's limit; as many as the cluster
    has places, or this machine cores, unless given."""
    shards_per_task: Annotated[int, Field(ge=1)] | None = None
    """Shards that one task makes; unless given, a few, and so many that a run has fewer than a
    thousand tasks, which is what a Prefect server takes well."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.name == "local" and self.address is not None:
            raise ValueError("`address` is that of a cluster: add --runner dask or --runner ray")
        return self
