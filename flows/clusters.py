"""Dask and Ray, by way of Prefect's own task runners: each piece of work is a Prefect task."""

import asyncio
import ipaddress
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from prefect import get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.task_runners import TaskRunner

from api_registry.errors import ConfigError, ExecutionError, install_hint
from api_registry.types import Model
from flows.runner_config import RunnerConfig

_log = logging.getLogger("callforge.cluster")
_HERE = "127.0.0.1"
_TRIES = 3
"""Ray gives its own processes 15 s to start, which a busy machine may not have."""


# The manifest in the store is the only truth about what is done: no caching, no stored results.
@task(name="work", cache_policy=NO_CACHE, persist_result=False)
async def _perform(work: Callable[[Model], Awaitable[Any]], job: Model) -> Any:
    return await work(job)


class PrefectCluster:
    """A cluster that is connected to, or started, when it first gets work."""

    def __init__(self, config: RunnerConfig) -> None:
        self._config, self._opened = config, ExitStack()
        self._runner: TaskRunner[Any] | None = None

    async def places(self) -> int:
        """Tasks that run at once."""
        runner = await self._started()
        if self._config.name == "dask":
            client: Any = runner.client  # type: ignore[attr-defined]
            places = sum(map(int, client.nthreads().values()))
            if not places:
                _log.warning(
                    "the Dask cluster at `%s` has no workers: shards wait until there are some "
                    "(`dask worker %s --nthreads 1`)",
                    self._config.address,
                    self._config.address,
                )
            return max(places, 1)
        # By its name: ray is an extra of its own, and hardly typed where it is there.
        resources = import_module("ray").cluster_resources()
        return max(int(resources.get("CPU", 1)), 1)

    async def run(self, title: str, work: Callable[[Any], Awaitable[Any]], job: Model) -> Any:
        """Do the work as a task of that title; raises what it raises."""
        runner = await self._started()
        named = _perform.with_options(task_run_name=title)
        future = runner.submit(named, parameters={"work": work, "job": job})
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
        await done.wait()
        return await asyncio.to_thread(future.result)

    def close(self) -> None:
        """Let the cluster go, and end it where it was started here."""
        self._opened.close()
        self._runner = None

    async def _started(self) -> TaskRunner[Any]:
        if self._runner is None:
            await self._share_server()
            self._runner = self._connected(1 if self._config.address else _TRIES)
        return self._runner

    def _connected(self, tries: int) -> TaskRunner[Any]:
        runner = _task_runner(self._config)
        try:
            self._opened.enter_context(runner)
            if self._config.name == "dask":
                runner.client  # type: ignore[attr-defined]  # noqa: B018 - connects
            return runner
        except Exception as error:  # each engine raises its own, or plainly `Exception`
            if tries > 1:
                return self._connected(tries - 1)
            where = f" at --address `{self._config.address}`" if self._config.address else ""
            raise ExecutionError(
                f"no {self._config.name} cluster{where} ({type(error).__name__}: {error})"
            ) from error

    async def _share_server(self) -> None:
        """Tell workers where this process's Prefect server is; they would start their own."""
        if PREFECT_API_URL.value():
            return
        if self._config.address and not _is_here(self._config.address):
            raise ConfigError(
                f"workers of `{self._config.address}` report to a Prefect server that they reach: "
                "set PREFECT_API_URL to its address, as in http://HOST:4200/api"
            )
        async with get_client() as client:
            url = str(client.api_url).rstrip("/")
        self._opened.enter_context(temporary_settings({PREFECT_API_URL: url}))


@asynccontextmanager
async def cluster_of(config: RunnerConfig) -> AsyncIterator[PrefectCluster | None]:
    """The cluster that shards are made on, as long as the body runs; None for this process."""
    if config.name == "local":
        yield None
        return
    cluster = PrefectCluster(config)
    try:
        yield cluster
    finally:
        cluster.close()


def _task_runner(config: RunnerConfig) -> TaskRunner[Any]:
    """Prefect's task runner. Raises `ConfigError` where it is not installed."""
    try:
        return _dask(config) if config.name == "dask" else _ray(config)
    except ImportError as error:
        raise ConfigError(
            f"`--runner {config.name}` needs {error.name}: {install_hint(config.name)}"
        ) from None


def _dask(config: RunnerConfig) -> TaskRunner[Any]:
    from prefect_dask.task_runners import DaskTaskRunner

    if config.address:
        return DaskTaskRunner(address=config.address)
    # Drafts are made by Python code: two threads of a process would wait for each other.
    here = {"n_workers": _workers(config), "threads_per_worker": 1, "host": _HERE}
    # Workers import Prefect within an event loop, where it cannot set up plugins, and says so.
    plain = {"PREFECT_PLUGINS_ENABLED": "false"}
    return DaskTaskRunner(cluster_kwargs={**here, "dashboard_address": None, "env": plain})


def _ray(config: RunnerConfig) -> TaskRunner[Any]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if config.address is None:
        # Ray takes the machine's own address for 127.0.0.1, and listens there, unless told so.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    from prefect_ray.task_runners import RayTaskRunner

    quiet = {"log_to_driver": False}
    if config.address:
        return RayTaskRunner(address=config.address, init_kwargs=quiet)  # type: ignore[no-any-return]
    here = {"address": "local", "num_cpus": _workers(config), "_node_ip_address": _HERE}
    return RayTaskRunner(  # type: ignore[no-any-return]
        init_kwargs={**quiet, **here, "include_dashboard": False, "object_store_memory": 2**27}
    )


def _workers(config: RunnerConfig) -> int:
    return config.workers or os.cpu_count() or 1


def _is_here(address: str) -> bool:
    host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
