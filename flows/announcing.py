"""What flows tell Prefect's event feed: the triggers of `prefect.yaml` chain deployments by it."""

from pathlib import Path
from typing import Literal

from prefect.events import emit_event

Done = Literal["made", "published", "finetuned"]


def announce(done: Done, folder: Path, **facts: str) -> None:
    """Say that something was done with a run; a trigger can pass on its folder and `facts`.

    The folder is absolute, as whoever is told of it works somewhere else.
    """
    place = folder.absolute()
    emit_event(
        event=f"callforge.run.{done}",
        resource={
            "prefect.resource.id": f"callforge.run.{place.name}",
            "prefect.resource.name": place.name,
        },
        payload={"name": place.name, "folder": str(place), **facts},
    )
