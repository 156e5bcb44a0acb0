"""The parent's side of the canaries: something to reach, and a look at whether it was reached."""

import os
import shutil
import socket
import tempfile
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api_registry.execution.sandbox.kernel import LINUX

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
        if LINUX:
            name = f"\0{self.folder.name}"
            self.listeners["unix_abstract"] = _bound(socket.AF_UNIX, socket.SOCK_STREAM, name)
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
            "write_scratch": str(self.scratch / self.folder.name),
            "read": str(self.folder / "secret"),
            "parent": os.getpid(),
            "shown_environ": _shown("environ"),
            "shown_cmdline": _shown("cmdline"),
            **{name: listener.getsockname() for name, listener in self.listeners.items()},
            "unix_abstract": self.folder.name,
        }

    def sprung(self) -> set[str]:
        """Names of the attempts whose effect can be seen."""
        found = {name for name, listener in self.listeners.items() if _reached(listener)}
        if (self.folder / "written").exists():
            found.add("write")
        if (self.scratch / self.folder.name).exists():
            found.add("write_scratch")
        return found


def _shown(file: str) -> str:
    """Digest of what may be known of this process, so that nothing of it is handed on."""
    try:
        return sha256(Path(f"/proc/{os.getpid()}/{file}").read_bytes()).hexdigest()
    except OSError:  # no /proc here
        return ""


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
