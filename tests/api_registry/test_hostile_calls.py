"""Calls that attack the machinery itself, and machinery that breaks."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from api_registry.errors import ExecutionError
from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall, CallResult

APIS = '''
import ctypes, os, random, signal, socket, struct, sys, threading, time

def echo(text: str) -> int:
    """Measure a text."""
    return len(text)

def stuck(text: str = "") -> int:
    """Never end."""
    while True:
        pass

def stopped() -> int:
    """Stop the process."""
    os.kill(os.getpid(), signal.SIGSTOP)

def real_time_signal() -> int:
    """Die of a signal without a name."""
    os.kill(os.getpid(), signal.SIGRTMIN + 6)

def forked() -> int:
    """Come back twice."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return 1

def left_behind() -> int:
    """Leave a child process."""
    child = os.fork()
    if not child:
        while True:
            time.sleep(1)
    return child

def garbage() -> int:
    """Write nonsense to every descriptor."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"\\xff" * 64)
        except OSError:
            pass
    return 1

def forged(number: int) -> int:
    """Answer in the name of a call with what is no result."""
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack("!IQ", 3, number) + b"NaN")
        except OSError:
            pass
    return 1

def closes() -> int:
    """Close every descriptor."""
    os.closerange(0, 64)
    return 1

def reads() -> str:
    """Read from the keyboard."""
    return input()

def fills_disk() -> int:
    """Write a large file."""
    with open("large", "wb") as file:
        for _ in range(64):
            file.write(b"x" * 1_000_000)
    return 1

def draws() -> float:
    """Draw a number."""
    return random.random()

def silent_error() -> int:
    """Raise what cannot be printed."""
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError
    raise Mute

def interrupted() -> int:
    """Raise an interrupt."""
    raise KeyboardInterrupt
'''


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "hostile_apis.py"
    path.write_text(APIS)
    return str(path)


def run_calls(source: str, *calls: tuple[str, dict[str, Any]], **settings: Any) -> list[CallResult]:
    async def run() -> list[CallResult]:
        async with open_pool(source, **settings) as pool:
            return await pool.run(api_calls(*calls))

    return asyncio.run(run())


def open_pool(source: str, **settings: Any) -> RunnerPool:
    config = ExecutionConfig.model_validate({"timeout_s": 1, "workers": 1} | settings)
    return RunnerPool(load_apis([source]).apis, config)


def api_calls(*calls: tuple[str, dict[str, Any]]) -> list[ApiCall]:
    return [
        ApiCall(id=f"c{index}", api=name, arguments=arguments)
        for index, (name, arguments) in enumerate(calls)
    ]


def short(results: list[CallResult]) -> list[tuple[str, Any]]:
    return [(result.outcome, result.value or result.error) for result in results]


def test_a_stuck_call_is_ended_though_its_runner_cannot_take_the_rest_of_its_batch(
    source: str,
) -> None:
    text = "x" * 200_000  # more than a socket buffers
    calls = [("echo", {"text": text}) for _ in range(30)]
    results = run_calls(source, ("stuck", {"text": text}), *calls)
    assert short(results) == [("timeout", "no result after 1 s")] + [("ok", 200_000)] * 30


def test_a_call_that_stops_its_process_times_out(source: str) -> None:
    results = run_calls(source, ("stopped", {}), ("echo", {"text": "abc"}))
    assert short(results) == [("timeout", "no result after 1 s"), ("ok", 3)]


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="no real-time signals here")
def test_a_signal_without_a_name_is_told_by_its_number(source: str) -> None:
    results = run_calls(source, ("real_time_signal", {}), ("echo", {"text": "abc"}))
    number = signal.SIGRTMIN + 6
    assert short(results) == [("crashed", f"killed by signal {number}"), ("ok", 3)]


def test_a_call_that_forks_answers_once(source: str) -> None:
    calls = [("forked", {}), ("echo", {"text": "abc"}), ("forked", {})]
    results = run_calls(source, *calls, sandbox="rlimits")
    assert short(results) == [("ok", 1), ("ok", 3), ("ok", 1)]


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_what_a_call_started_ends_with_the_pool(source: str) -> None:
    [result] = run_calls(source, ("left_behind", {}), sandbox="rlimits")
    assert result.outcome == "ok"
    state = Path(f"/proc/{result.value}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_nonsense_on_its_connection_costs_a_call_its_own_result(source: str) -> None:
    results = run_calls(source, ("garbage", {}), ("echo", {"text": "abc"}))
    intruded = "it wrote to the connection that results are sent on"
    assert short(results) == [("crashed", intruded), ("ok", 3)]


def test_a_forged_answer_is_no_result_and_speaks_for_nobody_else(source: str) -> None:
    [own, echo, other, last] = run_calls(
        source,
        ("forged", {"number": 1}),
        ("echo", {"text": "abc"}),
        ("forged", {"number": 99}),
        ("echo", {"text": "abcd"}),
    )
    assert short([own]) == [("crashed", "its process answered with something that is no result")]
    assert short([echo, last]) == [("ok", 3), ("ok", 4)]
    assert other.outcome == "crashed"


def test_a_call_that_closes_its_connection_has_crashed(source: str) -> None:
    results = run_calls(source, ("closes", {}), ("echo", {"text": "abc"}))
    assert [result.outcome for result in results] == ["crashed", "ok"]


@pytest.mark.parametrize(
    ("name", "error_type"),
    [
        ("reads", "EOFError"),
        ("fills_disk", "OSError"),
        ("silent_error", "Mute"),
        ("interrupted", "KeyboardInterrupt"),
    ],
)
def test_what_a_call_raises_is_its_outcome(source: str, name: str, error_type: str) -> None:
    [result] = run_calls(source, (name, {}), sandbox="rlimits")
    assert (result.outcome, result.error_type) == ("raised", error_type)


def test_random_numbers_are_the_same_for_every_repetition(source: str) -> None:
    values = {result.value for result in run_calls(source, *[("draws", {})] * 20, workers=3)}
    assert len(values) == 1


@pytest.mark.parametrize("text", [float("nan"), {1, 2}, object()])
def test_arguments_that_are_not_json_never_reach_a_runner(source: str, text: Any) -> None:
    [result] = run_calls(source, ("echo", {"text": text}))
    assert (result.outcome, result.error_type) == ("raised", "TypeError")
    assert result.error is not None and result.error.startswith("the arguments are not JSON")


def test_a_cancelled_caller_leaves_the_pool_usable(source: str) -> None:
    async def run() -> None:
        async with open_pool(source) as pool:
            waiting = asyncio.create_task(pool.run(api_calls(("stuck", {}))))
            await asyncio.sleep(0)
            waiting.cancel()
            results = await pool.run(api_calls(("echo", {"text": "abc"})))
            assert short(results) == [("ok", 3)]

    asyncio.run(run())


def test_a_pool_that_is_left_early_ends_the_calls_that_run(source: str) -> None:
    async def run() -> None:
        async with open_pool(source, timeout_s=600) as pool:
            waiting = asyncio.create_task(pool.run(api_calls(("stuck", {}))))
            await asyncio.sleep(0)
        with pytest.raises(ExecutionError, match="the pool is closed"):
            await waiting
        with pytest.raises(ExecutionError, match="the pool is closed"):
            await pool.run(api_calls(("echo", {"text": "abc"})))

    asyncio.run(run())


def test_everybody_who_waits_is_told_when_the_supervisor_dies(source: str) -> None:
    async def run() -> None:
        async with open_pool(source, timeout_s=600) as pool:
            waiting = [asyncio.create_task(pool.run(api_calls(("stuck", {})))) for _ in range(3)]
            await asyncio.sleep(0)
            os.killpg(pool._link.process.pid, signal.SIGKILL)
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            assert [str(outcome) for outcome in outcomes] == [
                "the supervisor of the runners ended: no message"
            ] * 3

    asyncio.run(run())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # What is there in this process, and not in the scrubbed one of the supervisor.
        ("import os\nos.environ['CALLFORGE_TEST_SECRET']", "raised on import at .*:2: KeyError"),
        (
            "import os, sys\nif 'api_registry.execution.supervisor' in str(sys.orig_argv):\n"
            "    print('last words', file=sys.stderr, flush=True)\n    os._exit(3)",
            "the supervisor of the runners ended: last words",
        ),
        (
            "import os, sys\nif 'api_registry.execution.supervisor' in str(sys.orig_argv):\n"
            "    os.register_at_fork(after_in_child=lambda: os._exit(7))",
            r"runners end before they take a call \(the process ended with exit code 7\)",
        ),
    ],
)
def test_machinery_that_cannot_start_is_an_error_with_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.setenv("CALLFORGE_TEST_SECRET", "x")
    path = tmp_path / "breaks_apis.py"
    path.write_text(f'{text}\ndef f() -> int:\n    """F."""\n    return 1\n')

    async def run() -> None:
        async with open_pool(str(path)) as pool:
            await pool.run(api_calls(("f", {})))

    with pytest.raises(ExecutionError, match=message):
        asyncio.run(run())


def test_a_pool_runs_nothing_before_it_is_started(source: str) -> None:
    with pytest.raises(ExecutionError, match="the pool is not started"):
        asyncio.run(open_pool(source).run(api_calls(("echo", {"text": "abc"}))))
