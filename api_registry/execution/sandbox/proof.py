"""The parent's side of the canaries: sets traps, and says which layers have proved themselves."""

import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api_registry.errors import ExecutionError
from api_registry.execution.sandbox import LAYERS, WEAKEST

logger = logging.getLogger("callforge")

_WRITES = ("write", "write_scratch")
_GUARDS: Mapping[str, tuple[str, ...]] = {
    "landlock": (*_WRITES, "read", "environment"),
    "seccomp": ("tcp", "udp", "unix", "unix_datagram", "fork", "exec", "kill"),
}
"""Attempts that a layer must have stopped."""

_ALLOWED_BY = {
    "files": {"write", "write_scratch", "read", "environment"},
    "network": {"tcp", "udp"},
}
_MEANING = {
    "write": "wrote a file", "write_scratch": "wrote into its own folder",
    "read": "read a file of the user", "environment": "read another process's environment",
    "tcp": "reached a TCP port", "udp": "reached a UDP port", "unix": "reached a unix socket",
    "unix_datagram": "reached a unix datagram socket", "fork": "started a process",
    "exec": "started a program", "kill": "killed another process",
}  # fmt: skip


_LONG = 70


class Traps:
    """Things that a canary tries to reach, and that show afterwards whether it did.

    Used as a context manager; leaves nothing behind.
    """

    def __init__(self, scratch: str) -> None:
        self.scratch = Path(scratch)

    def __enter__(self) -> Self:
        # A unix socket's path may have 107 bytes.
        short = "/tmp" if len(tempfile.gettempdir()) > _LONG else None  # noqa: S108
        self.folder = Path(tempfile.mkdtemp(prefix="callforge-traps-", dir=short))
        (self.folder / "secret").write_text("secret")
        self.listeners = {
            "tcp": _bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": _bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "unix": _bound(socket.AF_UNIX, socket.SOCK_STREAM, str(self.folder / "s")),
            "unix_datagram": _bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(self.folder / "d")),
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for listener in self.listeners.values():
            listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def described(self) -> dict[str, Any]:
        """Where the traps are, as JSON."""
        return {
            "write": str(self.folder / "written"),
            "read": str(self.folder / "secret"),
            "parent": os.getpid(),
            **{name: listener.getsockname() for name, listener in self.listeners.items()},
        }

    def sprung(self) -> set[str]:
        """Names of the attempts whose effect can be seen."""
        found = {name for name, listener in self.listeners.items() if _reached(listener)}
        if (self.folder / "written").exists():
            found.add("write")
        if (self.scratch / "written").exists():
            found.add("write_scratch")
        return found


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


def judge(trial: Mapping[str, Any], sprung: Collection[str], effects: Collection[str]) -> Proof:
    """Say which layers have proved themselves.

    Args:
        trial: The supervisor's report, `choice.Trial.described`.
        sprung: Traps that were reached, `Traps.sprung`.
        effects: What calls may do all the same.
    """
    layers: list[str] = trial["layers"]
    allowed = {name for effect in effects for name in _ALLOWED_BY.get(effect, ())}
    done = {*trial["succeeded"], *sprung} - allowed
    failed = [(layer, name) for layer in layers for name in guards(layer, layers) if name in done]
    proved = [layer for layer in layers if layer not in dict(failed)]
    told = [
        f"{layer} does not work here: a test process {_MEANING[name]}" for layer, name in failed
    ]
    return Proof("+".join(proved) or WEAKEST, (*trial["missing"], *told))


def accept(proof: Proof, sandbox: str, effects: Collection[str]) -> str:
    """The tier, if it is what `sandbox` asks for; a weak one is warned of.

    Raises:
        ExecutionError: `sandbox` is `strict` and the tier is not the strongest.
    """
    strongest = "+".join(layer for layer in LAYERS if "files" not in effects or layer != "landlock")
    if proof.tier == strongest or sandbox == WEAKEST:
        return proof.tier
    reasons = "; ".join(proof.weak)
    if sandbox == "strict":
        raise ExecutionError(
            f'`sandbox = "strict"` asks for `{strongest}`, and this machine has '
            f'`{proof.tier}`. {reasons}. Mend that, or set `sandbox = "auto"` and run only APIs '
            "that you trust"
        )
    logger.warning(
        "calls run in the sandbox `%s`, weaker than `%s` (docs/execution.md): run only APIs that "
        "you trust. %s",
        proof.tier,
        strongest,
        reasons,
    )
    return proof.tier


def described(tier: str, relaxed: Mapping[str, str]) -> str:
    """The tier of pure calls, and of those that may have effects, for manifests."""
    exceptions = [f"{effects} in {other}" for effects, other in sorted(relaxed.items())]
    return f"{tier} (allowed: {'; '.join(exceptions)})" if exceptions else tier


def _bound(family: int, kind: int, address: Any) -> socket.socket:
    listener = socket.socket(family, kind)
    listener.setblocking(False)
    try:
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen(1)
    except OSError:
        listener.close()
        raise
    return listener


def _reached(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(100)
    except BlockingIOError:
        return False
    return True
