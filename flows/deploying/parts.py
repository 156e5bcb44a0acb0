"""One part of `callforge up`: a process under a supervisor, its log, and its end."""

import asyncio
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api_registry.errors import ServerError
from generators.supervisor import supervised
from generators.vllm_server.log import tail

_LOOK_S = 0.1
_AFTER_KILL_S = 10.0


@dataclass(frozen=True)
class Part:
    """A process that runs as long as `callforge up`, and never longer."""

    name: str
    log: Path
    process: "subprocess.Popen[bytes]"
    """Its supervisor, which ends as the part does, and takes along whatever it started."""
    grace_s: float

    async def ended(self) -> int:
        """Wait for its end; returns the exit code."""
        while (code := self.process.poll()) is None:
            await asyncio.sleep(_LOOK_S)
        return code

    def gone(self, when: str) -> ServerError:
        """An error that says that it is gone, with its last words."""
        return ServerError(
            f"the {self.name} ended {when} (exit code {self.process.poll()}); "
            f"see `{self.log}`\n{tail(self.log)}"
        )

    async def stop(self) -> None:
        """End it: SIGTERM, and SIGKILL after its grace; nothing of it is left."""
        if self.process.stdin:
            self.process.stdin.close()
        deadline = time.monotonic() + self.grace_s + _AFTER_KILL_S
        while self.process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)


def start_part(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    *,
    grace_s: float,
) -> Part:
    """Start a part; it ends when this process does, be it by `kill -9`."""
    watched = supervised(command, grace_s)
    with log.open("wb") as output:
        process = subprocess.Popen(
            watched,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for `callforge up`, which ends its parts one after the other.
            start_new_session=True,
        )
    return Part(name, log, process, grace_s)
