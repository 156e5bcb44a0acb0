"""The supervisor's side of the canaries: takes the strongest layers in which a runner can work."""

import os
import signal
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from api_registry.execution.forking import fork_isolated, kill
from api_registry.execution.runner import Limits
from api_registry.execution.sandbox import LAYERS, Sandbox
from api_registry.execution.sandbox.canary import Traps, listen, serve_canary
from api_registry.execution.sandbox.kernel import die_with


@dataclass(frozen=True)
class Trial:
    """A sandbox, and what a canary in it succeeded with."""

    sandbox: Sandbox
    succeeded: tuple[str, ...]
    missing: tuple[str, ...]
    """Why there is no stronger one."""
    bare: tuple[str, ...] | None = None
    """What a canary succeeded with that had nothing but the namespaces; None without these."""

    def described(self) -> dict[str, object]:
        """For the parent, as JSON."""
        return {
            "layers": self.sandbox.layers,
            "succeeded": self.succeeded,
            "missing": self.missing,
            "bare": self.bare,
        }


def choose(
    wanted: Collection[str],
    effects: Collection[str],
    traps: Traps,
    limits: Limits,
    bare_traps: Traps | None = None,
) -> Trial:
    """Try sandboxes, the strongest first.

    Args:
        wanted: Layers to try, from `LAYERS`.
        effects: What calls may do all the same.
        traps: What the canary tries to reach.
        limits: Those of every runner.
        bare_traps: Within namespaces, what a second canary tries to reach that has nothing else.
    """
    trial = _strongest(wanted, effects, traps, limits)
    if bare_traps is None:
        return trial
    succeeded = try_out(Sandbox(), bare_traps, limits)
    return replace(trial, bare=None if succeeded is None else tuple(succeeded))


def _strongest(
    wanted: Collection[str], effects: Collection[str], traps: Traps, limits: Limits
) -> Trial:
    missing: list[str] = []
    for layers in _fewer_and_fewer([name for name in LAYERS if name in wanted]):
        sandbox = Sandbox.prepare(layers, effects)
        missing += [reason for reason in sandbox.missing if reason not in missing]
        if not sandbox.layers:  # nothing to prove; a runner that cannot work is noticed later
            break
        succeeded = try_out(sandbox, traps, limits)
        if succeeded is not None:
            return Trial(sandbox, tuple(succeeded), tuple(missing))
        missing.append(f"a runner cannot work within {'+'.join(sandbox.layers)}")
    return Trial(Sandbox(), (), tuple(missing))


def _fewer_and_fewer(layers: list[str]) -> Iterator[list[str]]:
    yield layers
    if len(layers) > 1:
        yield from ([layer] for layer in reversed(layers))
    if layers:
        yield []


def try_out(sandbox: Sandbox, traps: Traps, limits: Limits) -> list[str] | None:
    """What a canary succeeds with; None if it cannot work."""
    victim = _fork_victim()
    tried = traps | {"victim": victim}
    pid, connection = fork_isolated(lambda theirs: serve_canary(theirs, tried), limits, sandbox)
    with connection:
        succeeded = listen(connection)
    killed = os.waitpid(victim, os.WNOHANG)[0] == victim
    for process in (pid, victim):
        if process == pid or not killed:
            kill(process)
            os.waitpid(process, 0)
    if succeeded is not None and killed:
        succeeded.append("kill")
    return succeeded


def _fork_victim() -> int:
    """A process that only waits to be killed."""
    supervisor = os.getpid()
    victim = os.fork()
    if not victim:
        die_with(supervisor)
        while True:
            signal.pause()
    return victim
