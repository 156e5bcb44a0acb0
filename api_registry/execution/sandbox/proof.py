"""The parent's side of the canaries: sets traps, and says which layers have proved themselves."""

import os
import shutil
import socket
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api_registry.execution.sandbox import LAYERS, WEAKEST

GUARDS: Mapping[str, tuple[str, ...]] = {
    "landlock": ("write", "write_scratch", "read", "environment"),
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


class Traps:
    """Things that a canary tries to reach, and that show afterwards whether it did.

    Used as a context manager; leaves nothing behind.
    """

    def __init__(self, scratch: str) -> None:
        self.scratch = Path(scratch)

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="callforge-traps-"))
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


def proved(layers: Collection[str], succeeded: Collection[str], effects: Collection[str]) -> str:
    """Name of the tier: the layers that stopped all that they are there to stop."""
    allowed = {name for effect in effects for name in _ALLOWED_BY.get(effect, ())}
    harmful = set(succeeded) - allowed
    kept = [name for name in LAYERS if name in layers and not harmful & set(GUARDS[name])]
    return "+".join(kept) or WEAKEST


def failures(layers: Collection[str], succeeded: Collection[str]) -> list[str]:
    """What a layer that is there did not stop, in words."""
    return [
        f"{layer} is there, but a runner that tried {_MEANING[name]}"
        for layer in layers
        for name in GUARDS[layer]
        if name in succeeded
    ]


def _bound(family: int, kind: int, address: Any) -> socket.socket:
    listener = socket.socket(family, kind)
    listener.setblocking(False)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen(1)
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
