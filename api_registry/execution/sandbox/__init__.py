"""What a runner is kept from doing, in layers that each prove that they work.

The supervisor is started within namespaces, where there are any (`namespaces.py`). A `Sandbox` is
prepared once by the supervisor and entered by every runner after it is forked: privileges are given
up, then Landlock takes the file system away, then seccomp everything else.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from api_registry.execution.sandbox.kernel import LINUX, Missing, give_up_privileges
from api_registry.execution.sandbox.landlock import Landlock
from api_registry.execution.sandbox.readable import OWN, module_folders, readable_paths
from api_registry.execution.sandbox.seccomp import Seccomp
from api_registry.execution.sandbox.syscalls import allowed_rules, refused_rules

NAMESPACES = "bubblewrap"
"""The layer that the supervisor is started in, where it can be."""
LAYERS = ("landlock", "seccomp")
"""Layers that every runner enters."""
WEAKEST = "rlimits"
"""Tier without any layer: limits, and no privileges."""

_RELAXING = {"network", "files"}


def relaxing(effects: Collection[str]) -> tuple[str, ...]:
    """Those of an API's effects that a sandbox would otherwise prevent."""
    return tuple(sorted(_RELAXING & set(effects)))


@dataclass(frozen=True)
class Sandbox:
    """The layers that a runner enters."""

    landlock: Landlock | None = None
    seccomp: Seccomp | None = None
    missing: tuple[str, ...] = ()
    """Why a layer that was asked for is not there, and what to do."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that runners enter."""
        return tuple(name for name in LAYERS if getattr(self, name) is not None)

    @classmethod
    def prepare(cls, wanted: Collection[str], effects: Collection[str] = ()) -> Self:
        """Make the layers that this machine has.

        Args:
            wanted: Names from `LAYERS`.
            effects: What calls may do all the same: `network`, `files`.
        """
        network, files = "network" in effects, "files" in effects
        missing = []
        landlock, seccomp = None, None
        if "landlock" in wanted and not files:
            try:
                landlock = Landlock.prepare(
                    readable_paths(network=network), module_folders(), OWN, network=network
                )
            except Missing as reason:
                missing.append(str(reason))
        if "seccomp" in wanted:
            try:
                seccomp = Seccomp.prepare(
                    allowed_rules(read_only=landlock is None, files=files, network=network),
                    refused_rules(files=files, network=network),
                )
            except Missing as reason:
                missing.append(str(reason))
        return cls(landlock=landlock, seccomp=seccomp, missing=tuple(missing))

    def enter(self, pid: int) -> None:
        """Restrict the process `pid`, which is this one, for good. Raises `OSError`."""
        if not LINUX:
            return
        give_up_privileges()
        if self.landlock:
            self.landlock.enter()
        if self.seccomp:
            self.seccomp.enter(pid)
