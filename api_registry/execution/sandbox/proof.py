"""Says which layers have proved themselves, by what canaries could not do."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from api_registry.errors import ExecutionError
from api_registry.execution.sandbox import LAYERS, NAMESPACES, WEAKEST

logger = logging.getLogger("callforge")

_WRITES = ("write", "write_scratch")
_GUARDS: Mapping[str, tuple[str, ...]] = {
    NAMESPACES: ("write", "environment", "process", "tcp", "udp", "unix_abstract"),
    "landlock": (*_WRITES, "read", "environment", "process"),
    "seccomp": (*("tcp", "udp", "unix", "unix_abstract", "unix_datagram", "fork", "exec", "kill"),),
}
"""Attempts that a layer must have stopped."""

_ALLOWED_BY = {
    "files": {*_WRITES, "read", "environment", "process"},
    "network": {"tcp", "udp"},
}
_MEANING = {
    "write": "wrote a file", "write_scratch": "wrote into its own folder",
    "read": "read a file of the user", "environment": "read another process's environment",
    "process": "saw another process", "unix_abstract": "reached an abstract unix socket",
    "tcp": "reached a TCP port", "udp": "reached a UDP port", "unix": "reached a unix socket",
    "unix_datagram": "reached a unix datagram socket", "fork": "started a process",
    "exec": "started a program", "kill": "killed another process",
}  # fmt: skip


def guards(layer: str, layers: Collection[str]) -> tuple[str, ...]:
    """What a layer has to stop; seccomp keeps files from being written where Landlock cannot."""
    alone = layer == "seccomp" and "landlock" not in layers
    return (*_GUARDS[layer], *(_WRITES if alone else ()))


@dataclass(frozen=True)
class Proof:
    """What the canary of a pool has shown."""

    tier: str
    """The layers that stopped all that they are there to stop, or `rlimits`."""
    weak: tuple[str, ...]
    """Why the tier is not a stronger one, and what to do; empty where it is the strongest."""


def judge(
    trial: Mapping[str, Any],
    sprung: Collection[str],
    effects: Collection[str],
    bare_sprung: Collection[str] = (),
) -> Proof:
    """Say which layers have proved themselves.

    Args:
        trial: The supervisor's report, `choice.Trial.described`.
        sprung: Traps that were reached, `Traps.sprung`.
        effects: What calls may do all the same.
        bare_sprung: Traps that the canary reached which had nothing but namespaces.
    """
    layers: list[str] = trial["layers"]
    done = {*trial["succeeded"], *sprung} - _lifted(effects)
    failed = [(layer, name) for layer in layers for name in guards(layer, layers) if name in done]
    if trial.get("bare") is not None:
        # A datagram is sent without an error also where nobody can receive it.
        done = ({*trial["bare"]} - {"udp"} | {*bare_sprung}) - _lifted(effects)
        if "network" in effects:  # a network is all there is, its abstract sockets included
            done.discard("unix_abstract")
        failed += [(NAMESPACES, name) for name in _GUARDS[NAMESPACES] if name in done]
        layers = [NAMESPACES, *layers]
    proved = [layer for layer in layers if layer not in dict(failed)]
    told = [
        f"{layer} does not work here: a test process {_MEANING[name]}" for layer, name in failed
    ]
    return Proof("+".join(proved) or WEAKEST, (*trial["missing"], *told))


def accept(proof: Proof, sandbox: str, effects: Collection[str]) -> str:
    """The tier, if it is what `sandbox` asks for; a weak one is warned of.

    Raises:
        ExecutionError: `sandbox` is `strict` and the tier lacks one of `LAYERS`.
    """
    needed = [layer for layer in LAYERS if "files" not in effects or layer != "landlock"]
    strong = "+".join(needed)
    if set(needed) <= set(proof.tier.split("+")) or sandbox == WEAKEST:
        return proof.tier
    reasons = "; ".join(proof.weak)
    if sandbox == "strict":
        raise ExecutionError(
            f'`sandbox = "strict"` asks for `{strong}`, and this machine has '
            f'`{proof.tier}`. {reasons}. Mend that, or set `sandbox = "auto"` and run only APIs '
            "that you trust"
        )
    logger.warning(
        "calls run in the sandbox `%s`, weaker than `%s` (docs/execution.md): run only APIs that "
        "you trust. %s",
        proof.tier,
        strong,
        reasons,
    )
    return proof.tier


def _lifted(effects: Collection[str]) -> set[str]:
    """Attempts that may succeed where these effects are allowed."""
    return {name for effect in effects for name in _ALLOWED_BY.get(effect, ())}


def described(tier: str, relaxed: Mapping[str, str]) -> str:
    """The tier of pure calls, and of those that may have effects, for manifests."""
    exceptions = [f"{effects} in {other}" for effects, other in sorted(relaxed.items())]
    return f"{tier} (allowed: {'; '.join(exceptions)})" if exceptions else tier
