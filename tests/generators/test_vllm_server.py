"""The life of a model server, with a stand-in for vLLM that the same code starts and ends."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api_registry.errors import ServerError
from generators.vllm_server.log import cause, last_line, tail
from generators.vllm_server.server import serving
from generators.vllm_server.settings import ServeConfig

ROOT = Path(__file__).parents[2]
STAND_IN = Path(__file__).with_name("stand_in_server.py")
PATIENCE = 30


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An environment in which vLLM seems to be installed; its Python starts the stand-in."""
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib/python3.11/site-packages/vllm-0.32.0.dist-info").mkdir(parents=True)
    wrapper = folder / "bin/python"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("STAND_IN_PIDS", str(tmp_path / "pids.json"))
    return str(wrapper)


@pytest.fixture
def pids(tmp_path: Path) -> Iterator[Callable[[], list[int]]]:
    """The processes of the stand-in; none outlives its test, whatever that finds."""
    place = tmp_path / "pids.json"

    def read() -> list[int]:
        eventually(place.exists)
        return list(json.loads(place.read_text())["pids"])

    yield read
    for pid in read() if place.exists() else []:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def config(python: str, model: str, **settings: object) -> ServeConfig:
    return ServeConfig.model_validate({"model": model, "python": python} | settings)


def serve_once(python: str, model: str, log: Path, **settings: object) -> list[int]:
    """Serve, and end at once; gives the pids that were alive meanwhile."""
    found: list[int] = []

    async def body() -> None:
        async with serving(config(python, model, **settings), log):
            record = json.loads(Path(os.environ["STAND_IN_PIDS"]).read_text())
            found.extend(pid for pid in record["pids"] if alive(pid))

    asyncio.run(body())
    return found


def test_a_server_is_waited_for_and_ends_with_its_whole_family(python: str, tmp_path: Path) -> None:
    family = serve_once(python, "late", tmp_path / "log")
    assert len(family) == 3
    assert not [pid for pid in family if alive(pid)]


def test_a_server_that_ignores_sigterm_is_killed(python: str, tmp_path: Path) -> None:
    family = serve_once(python, "stubborn", tmp_path / "log", stop_seconds=0.2)
    assert len(family) == 3
    assert not [pid for pid in family if alive(pid)]


def test_a_server_that_dies_at_the_start_shows_its_last_words_and_the_first_error(
    python: str, tmp_path: Path, pids: Callable[[], list[int]]
) -> None:
    with pytest.raises(ServerError) as caught:
        serve_once(python, "dies", tmp_path / "log")
    assert str(caught.value).splitlines() == [
        "the server ended before it answered (exit code 7)",
        "  | loading dies",
        "  | (APIServer pid=1) ValueError: no such weights",
        "  | (APIServer pid=1) RuntimeError: it failed. See root cause above.",
        "most likely: ValueError: no such weights",
    ]
    assert not [pid for pid in pids() if alive(pid)]


def test_the_first_error_is_found_among_those_that_follow_from_it_and_noise(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "(Worker pid=2) ERROR 11-26 19:00:01 [core.py:1] torch.OutOfMemoryError: CUDA out of it\n"
        "(EngineCore pid=2) RuntimeError: Engine failed. See root cause above.\n"
        "    ^^^^^^\n"
        "EngineDeadError: EngineCore is gone. See stack trace (above) for the root cause.\n"
        'nanobind: leaked 2 types!\n - leaked type "A"\n - ... skipped remainder\n'
    )
    assert cause(log) == "torch.OutOfMemoryError: CUDA out of it"
    assert len(tail(log).splitlines()) == 3
    assert last_line(log).startswith("EngineDeadError: EngineCore is gone.")
    assert (cause(tmp_path / "none"), tail(tmp_path / "none")) == ("", "")


def test_a_server_that_never_answers_is_given_up(
    python: str, tmp_path: Path, pids: Callable[[], list[int]]
) -> None:
    with pytest.raises(ServerError, match=r"within 0\.02 minutes .*\n  \| loading silent"):
        serve_once(python, "silent", tmp_path / "log", start_minutes=0.02, stop_seconds=0.2)
    assert not [pid for pid in pids() if alive(pid)]


def test_a_server_that_crashes_ends_the_work_with_its_last_words(
    python: str, tmp_path: Path, pids: Callable[[], list[int]]
) -> None:
    async def body() -> None:
        async with serving(config(python, "crashes"), tmp_path / "log"):
            await asyncio.Event().wait()

    with pytest.raises(ServerError, match=r"during the work; .*\n.*\n.*OutOfMemoryError: no mem"):
        asyncio.run(body())
    assert not [pid for pid in pids() if alive(pid)]


