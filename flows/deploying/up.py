"""`callforge up`: server, work pool, deployments and worker, for as long as it runs."""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import yaml

from api_registry.errors import ServerError
from api_registry.types import Model
from flows.deploying.database import connection_url
from flows.deploying.deployments import chained, on_this_machine, read_deployments
from flows.deploying.pages import pages
from flows.deploying.parts import Part, start_part
from flows.deploying.place import Place

POOL = "callforge"
_HOST = "127.0.0.1"
_HEALTH_S, _LOOK_S, _PATIENCE_S = 5.0, 0.2, 300.0
_SERVER_GRACE_S, _WORKER_GRACE_S = 5.0, 20.0
_WORKER = {
    # How often it asks for runs, in seconds: Prefect's own 10 are long to wait for.
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # How often a flow says that it is alive: without that, a lost one looks like a long one.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
}

T = TypeVar("T")
Say = Callable[[str], None]


class UpConfig(Model):
    """What `callforge up` is told."""

    port: int = 4200
    """Port of the server; 0 for any free one."""
    database: str | None = None
    """PostgreSQL, as `postgresql://USER:PASSWORD@HOST/NAME`; SQLite in `.callforge/` without it."""
    publish_to: str | None = None
    """Where each run of the deployment `generate-fc` is published."""
    finetune: str | None = None
    """Model that is fine-tuned on each run published, and evaluated then."""


async def up(config: UpConfig, say: Say, serving: Callable[[], None]) -> None:
    """Run everything until cancelled; whatever was started has ended when this returns or raises.

    `serving` is called when runs are taken. Raises `ServerError` where a part cannot be started, or
    ends while the others run.
    """
    folder = Path.cwd()
    content = chained(read_deployments(), publish_to=config.publish_to, finetune=config.finetune)
    content = on_this_machine(content, folder)
    place = Place(folder)
    database = connection_url(config.database, place)
    with place.held():
        port = _free_port(config.port)
        url = f"http://{_HOST}:{port}/api"
        place.prefect_file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        environment = {"PREFECT_HOME": str(place.home), "PREFECT_API_URL": url}
        say(f"Starting Prefect's server on port {port} (logs are in {place.path})")
        command = ("prefect", "server", "start", "--host", _HOST, "--port", str(port))
        own = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": database}
        async with _running("server", command, environment | own, place, _SERVER_GRACE_S) as server:
            await _unless_ended(server, _healthy(f"{url}/health"))
            say("Deploying")
            alone = ("--alone",) if config.database is None else ()
            command = ("flows.deploying.prepare", POOL, str(place.prefect_file), *alone)
            async with _running("deployment", command, environment, place, 0) as deployment:
                if await _unless_ended(server, deployment.ended()):
                    raise deployment.gone("without success")
            command = ("prefect", "worker", "start", "--pool", POOL, "--type", "process")
            with pages(folder / "runs", _HOST, port + 1) as served:
                environment |= _WORKER | served
                async with _running(
                    "worker", command, environment, place, _WORKER_GRACE_S
                ) as worker:
                    place.address.write_text(url, encoding="utf-8")
                    _tell(url, content, say)
                    serving()
                    await _unless_ended(server, worker.ended())
                    raise worker.gone("on its own")


@asynccontextmanager
async def _running(
    name: str, command: Sequence[str], environment: Mapping[str, str], place: Place, grace_s: float
) -> AsyncIterator[Part]:
    """A part, as long as the body runs."""
    argv = [sys.executable, "-m", *command]
    part = start_part(name, argv, environment, place.log(name), grace_s=grace_s)
    try:
        yield part
    finally:
        # Also when cancelled again: what is being ended is waited for.
        await asyncio.shield(part.stop())


async def _unless_ended(part: Part, work: Coroutine[Any, Any, T]) -> T:
    """The result of some work; raises `ServerError` as soon as the part that it needs has ended."""
    ending = asyncio.ensure_future(part.ended())
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait((ending, working), return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            raise part.gone("on its own")
        return await working
    finally:
        ending.cancel()
        working.cancel()


async def _healthy(url: str) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + _PATIENCE_S
    timeout = aiohttp.ClientTimeout(total=_HEALTH_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while time.monotonic() < deadline:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(_LOOK_S)
    raise ServerError(f"the server did not answer at {url} within {_PATIENCE_S / 60:g} minutes")


def _tell(url: str, content: dict[str, Any], say: Say) -> None:
    names = ", ".join(deployment["name"] for deployment in content["deployments"])
    say(f"Deployed {names}. Ctrl-C ends server, worker and runs.")
    say(f"UI: {url.removesuffix('/api')}   In another terminal, in this folder:")
    say("  prefect deployment run generate-fc --watch")


def _free_port(port: int) -> int:
    """The port given, or a free one. Raises `ServerError` where it is taken."""
    with socket.socket() as probe:
        # As the server does: what was used a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise ServerError(
                f"cannot listen on {_HOST}:{port} ({error.strerror}): name another --port, "
                "or 0 for any free one"
            ) from None
        return int(probe.getsockname()[1])
