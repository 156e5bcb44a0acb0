"""What a call may do to itself, and what it may not do to anybody else."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from api_registry.execution.frames import BrokenStream, Decoder, encode
from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall, CallResult, Outcome
from tests.api_registry.processes import STUCK, alive, descendants, eventually

APIS = '''
import asyncio, ctypes, dataclasses, datetime, decimal, enum, os, sys, time
from api_registry.decorator import api


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b

def typed(day: datetime.date, colour: Colour, point: Point, *, price: decimal.Decimal) -> dict:
    """Report the types that arrive."""
    return {"types": [type(v).__name__ for v in (day, colour, point, price)], "point": point}

def positional(a: int, /, b: int, **extra: int) -> list:
    """Take arguments in every way."""
    return [a, b, extra]

def segfault() -> int:
    """Crash."""
    return ctypes.string_at(0)

def leave() -> int:
    """End the process."""
    os._exit(0)

def quit_politely() -> int:
    """Exit."""
    sys.exit(3)

def fail() -> int:
    """Raise an error that names a file and an address."""
    raise ValueError(f"bad {object()} in /home/somebody/secret/file.txt")

def hog() -> int:
    """Use too much memory."""
    return len("x" * (6 << 30))

def big() -> str:
    """Return too much."""
    return "x" * 2_000_000

def not_a_number() -> float:
    """Return NaN."""
    return float("nan")

def circular() -> list:
    """Return a list that holds itself."""
    loop = []
    loop.append(loop)
    return loop

def deep() -> int:
    """Recurse for ever."""
    return deep()

def flood() -> int:
    """Print a lot."""
    print("x" * 1_000_000)
    return 1

def environment() -> dict:
    """Return the environment."""
    return dict(os.environ)

def descriptors() -> int:
    """Count the open descriptors."""
    return len(os.listdir("/proc/self/fd"))

def unordered() -> set:
    """Return a set."""
    return {"b", "a", "c"}

def generated():
    """Generate three numbers."""
    yield from (1, 2, 3)

async def awaited() -> int:
    """Wait a little."""
    await asyncio.sleep(0)
    return 7

def identity() -> int:
    """Return the process."""
    return os.getpid()

@api(effects={"network"})
def online() -> int:
    """Need the network."""
    return 1
'''


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("apis") / "odd_apis.py"
    path.write_text(APIS + STUCK)
    return str(path)


def run_calls(source: str, *calls: tuple[str, dict[str, Any]], **settings: Any) -> list[CallResult]:
    settings = {"timeout_s": 2, "memory_mb": 1024} | settings

    async def run() -> list[CallResult]:
        apis = load_apis([source]).apis
        async with RunnerPool(apis, ExecutionConfig.model_validate(settings)) as pool:
            return await pool.run(
                [
                    ApiCall(id=f"c{index}", api=name, arguments=arguments)
                    for index, (name, arguments) in enumerate(calls)
                ]
            )

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "outcome", "error_type", "error"),
    [
        ("stuck", "timeout", None, "no result after 2 s"),
        ("segfault", "crashed", None, "killed by SIGSEGV"),
        ("leave", "crashed", None, "the process ended with exit code 0"),
        ("quit_politely", "raised", "SystemExit", "3"),
        ("fail", "raised", "ValueError", "bad <object object at 0x…> in file.txt"),
        ("hog", "out_of_memory", "MemoryError", ""),
        ("big", "output_too_large", None, "2000002 bytes of JSON, at most 1000000 are taken"),
        ("circular", "not_serialisable", "ValueError", "Circular reference detected"),
        ("deep", "raised", "RecursionError", "maximum recursion depth exceeded"),
        ("online", "denied", None, "`online` needs network, which is not allowed"),
        ("nobody", "unregistered", None, "no API `nobody` is registered"),
    ],
)
def test_a_bad_call_costs_its_own_result_and_no_other(
    source: str, name: str, outcome: Outcome, error_type: str | None, error: str
) -> None:
    results = run_calls(
        source,
        *[("add", {"a": n, "b": 1}) for n in range(5)],
        (name, {}),
        *[("add", {"a": n, "b": 2}) for n in range(5)],
    )
    assert results[5] == CallResult(
        call="c5",
        outcome=outcome,
        error_type=error_type,
        error=error,
    )
    good = [*results[:5], *results[6:]]
    assert [result.value for result in good] == [1, 2, 3, 4, 5, 2, 3, 4, 5, 6]


def test_nan_has_no_json_form(source: str) -> None:
    assert run_calls(source, ("not_a_number", {}))[0].outcome == "not_serialisable"


def test_values_come_back_in_documented_forms(source: str) -> None:
    results = run_calls(
        source, ("unordered", {}), ("generated", {}), ("awaited", {}), ("flood", {})
    )
    assert [result.value for result in results] == [["a", "b", "c"], [1, 2, 3], 7, 1]


def test_arguments_arrive_typed_and_by_name(source: str) -> None:
    arguments = {"price": 2.5, "point": {"x": 1}, "colour": "red", "day": "2027-03-01"}
    results = run_calls(
        source,
        ("typed", arguments),
        ("positional", {"extra_one": 3, "b": 2, "a": 1}),
        ("add", {"a": "one", "b": 2}),
    )
    assert results[0].value == {
        "types": ["date", "Colour", "Point", "Decimal"],
        "point": {"x": 1.0, "y": 0.0},
    }
    assert results[1].value == [1, 2, {"extra_one": 3}]
    assert (results[2].outcome, results[2].error_type) == ("raised", "ValidationError")


def test_no_secret_of_the_parent_reaches_a_call(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    environment = run_calls(source, ("environment", {}))[0].value
    assert "hf_secret" not in str(environment)
    assert environment["PYTHONHASHSEED"] == "0"


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_a_runner_holds_no_descriptor_of_others(source: str) -> None:
    # Standard streams, its own connection, and the listing itself.
    assert run_calls(source, ("descriptors", {}), workers=4)[0].value <= 5


def test_calls_of_many_tasks_find_their_way_back(source: str) -> None:
    async def run() -> None:
        apis = load_apis([source]).apis
        async with RunnerPool(apis, ExecutionConfig()) as pool:

            async def one(number: int) -> None:
                call = ApiCall(id=str(number), api="add", arguments={"a": number, "b": 1})
                [result] = await pool.run([call])
                assert (result.call, result.value) == (str(number), number + 1)

            await asyncio.gather(*(one(number) for number in range(2000)))

    asyncio.run(run())


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("tried", [("bubblewrap", "landlock", "seccomp"), ("seccomp",), ()])
def test_nothing_survives_a_parent_that_is_killed(
    source: str, tmp_path: Path, tried: tuple[str, ...]
) -> None:
    script = textwrap.dedent(f"""
        import asyncio
        from api_registry.execution import pool as pool_module
        from api_registry.execution.pool import RunnerPool
        from api_registry.execution.settings import ExecutionConfig
        from api_registry.registry import load_apis
        from api_registry.types import ApiCall

        async def main():
            pool_module.TRIED = {tried!r}
            apis = load_apis([{source!r}]).apis
            async with RunnerPool(apis, ExecutionConfig(timeout_s=60)) as pool:
                await pool.run([ApiCall(id="", api="identity", arguments={{}})])
                session = await pool.open()
                print("ready", flush=True)
                stuck = [ApiCall(id="", api="stuck", arguments={{}})]
                await asyncio.gather(pool.run(stuck * 2), session.run(stuck))

        asyncio.run(main())
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    with parent.stdout as stdout:
        stdout.readline()
        pids = descendants(parent.pid)
        # A supervisor, two runners and a session's; in namespaces two processes more around them.
        assert len(pids) in (4, 6)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        # Tenths of a second, as `benchmarks/execution.py` measures; here it only has to happen.
        eventually(lambda: not any(map(alive, pids)))
        assert not [*tmp_path.iterdir()]


def test_the_scratch_folder_is_gone_afterwards(source: str) -> None:
    home = run_calls(source, ("environment", {}))[0].value["HOME"]
    assert not Path(home).exists()
    assert os.environ.get("HOME") != home


def test_frames_survive_being_chopped_up() -> None:
    frames = [(number, b"x" * number) for number in (0, 1, 500)]
    stream = b"".join(encode(*frame) for frame in frames)
    decoder = Decoder()
    received = [frame for byte in stream for frame in decoder.feed(bytes([byte]))]
    assert received == frames
    with pytest.raises(BrokenStream):
        list(Decoder().feed(b"\xff" * 12))
