"""Speed and memory of the whole run: `python benchmarks/pipeline.py [--drafts 2000 20000 100000]`.

Each size runs in a process of its own, so that peak memory is that run's. The first line is the
baseline: what two cores do with a fixed piece of Python work, for comparing machines.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHILD = """
import asyncio, json, os, resource, sys, time
from flows.config import RunConfig
from flows.pipeline import run

class Silent:
    def start(self, total, done): ...
    def advance(self, drafts, kept): ...
    def finish(self): ...

drafts, workers, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
config = RunConfig.model_validate(
    {"samples": drafts, "execution": {"workers": workers}, "output": {"out": out}}
)
started = time.perf_counter()
result = asyncio.run(run(config, Silent()))
wall = time.perf_counter() - started
own = resource.getrusage(resource.RUSAGE_SELF)
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "drafts": drafts, "kept": result.manifest.funnel.kept, "wall": wall,
    "cpu": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
    "peak_mib": own.ru_maxrss / 1024,
}))
"""


def baseline() -> float:
    """Seconds for a fixed piece of pure Python work."""
    started = time.perf_counter()
    sum(len(json.dumps({"n": number, "s": "x" * 20})) for number in range(200_000))
    return time.perf_counter() - started


def measure(drafts: int, workers: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(drafts), str(workers), out],
            cwd=Path(__file__).parent.parent,
            check=True,
            capture_output=True,
            text=True,
        )
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, nargs="+", default=[2_000, 20_000, 100_000])
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(f"baseline: 200,000 json.dumps in {baseline():.2f} s")
    print(f"{'drafts':>8} {'kept':>8} {'drafts/s':>9} {'CPU ms/draft':>13} {'peak MiB':>9}")
    for drafts in arguments.drafts:
        figures = measure(drafts, arguments.workers)
        print(
            f"{drafts:>8,} {figures['kept']:>8,} {drafts / figures['wall']:>9,.0f} "
            f"{1000 * figures['cpu'] / drafts:>13.2f} {figures['peak_mib']:>9,.0f}"
        )


if __name__ == "__main__":
    main()
