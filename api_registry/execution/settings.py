"""Limits of what one call may use. None of them changes what a run contains."""

from typing import Annotated, Literal

from pydantic import Field

from api_registry.types import Model


class ExecutionConfig(Model):
    """How calls are run."""

    workers: Annotated[int, Field(ge=1, le=256)] = 2
    """Processes that run calls side by side."""
    timeout_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds of wall-clock time for one call."""
    memory_mb: Annotated[int, Field(ge=128)] = 1024
    """MiB that calls may add to the memory of a runner with all APIs loaded."""
    max_output_bytes: Annotated[int, Field(ge=1)] = 1_000_000
    """Bytes of a result as JSON."""
    allow_effects: tuple[str, ...] = ()
    """Declared effects that calls may have; an API that declares another is denied."""
    fresh: bool = False
    """Give every call a process of its own. Hundreds of calls a second instead of thousands; then
    code that sets out to change what its neighbours in a warm process answer finds none."""
    sandbox: Literal["auto", "strict", "rlimits"] = "auto"
    """How runners are kept from files, the network and other processes: `auto` takes the strongest
    that this machine has and warns where that is weak, `strict` refuses below Landlock and
    seccomp, `rlimits` sets limits only."""
