"""Speed and steadiness of execution: `python benchmarks/execution.py [--calls 20000]`.

Ours next to pebble and `concurrent.futures`, two workers each, in one run: trivial calls per second
all at once and one by one; how late a timeout is noticed; how soon the next call is answered after
one was killed; how long a start takes; ours alone: sessions opened, and calls in fresh processes,
per second; and a soak with 1 % of calls that hang, crash, exit, raise, return too much or leave
something behind: each of the others must still get its own answer. The peers are asked what they
can be: pebble has no limit on output or memory, and one process that exits breaks
`concurrent.futures`. Needs `pip install pebble`. Prints which aims are met; exits 1 when one is
missed.
"""

import argparse
import asyncio
import concurrent.futures
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Run as a file, Python would take the folder of benchmarks for the packages beside it.
sys.path[0] = str(Path(__file__).parent.parent)

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall, CallResult

WORKERS = 2
TIMEOUT_S = 0.5
AIMS = {"batched": 20_000, "single": 5_000, "overshoot_p95_ms": 50, "next_ms": 150}

FUNCTIONS = '''
import ctypes, os, threading, time

def echo(number: int) -> int:
    """Give a number back."""
    return number

def hang(number: int) -> int:
    """Never end, whatever is raised."""
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass

def spin(number: int) -> int:
    """Never end, in C."""
    return len(bytearray(1) * (1 << 62)) if number < -1 else sum(iter(int, 1))

def crash(number: int) -> int:
    """Read where nothing is."""
    return ctypes.string_at(0)

def leave(number: int) -> int:
    """End the process."""
    os._exit(0)

def fail(number: int) -> int:
    """Raise."""
    raise ValueError(number)

def flood(number: int) -> str:
    """Return too much."""
    return "x" * 5_000_000

def litter(number: int) -> int:
    """Leave a thread and an open file."""
    os.pipe()
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return number
'''
HOSTILE = {
    "hang": "timeout", "crash": "crashed", "leave": "crashed", "fail": "raised",
    "flood": "output_too_large", "litter": "ok",
}  # fmt: skip
Figures = dict[str, float]


def call(name: str, number: int) -> ApiCall:
    return ApiCall(id=str(number), api=name, arguments={"number": number})


def spread(values: list[float]) -> Figures:
    """Median, 95th percentile and maximum of times in milliseconds."""
    ordered = sorted(1000 * value for value in values)
    return {
        "p50_ms": statistics.median(ordered),
        "p95_ms": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        "max_ms": ordered[-1],
    }


