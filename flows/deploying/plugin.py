"""What Prefect's own commands learn in a clone of Callforge; loaded through `prefect.plugins`.

Prefect loads plugins where `prefect.toml` in the working directory enables them.
"""

import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import DeploymentSort
from prefect.exceptions import ObjectNotFound
from prefect.plugins import HookContext, SetupResult, register_hook

from flows.deploying.place import Place

_MARK = "_callforge_bare_names"
_SHOWN = 20


@register_hook
def setup_environment(*, ctx: HookContext) -> SetupResult | None:
    """Let deployments be named without their flow, and ask the `callforge up` of this folder.

    An address in the environment (`PREFECT_API_URL`) always wins: workers and flows have one.
    """
    accept_bare_names()
    url = Place(Path.cwd()).url()
    if url is None or "PREFECT_API_URL" in os.environ:
        return None
    return SetupResult(env={"PREFECT_API_URL": url}, note=f"callforge up answers at {url}")


def accept_bare_names() -> None:
    """Teach both of Prefect's clients to find `generate-fc` for `generate-fc/generate-fc`."""
    if getattr(PrefectClient, _MARK, False):
        return
    PrefectClient.read_deployment_by_name = _named(  # type: ignore[method-assign, assignment]
        PrefectClient.read_deployment_by_name
    )
    SyncPrefectClient.read_deployment_by_name = _named_sync(  # type: ignore[method-assign, assignment]
        SyncPrefectClient.read_deployment_by_name
    )
    setattr(PrefectClient, _MARK, True)


def _named(
    original: Callable[[PrefectClient, str], Awaitable[DeploymentResponse]],
) -> Callable[[PrefectClient, str], Any]:
    async def read_deployment_by_name(self: PrefectClient, name: str) -> DeploymentResponse:
        if "/" in name:
            return await original(self, name)
        found = await self.read_deployments(**_called(name))
        flows = [(await self.read_flow(one.flow_id)).name for one in found[1:] and found]
        return _only(name, found, flows)

    return read_deployment_by_name


def _named_sync(
    original: Callable[[SyncPrefectClient, str], DeploymentResponse],
) -> Callable[[SyncPrefectClient, str], DeploymentResponse]:
    def read_deployment_by_name(self: SyncPrefectClient, name: str) -> DeploymentResponse:
        if "/" in name:
            return original(self, name)
        found = self.read_deployments(**_called(name))
        flows = [self.read_flow(one.flow_id).name for one in found[1:] and found]
        return _only(name, found, flows)

    return read_deployment_by_name


def _called(name: str) -> dict[str, Any]:
    return {
        "deployment_filter": DeploymentFilter(name=DeploymentFilterName(any_=[name])),
        # The server of the locked version refuses a null for either.
        "sort": DeploymentSort.NAME_ASC,
        "limit": _SHOWN,
    }


def _only(
    name: str, found: Sequence[DeploymentResponse], flows: Sequence[str]
) -> DeploymentResponse:
    """The one deployment of that name; raises `ObjectNotFound`, as for a full name, on any other.

    Prefect's commands say no more of that than that nothing was found: the rest goes to stderr.
    """
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(sorted(f"{flow}/{name}" for flow in flows))
        hint = f"several deployments are called `{name}`, name one in full: {several}"
    else:
        hint = f"no deployment is called `{name}`: `callforge up` makes them, in another terminal"
    sys.stderr.write(f"{hint}\n")
    raise ObjectNotFound(ValueError(hint), help_message=hint)
