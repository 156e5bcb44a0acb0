"""The life of a server: a free port, start, health, an eye on it, and its end."""

import asyncio
import logging
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from api_registry.errors import ServerError
from generators.supervisor import supervised
from generators.vllm_server.adapters import read_adapter, refuse_other_base
from generators.vllm_server.command import ServerCommand, server_command
from generators.vllm_server.installation import find_installation
from generators.vllm_server.log import cause, last_line, tail
from generators.vllm_server.settings import ServeConfig

logger = logging.getLogger("callforge.server")

_LOOK_S = 0.2
_SAY_S = 15.0
_HEALTH_S = 5.0
_AFTER_KILL_S = 10.0
_ANY = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not listened on
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class RunningServer:
    """A server that answers."""

    url: str
    """Base URL for clients on this machine, ending in `/v1`."""
    model: str
    """What requests call the model."""
    log: Path
    process: "subprocess.Popen[bytes]"
    """The supervisor, which ends as the server does."""

    async def ended(self) -> int:
        """Wait until the server is gone; returns its exit code."""
        while (code := self.process.poll()) is None:
            await asyncio.sleep(_LOOK_S)
        return code


@asynccontextmanager
async def serving(config: ServeConfig, log: Path) -> AsyncIterator[RunningServer]:
    """Serve a model for as long as the body runs; everything that was started ends with it.

    The server's output goes to `log`. Raises `ServerError`, with the end of it, when the server
    cannot be started, and when it ends while the body runs.
    """
    installation = find_installation(config.python)
    refuse_missing(config.model)
    for name, place in config.adapters.items():
        refuse_missing(place)
        if (adapter := read_adapter(name, place)) is not None:
            refuse_other_base(name, adapter, config.model)
    port = free_port(config)
    command = server_command(config, installation, port, os.environ)
    build = "CPU build" if installation.cpu else "GPU build"
    logger.info(
        "Loading %s with vLLM %s (%s); log: %s", config.name, installation.version, build, log
    )
    if config.host not in _LOOPBACK and "VLLM_API_KEY" not in command.environment:
        logger.warning(
            "%s:%d is open to the network without a key: set CALLFORGE_API_KEY", config.host, port
        )
    host = "127.0.0.1" if config.host in _ANY else config.host
    origin = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    process = _start(command, log, config.stop_seconds)
    server = RunningServer(f"{origin}/v1", config.name, log, process)
    try:
        started = time.monotonic()
        await _healthy(server, f"{origin}/health", config.start_minutes * 60)
        logger.info(
            "%s answers at %s after %.0f s", config.name, server.url, time.monotonic() - started
        )
        async with _watched(server):
            yield server
    finally:
        await _stop(server, config.stop_seconds + _AFTER_KILL_S)


def refuse_missing(place: str) -> None:
    """Raise `ServerError` for a path that leads nowhere, which vLLM takes half a minute to notice.

    A name on the Hub has one slash at most and starts with neither a slash, a dot nor a tilde.
    """
    if (place.startswith(("/", ".", "~")) or place.count("/") > 1) and not (
        Path(place).expanduser().exists()
    ):
        raise ServerError(
            f"there is no folder `{place}`: expected one with a model in it, or a name on the Hub "
            "as in Qwen/Qwen3-8B"
        )


def free_port(config: ServeConfig) -> int:
    """The port given, or a free one. Raises `ServerError` where it is taken or no such address."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server does: what was used a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port or 0))
        except OSError as error:
            hint = "name another --port, or none for a free one" if config.port else "see --host"
            where = f"{config.host}:{config.port or 0}"
            raise ServerError(f"cannot listen on {where} ({error.strerror}): {hint}") from None
        return int(probe.getsockname()[1])


def _start(command: ServerCommand, log: Path, grace_s: float) -> "subprocess.Popen[bytes]":
    try:
        output = log.open("wb")
    except OSError as error:
        raise ServerError(f"the log `{log}` cannot be written: {error.strerror}") from None
    with output:
        return subprocess.Popen(
            supervised(command.argv, grace_s),
            env=command.environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for us; the server ends when the pipe to its supervisor closes.
            start_new_session=True,
        )


async def _healthy(server: RunningServer, url: str, patience_s: float) -> None:
    """Wait until the server answers; say now and then that it is still loading."""
    started = said = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=_HEALTH_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while server.process.poll() is None:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            now = time.monotonic()
            if now - started > patience_s:
                raise ServerError(
                    f"the server did not answer within {patience_s / 60:g} minutes "
                    f"(`serve.start_minutes`)\n{tail(server.log)}"
                )
            if now - said > _SAY_S:
                said = now
                logger.info("still loading (%.0f s): %s", now - started, last_line(server.log))
            await asyncio.sleep(_LOOK_S)
    raise ServerError(f"the server ended before it answered{_words(server)}")


@asynccontextmanager
async def _watched(server: RunningServer) -> AsyncIterator[None]:
    """Cancel the body when the server ends, and say so in its place."""
    body = asyncio.current_task()
    if body is None:
        raise RuntimeError("a server is watched by a task")
    gone = False

    async def watch() -> None:
        nonlocal gone
        await server.ended()
        gone = True
        body.cancel()

    watching = asyncio.create_task(watch())
    try:
        yield
    except (Exception, asyncio.CancelledError) as error:
        # What fails because the server is gone, fails for that reason.
        if server.process.poll() is None:
            raise
        if gone:
            body.uncancel()
        raise ServerError(
            f"the server ended during the work; what is finished is kept{_words(server)}"
        ) from error
    finally:
        watching.cancel()
        await _settled(watching)


async def _settled(task: "asyncio.Task[None]") -> None:
    with suppress(asyncio.CancelledError):
        await task


async def _stop(server: RunningServer, patience_s: float) -> None:
    """Close the pipe and wait for the end; whoever cannot wait leaves it to the supervisor."""
    process = server.process
    if process.stdin:
        process.stdin.close()
    deadline = time.monotonic() + patience_s
    while process.poll() is None and time.monotonic() < deadline:
        await asyncio.sleep(_LOOK_S / 4)


def _words(server: RunningServer) -> str:
    """How the server ended, and its last words."""
    code = server.process.poll()
    reason = cause(server.log)
    return f" (exit code {code})\n{tail(server.log)}" + (
        f"\nmost likely: {reason}" if reason else ""
    )
