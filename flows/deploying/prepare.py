"""Run by `callforge up` between server and worker: work pool, lost runs, deployments.

`python -m flows.deploying.prepare POOL PREFECT_FILE [--alone]`, with the server's address in the
environment. One process for all three, as importing Prefect takes longer than any of them.
"""

import asyncio
import sys
from contextlib import suppress
from datetime import timedelta

from prefect.cli import app
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events import EventTrigger, Posture, ResourceSpecification
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectAlreadyExists
from prefect.states import Crashed

LOST = (
    "The process of this run is gone, with the worker that had started it. Its finished shards "
    "are kept: Retry goes on from there."
)
WATCH = "callforge-lost-runs"
_WATCHES = "Marks runs as crashed that have not said for two minutes that they are alive."
_SILENT_S = 120
_ENDS = ("Completed", "Failed", "Crashed", "Cancelled")
_MOST = 200
"""As many as the server gives at once, and far more than a worker takes."""
_STARTED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


async def prepare(pool: str, *, alone: bool) -> None:
    """Make the work pool, and close the runs that a killed worker has left.

    Only where no other worker can know the server, which is so with a database of its own: all that
    seems to be under way while no worker is there is lost.
    """
    async with get_client() as client:
        with suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        await _watch_heartbeats(client, pool)
        for run in await _started(client, pool) if alone else ():
            await client.set_flow_run_state(run.id, Crashed(message=LOST), force=True)


async def _watch_heartbeats(client: PrefectClient, pool: str) -> None:
    """Let the server close runs that say no longer that they are alive, whoever has lost them."""
    if await client.read_automations_by_name(WATCH):
        return
    alive = "prefect.flow-run.heartbeat"
    trigger = EventTrigger(
        posture=Posture.Proactive,
        after={alive},
        expect={alive, *(f"prefect.flow-run.{state}" for state in _ENDS)},
        match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
        match_related=ResourceSpecification(
            {
                "prefect.resource.role": ["work-pool"],
                "prefect.resource.name": [pool],
            }
        ),
        for_each={"prefect.resource.id"},
        within=timedelta(seconds=_SILENT_S),
    )
    crashed = ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=LOST, force=False)
    await client.create_automation(
        AutomationCore(name=WATCH, description=_WATCHES, trigger=trigger, actions=[crashed])
    )


async def _started(client: PrefectClient, pool: str) -> list[FlowRun]:
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=_STARTED))
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=state),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
        # The server of the locked version refuses a null for either.
        sort=FlowRunSort.ID_DESC,
        limit=_MOST,
    )


def main() -> None:
    """Do all of it; Prefect's command ends the process."""
    pool, file, *rest = sys.argv[1:]
    asyncio.run(prepare(pool, alone=rest == ["--alone"]))
    sys.argv = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", file]
    app()


if __name__ == "__main__":
    main()
