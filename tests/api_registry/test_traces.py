"""A call that leaves its process other than it was shares it with no later call."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall

APIS = '''
import asyncio, builtins, decimal, gc, json, locale, math, os, random, signal, sys, threading, time
import warnings

KEPT = []


class Anything:
    def __eq__(self, other):
        return True

    __hash__ = object.__hash__

    def __call__(self, *args, **kwargs):
        return 42


def nothing() -> int:
    """Leave nothing."""
    return os.getpid()

def builtin() -> int:
    """Patch a builtin with an object that claims to equal it."""
    builtins.len = Anything()
    return os.getpid()

def new_builtin() -> int:
    """Add a builtin."""
    builtins.shared = 1
    return os.getpid()

def thread() -> int:
    """Leave a thread."""
    threading.Thread(target=time.sleep, args=(60,)).start()
    return os.getpid()

def descriptor() -> int:
    """Leave a file open."""
    KEPT.append(os.pipe())
    return os.getpid()

def folder() -> int:
    """Go elsewhere."""
    os.chdir("/")
    return os.getpid()

def variable() -> int:
    """Set an environment variable."""
    os.environ["TZ"] = "Asia/Tokyo"
    return os.getpid()

def alarm() -> int:
    """Set a timer."""
    signal.setitimer(signal.ITIMER_REAL, 60)
    return os.getpid()

def handler() -> int:
    """Catch a signal."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return os.getpid()

def recursion() -> int:
    """Allow more depth."""
    sys.setrecursionlimit(50_000)
    return os.getpid()

def tracer() -> int:
    """Trace."""
    sys.settrace(lambda *args: None)
    return os.getpid()

def path() -> int:
    """Add an import path."""
    sys.path.append("/elsewhere")
    return os.getpid()

def stdout() -> int:
    """Replace standard output."""
    sys.stdout = None
    return os.getpid()

def collector() -> int:
    """Switch off garbage collection."""
    gc.disable()
    return os.getpid()

def strict() -> int:
    """Make errors of warnings."""
    warnings.simplefilter("error")
    return os.getpid()

def profiler() -> int:
    """Set a timer of CPU time."""
    signal.setitimer(signal.ITIMER_PROF, 60)
    return os.getpid()

def blocked() -> int:
    """Block a signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    return os.getpid()

def import_hook() -> int:
    """Have a say in imports."""
    sys.meta_path.insert(0, sys.meta_path[0])
    return os.getpid()

def gc_hook() -> int:
    """Have a say in garbage collection."""
    gc.callbacks.append(lambda phase, info: None)
    return os.getpid()

def memory() -> int:
    """Keep memory."""
    KEPT.append(bytearray(b"x" * (80 << 20)))
    return os.getpid()

def raised() -> int:
    """Leave a variable and fail."""
    os.environ["LEFT"] = "1"
    raise ValueError(os.getpid())

def precision() -> int:
    """Set a context variable: no other call sees it."""
    decimal.getcontext().prec = 5
    return os.getpid()

async def asynchronous() -> int:
    """Work in a thread."""
    await asyncio.to_thread(time.sleep, 0)
    return os.getpid()

def encoder() -> int:
    """Patch what answers are encoded with."""
    json.dumps = json.loads = json.JSONEncoder.encode = None
    random.seed(5)
    return os.getpid()

def third() -> str:
    """Divide with decimals."""
    return str(decimal.Decimal(1) / 3)

def drawn() -> float:
    """Draw a number."""
    return random.random()
'''
LEAVING = (
    "builtin new_builtin thread descriptor folder variable alarm handler recursion tracer path "
    "stdout collector strict memory raised profiler blocked import_hook gc_hook"
).split()


def values(source: Path, *names: str) -> list[Any]:
    async def run() -> list[Any]:
        config = ExecutionConfig(workers=1, timeout_s=20, memory_mb=256)
        async with RunnerPool(load_apis([str(source)]).apis, config) as pool:
            calls = [ApiCall(id=str(n), api=name, arguments={}) for n, name in enumerate(names)]
            return [result.value or result.error for result in await pool.run(calls)]

    return asyncio.run(run())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "leaving_apis.py"
    path.write_text(APIS)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="process ids of runners are Linux's")
def test_a_runner_that_is_not_as_it_was_takes_no_more_calls(source: Path) -> None:
    calls = [name for leaving in LEAVING for name in (leaving, "nothing")]
    found = values(source, "nothing", *calls)
    processes = [int(value) for value in found]
    for index, name in enumerate(LEAVING):
        before, itself, after = processes[2 * index : 2 * index + 3]
        assert (name, itself) == (name, before)
        assert (name, after) != (name, itself)


def test_a_runner_that_is_as_it_was_goes_on(source: Path) -> None:
    calls = ["nothing", "precision", "nothing", "asynchronous", "nothing", "encoder", "nothing"]
    assert len(set(values(source, *calls))) == 1


def test_context_variables_and_random_numbers_are_a_call_s_own(source: Path) -> None:
    first, _, second = values(source, "third", "precision", "third")
    assert first == second == "0.3333333333333333333333333333"
    one, _, other = values(source, "drawn", "encoder", "drawn")
    assert one == other