def test_an_error_in_the_work_is_not_blamed_on_the_server(python: str, tmp_path: Path) -> None:
    async def body() -> None:
        async with serving(config(python, "model"), tmp_path / "log"):
            raise KeyError("of the work")

    with pytest.raises(KeyError, match="of the work"):
        asyncio.run(body())


def test_cancelling_while_it_loads_ends_it(
    python: str, tmp_path: Path, pids: Callable[[], list[int]]
) -> None:
    async def body() -> list[int]:
        async def serve() -> None:
            async with serving(config(python, "silent"), tmp_path / "log"):
                raise AssertionError("never healthy")

        task = asyncio.create_task(serve())
        family = await asyncio.to_thread(pids)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return family

    assert not [pid for pid in asyncio.run(body()) if alive(pid)]


PARENT = """
import asyncio, sys
from pathlib import Path
from generators.vllm_server.server import serving
from generators.vllm_server.settings import ServeConfig

async def main():
    config = ServeConfig(model=sys.argv[1], python=sys.argv[2], stop_seconds=0.5)
    async with serving(config, Path("log")) as server:
        print("serving", server.process.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def start_parent(model: str, python: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), model, python],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.parametrize("model", ["stubborn", "silent"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_survives_the_end_of_the_parent(
    number: signal.Signals,
    model: str,
    python: str,
    tmp_path: Path,
    pids: Callable[[], list[int]],
) -> None:
    parent = start_parent(model, python, tmp_path)
    with parent:
        family = pids()
        if model != "silent":
            assert parent.stdout and parent.stdout.readline().startswith("serving")
        parent.send_signal(number)
    eventually(lambda: not [pid for pid in family if alive(pid)])


@pytest.mark.skipif(sys.platform != "linux", reason="death signals are Linux's")
def test_a_killed_supervisor_takes_the_server_with_it(
    python: str, tmp_path: Path, pids: Callable[[], list[int]]
) -> None:
    parent = start_parent("model", python, tmp_path)
    with parent:
        assert parent.stdout
        supervisor = int(parent.stdout.readline().split()[1])
        server = pids()[0]
        os.kill(supervisor, signal.SIGKILL)
    assert parent.returncode == 1
    eventually(lambda: not alive(server))


def test_a_port_that_is_taken_is_named(python: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=rf"127\.0\.0\.1:{port} .*another --port"):
            serve_once(python, "model", tmp_path / "log", port=port)


def test_a_folder_that_is_not_there_is_noticed_before_anything_is_started(
    python: str, tmp_path: Path
) -> None:
    with pytest.raises(ServerError, match=r"no folder `\./nowhere`"):
        serve_once(python, "./nowhere", tmp_path / "log")
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize("given", [None, "nowhere/python"])
def test_where_vllm_is_missing_the_way_to_install_it_is_said(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("generators.vllm_server.installation._ROOT", tmp_path)
    with pytest.raises(ServerError, match=r"`make vllm` .*`make vllm-cpu`.*--base-url"):
        asyncio.run(serving(ServeConfig(model="m", python=given), tmp_path / "log").__aenter__())


def test_an_environment_in_which_the_install_broke_off_is_none(tmp_path: Path) -> None:
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    with pytest.raises(ServerError, match="not to the end: `make vllm`"):
        asyncio.run(
            serving(ServeConfig(model="m", python=str(python)), tmp_path / "log").__aenter__()
        )


def test_a_server_open_to_the_network_without_a_key_is_warned_of(
    python: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("CALLFORGE_API_KEY", raising=False)
    with caplog.at_level(logging.INFO, logger="callforge"), pytest.raises(ServerError):
        serve_once(python, "dies", tmp_path / "log", host="0.0.0.0")
    assert "open to the network without a key: set CALLFORGE_API_KEY" in caplog.text
    caplog.clear()
    monkeypatch.setenv("CALLFORGE_API_KEY", "sesame")
    with caplog.at_level(logging.INFO, logger="callforge"), pytest.raises(ServerError):
        serve_once(python, "dies", tmp_path / "log", host="0.0.0.0")
    assert "without a key" not in caplog.text
    environment = json.loads((tmp_path / "pids.json").read_text())["environment"]
    assert environment["VLLM_API_KEY"] == "sesame"
    assert "CALLFORGE_API_KEY" not in environment