async def ours(source: str, calls: int, repeats: int) -> Figures:
    """Measure the runner pool."""
    config = ExecutionConfig(workers=WORKERS, timeout_s=TIMEOUT_S)
    apis = load_apis([source]).apis
    begun = time.perf_counter()
    async with RunnerPool(apis, config) as pool:
        await pool.run([call("echo", 0)])
        started = time.perf_counter() - begun
        print(f"sandbox: {pool.tier}", flush=True)
        begun = time.perf_counter()
        await pool.run([call("echo", n) for n in range(calls)])
        batched = calls / (time.perf_counter() - begun)
        begun = time.perf_counter()
        for n in range(calls // 5):
            await pool.run([call("echo", n)])
        single = calls / 5 / (time.perf_counter() - begun)
        overshoot, following = [], []
        for n in range(repeats):
            begun = time.perf_counter()
            [result] = await pool.run([call(("hang", "spin")[n % 2], n)])
            ended = time.perf_counter()
            assert result.outcome == "timeout", result
            overshoot.append(ended - begun - TIMEOUT_S)
            # As many as there are workers: one of them is the runner that takes the place.
            await pool.run([call("echo", n) for _ in range(WORKERS)])
            following.append(time.perf_counter() - ended)
        begun = time.perf_counter()
        for n in range(repeats):
            async with await pool.open() as session:
                await session.run([call("echo", n)])
        sessions = repeats / (time.perf_counter() - begun)
    async with RunnerPool(apis, config.model_copy(update={"fresh": True})) as pool:
        begun = time.perf_counter()
        await pool.run([call("echo", n) for n in range(10 * repeats)])
        fresh = 10 * repeats / (time.perf_counter() - begun)
    found = figures(started, batched, single, overshoot, following)
    return found | {"sessions": sessions, "fresh": fresh}


def theirs(
    functions: dict[str, Callable[[int], Any]], calls: int, repeats: int, kind: str
) -> Figures | None:
    """Measure pebble or `concurrent.futures`; None where it is not installed."""
    begun = time.perf_counter()
    if kind == "pebble":
        try:
            from pebble import ProcessPool
        except ImportError:
            return None
        pool = ProcessPool(max_workers=WORKERS)

        def submit(name: str, n: int) -> Any:
            return pool.schedule(functions[name], args=(n,), timeout=TIMEOUT_S)
    else:
        executor = concurrent.futures.ProcessPoolExecutor(WORKERS)

        def submit(name: str, n: int) -> Any:
            return executor.submit(functions[name], n)

    submit("echo", 0).result()
    started = time.perf_counter() - begun
    begun = time.perf_counter()
    for future in [submit("echo", n) for n in range(calls)]:
        future.result()
    batched = calls / (time.perf_counter() - begun)
    begun = time.perf_counter()
    for n in range(calls // 5):
        submit("echo", n).result()
    single = calls / 5 / (time.perf_counter() - begun)
    overshoot, following = [], []
    for n in range(repeats if kind == "pebble" else 0):
        begun = time.perf_counter()
        try:
            submit("hang", n).result()
        except TimeoutError:
            ended = time.perf_counter()
        overshoot.append(ended - begun - TIMEOUT_S)
        for future in [submit("echo", n) for _ in range(WORKERS)]:
            future.result()
        following.append(time.perf_counter() - ended)
    if kind == "pebble":
        pool.stop()
        pool.join()
    else:
        executor.shutdown()
    return figures(started, batched, single, overshoot, following)


def figures(
    started: float,
    batched: float,
    single: float,
    overshoot: list[float],
    following: list[float],
) -> Figures:
    late = (
        {f"overshoot_{key}": value for key, value in spread(overshoot).items()} if overshoot else {}
    )
    after = {"next_ms": max(1000 * value for value in following)} if following else {}
    return {"started_ms": 1000 * started, "batched": batched, "single": single, **late, **after}


async def soak(source: str, calls: int) -> tuple[Counter[str], int, int]:
    """Run calls of which 1 % are hostile: outcomes, wrong answers, descriptors gained."""
    rng = random.Random(0)
    names = [rng.choice(sorted(HOSTILE)) if rng.random() < 0.01 else "echo" for _ in range(calls)]
    config = ExecutionConfig(workers=WORKERS, timeout_s=TIMEOUT_S)
    async with RunnerPool(load_apis([source]).apis, config) as pool:
        await pool.run([call("echo", 0)])
        before = descriptors(os.getpid()) + descriptors(pool._link.process.pid)
        results: list[CallResult] = []
        for start in range(0, calls, 500):
            batch = [call(names[n], n) for n in range(start, min(start + 500, calls))]
            results += await pool.run(batch)
        gained = descriptors(os.getpid()) + descriptors(pool._link.process.pid) - before
    wrong = 0
    for n, (name, result) in enumerate(zip(names, results, strict=True)):
        outcome = HOSTILE.get(name, "ok")
        value = n if outcome == "ok" else None
        wrong += (result.outcome, result.value, result.call) != (outcome, value, str(n))
    return Counter(result.outcome for result in results), wrong, gained


def descriptors(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measured_apis.py"
        path.write_text(FUNCTIONS)
        sys.path.append(folder)
        import measured_apis

        functions = {name: getattr(measured_apis, name) for name in ("echo", "hang")}
        measured = {"callforge": asyncio.run(ours(str(path), options.calls, options.repeats))}
        for kind in ("pebble", "futures"):
            peer = theirs(functions, options.calls // 10, options.repeats // 2, kind)
            if peer is None:
                print(f"{kind} is not installed: pip install {kind}")
            else:
                measured[kind] = peer
        outcomes, wrong, gained = asyncio.run(soak(str(path), options.calls))
    print(f"{'':20}" + "".join(f"{name:>12}" for name in measured) + f"{'aim':>12}")
    missed = bool(wrong or gained > 0)
    for key in measured["callforge"]:
        aim = AIMS.get(key)
        row = [
            f"{found[key]:>12,.1f}" if key in found else f"{'–':>12}" for found in measured.values()
        ]
        verdict = ""
        if aim:
            value = measured["callforge"][key]
            bad = value > aim if key.endswith("ms") else value < aim
            missed |= bad
            verdict = f"{aim:>12,}  {'missed' if bad else 'met'}"
        print(f"{key:20}" + "".join(row) + verdict)
    shown = ", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items()))
    print(f"soak of {options.calls:,} calls: {shown}")
    print(f"wrong answers: {wrong} (aim 0); descriptors gained: {gained} (aim 0)")
    print("every aim is met" if not missed else "an aim is missed")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
