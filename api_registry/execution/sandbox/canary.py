"""A runner that tries, before the first call, what no call may do.

It is made exactly as the real ones. What it says about itself is half of the evidence: the other
half is looked for from outside (`traps.py`), where the traps were set.
"""

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from api_registry.execution.frames import Decoder, encode

Traps = dict[str, Any]
"""Where there is something to reach: made by `traps.Traps.described`."""

_ATTEMPTS, _EXEC_FAILED = 1, 2
_TIMEOUT_S = 10.0


def serve_canary(connection: socket.socket, traps: Traps) -> None:
    """Try everything; send what succeeded, then try to become another program."""
    _works()
    succeeded = [name for name, attempt in _attempts(traps).items() if _succeeds(attempt)]
    connection.sendall(encode(_ATTEMPTS, json.dumps(succeeded).encode()))
    with contextlib.suppress(OSError):
        os.execv(sys.executable, [sys.executable, "-c", ""])  # noqa: S606
    connection.sendall(encode(_EXEC_FAILED, b""))


def listen(connection: socket.socket) -> list[str] | None:
    """What a canary succeeded with; None if it could not work at all."""
    connection.settimeout(_TIMEOUT_S)
    decoder, succeeded = Decoder(), None
    with contextlib.suppress(OSError):
        while chunk := connection.recv(1 << 16):
            for number, payload in decoder.feed(chunk):
                if number == _EXEC_FAILED:
                    return succeeded
                succeeded = json.loads(payload)
    return None if succeeded is None else [*succeeded, "exec"]


def _works() -> None:
    """Do what calls need; raises where that is not possible."""
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    for end in socket.socketpair():
        end.close()
    Path(os.__file__).read_bytes()


def _attempts(traps: Traps) -> dict[str, Callable[[], object]]:
    return {
        "write": lambda: Path(traps["write"]).write_text("written"),
        "write_scratch": lambda: Path(traps["write_scratch"]).write_text("written"),
        "read": lambda: Path(traps["read"]).read_text(),
        "environment": lambda: _sees(traps["parent"], "environ", traps["shown_environ"]),
        "process": lambda: _sees(traps["parent"], "cmdline", traps["shown_cmdline"]),
        "tcp": lambda: _connect(socket.AF_INET, socket.SOCK_STREAM, tuple(traps["tcp"])),
        "udp": lambda: _connect(socket.AF_INET, socket.SOCK_DGRAM, tuple(traps["udp"])),
        "unix": lambda: _connect(socket.AF_UNIX, socket.SOCK_STREAM, traps["unix"]),
        "unix_abstract": lambda: _connect(
            socket.AF_UNIX, socket.SOCK_STREAM, "\0" + traps["unix_abstract"]
        ),
        "unix_datagram": lambda: _pair_sends_to(traps["unix_datagram"]),
        "fork": _fork,
        "kill": lambda: os.kill(traps["victim"], signal.SIGKILL),
    }


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _sees(process: int, file: str, shown: str) -> None:
    """Read about a process; in another namespace its number may be somebody else's."""
    if sha256(Path(f"/proc/{process}/{file}").read_bytes()).hexdigest() != shown:
        raise ProcessLookupError


def _connect(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as client:
        client.settimeout(1)
        client.connect(address)
        client.send(b"reached")


def _pair_sends_to(address: str) -> None:
    """A pair of datagram sockets needs no `socket` and no `connect` to reach somebody else."""
    first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with first, second:
        first.sendto(b"reached", address)


def _fork() -> None:
    if not os.fork():
        os._exit(0)
