"""`callforge up` in a folder of its own, as somebody would run it in a clone."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx

from tests.api_registry.processes import descendants
from tests.data.hub_stand_in import HubStandIn

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
_PATIENCE_S = 420.0
_LOOK_S = 0.5
T = TypeVar("T")
TOOLS = '''
import time

PAUSE_S = 0.0


def rent_total(months: int, monthly: float) -> float:
    """Add up the rent of some months.

    Args:
        months: Number of months.
        monthly: Rent of a month.
    """
    time.sleep(PAUSE_S)
    return months * monthly


def days_between(first: int, last: int) -> int:
    """Count the days from one day of the year to another.

    Args:
        first: First day.
        last: Last day.
    """
    time.sleep(PAUSE_S)
    return last - first
'''


def wait_for(look: Callable[[], T | None], what: str) -> T:
    """What `look` finds, asked again and again; fails with `what` if that takes minutes."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(_LOOK_S)
    raise AssertionError(f"{what} did not happen")


def clone(folder: Path) -> Path:
    """A folder with what Prefect reads from the working directory of a clone."""
    folder.mkdir(exist_ok=True)
    for name in ("prefect.yaml", "prefect.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


class Up:
    """A running `callforge up`."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self.folder = folder
        self.output = folder / "up.txt"
        self.client = httpx.Client(timeout=60)
        self.environment = {
            **{name: value for name, value in os.environ.items() if "PREFECT" not in name},
            "HOME": str(folder),
            **environment,
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [BIN / "callforge", "up", "--port", "0", *options],
                cwd=folder, env=self.environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            wait_for(self._serving, "callforge up")
        except BaseException:
            self.process.terminate()
            self.process.wait()
            raise
        self.url = (folder / ".callforge" / "address").read_text()

    def _serving(self) -> bool | None:
        assert self.process.poll() is None, self.said()
        return "prefect deployment run generate-fc" in self.said() or None

    def said(self) -> str:
        return self.output.read_text()

    def log(self, part: str) -> str:
        return (self.folder / ".callforge" / f"{part}.log").read_text()

    def prefect(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command of Prefect's, typed in another terminal in the same folder."""
        return subprocess.run(
            [BIN / "prefect", *arguments],
            cwd=self.folder, env=self.environment, text=True, capture_output=True, check=False,
        )  # fmt: skip

    def ask(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        """What the server's API answers."""
        method = method or ("GET" if body is None else "POST")

        def asked() -> httpx.Response | None:
            answer = self.client.request(method, f"{self.url}{path}", json=body)
            # SQLite is locked now and then; Prefect's own client asks again, too.
            return None if answer.status_code == 503 else answer

        answer = wait_for(asked, f"an answer to {path}")
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json() if answer.content else None

    def deployment(self, name: str) -> Any:
        return self.ask(f"/deployments/name/{name}/{name}")

    def runs_of(self, name: str) -> list[Any] | None:
        """The runs of a deployment, newest first; None where there is none."""
        body = {"flow_runs": {"deployment_id": {"any_": [self.deployment(name)["id"]]}}}
        return self.ask("/flow_runs/filter", body | {"sort": "ID_DESC"}) or None

    def folder_of(self, run: str) -> Path:
        """The folder that a run without a name has made: named after the run's id."""
        digest = hashlib.sha256(run.encode()).hexdigest()
        return self.folder / "runs" / f"embedded-{digest[:8]}"

    def start(self, name: str, config: dict[str, Any]) -> str:
        """Ask for a run of a deployment; returns its id."""
        body = {"parameters": {"config": config}, "state": {"type": "SCHEDULED"}}
        path = f"/deployments/{self.deployment(name)['id']}/create_flow_run"
        return str(self.ask(path, body)["id"])

    def state(self, run: str) -> str:
        return str(self.ask(f"/flow_runs/{run}")["state"]["name"])

    def finished(self, run: str) -> Any:
        """The flow run, once it has completed."""

        def look() -> Any:
            found = self.ask(f"/flow_runs/{run}")
            state = found["state"]
            assert state["type"] not in ("FAILED", "CRASHED", "CANCELLED"), state["message"]
            return found if state["type"] == "COMPLETED" else None

        return wait_for(look, f"the end of run {run}")

    def retry(self, run: str) -> None:
        """As the button Retry of Prefect's UI does it."""
        state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
        self.ask(f"/flow_runs/{run}/set_state", {"state": state, "force": True})

    def cancel(self, run: str) -> None:
        """As the button Cancel and `prefect flow-run cancel` do it; waits for its end."""
        state = {"type": "CANCELLING", "name": "Cancelling"}
        self.ask(f"/flow_runs/{run}/set_state", {"state": state})
        wait_for(lambda: self.state(run) == "Cancelled" or None, "the end of a cancelled run")

    def process_of(self, run: str) -> int:
        """The process that works on a run."""
        return int(
            wait_for(
                lambda: self.ask(f"/flow_runs/{run}")["infrastructure_pid"], "a process of the run"
            )
        )

    def part(self, word: str) -> int:
        """The process of the server or worker."""
        for pid in descendants(self.process.pid):
            # One may end while the others are looked at.
            with suppress(OSError):
                arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if arguments[1:5] == ["-m", "prefect", word, "start"]:
                    return pid
        raise AssertionError(f"there is no {word}: {self.said()}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal; returns the exit code once it and all it had started are gone."""
        started = descendants(self.process.pid)
        self.process.send_signal(number)
        return self._gone(started)

    def _gone(self, started: set[int]) -> int:
        self.client.close()
        code = self.process.wait(_PATIENCE_S)
        left = [pid for pid in started if Path(f"/proc/{pid}").exists()]
        assert not left, f"{len(left)} processes outlived callforge up"
        return code

    def kill(self, pid: int) -> int:
        """`kill -9` one of its processes; returns the exit code of what ends because of that."""
        started = descendants(self.process.pid)
        os.kill(pid, signal.SIGKILL)
        return self._gone(started)


def artifacts(up: Up, run: str) -> dict[str, Any]:
    """What a flow run has put beside it, by key."""
    body = {"artifacts": {"flow_run_id": {"any_": [str(UUID(run))]}}}
    return {item["key"]: item["data"] for item in up.ask("/artifacts/filter", body)}


def to_hub(hub: HubStandIn) -> dict[str, str]:
    """The environment that makes a stand-in on this machine the Hub."""
    return {"HF_ENDPOINT": hub.url, "HF_TOKEN": "hf_of_nobody", "HF_HUB_DISABLE_XET": "1"}


def rows_json(data: Any) -> Any:
    """A table artifact's rows."""
    return json.loads(data) if isinstance(data, str) else data
