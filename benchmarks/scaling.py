"""What giving shards out costs and gains: `python benchmarks/scaling.py [--runners dask ray]`.

Each runner makes the same run twice, with one worker and with two, each in a process of its own and
against one Prefect server. Printed are the seconds of making the shards (without the start of the
cluster and without the data set), the overhead of a shard beyond the seconds that its manifest says
it took, and the speed-up from one worker to two. A second worker needs a second core that is free:
on a busy machine the figures say little. `local` makes its shards in one process, and has one or
two processes that run calls.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MOST_OVERHEAD, LEAST_SPEED_UP = 1.0, 1.5
"""Aims for clusters: seconds for each shard with one worker, and two workers against one."""

CHILD = """
import asyncio, json, sys, time
from flows.config import RunConfig
from flows.generate_fc import generate_fc
from flows.making import shown_progress
from data.shards import read_manifest

class Clock:
    def start(self, total, done): self.started = time.perf_counter()
    def advance(self, drafts, kept): ...
    def finish(self): self.seconds = time.perf_counter() - self.started

if __name__ == "__main__":
    clock = Clock()
    shown_progress.set(clock)
    result = asyncio.run(generate_fc(RunConfig.model_validate(json.loads(sys.argv[1]))))
    folder = result.folder.shards
    shards = [read_manifest(folder, int(path.stem)) for path in sorted(folder.glob("*.json"))]
    print(json.dumps({
        "wall": clock.seconds, "inside": sum(shard.seconds for shard in shards),
        "shards": len(shards), "digest": result.manifest.shards,
    }))
"""


def measure(runner: str, workers: int, arguments: argparse.Namespace, api: str) -> dict:
    settings = {
        "samples": arguments.drafts,
        "name": "scaling",
        "runner": {"name": runner},
        "execution": {"workers": workers if runner == "local" else 1},
    }
    if runner != "local":
        settings["runner"] |= {"workers": workers, "shards_per_task": arguments.shards_per_task}
    with tempfile.TemporaryDirectory(prefix="callforge-scaling-") as folder:
        settings["output"] = {"out": folder, "shard_size": arguments.shard_size}
        child = Path(folder) / "scaled.py"
        child.write_text(CHILD)
        done = subprocess.run(
            [sys.executable, str(child), json.dumps(settings)],
            env={
                **os.environ,
                "PREFECT_API_URL": api,
                "PYTHONPATH": str(Path(__file__).parent.parent),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{runner}, {workers} workers: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--runners", nargs="+", default=["local", "dask", "ray"], choices=["local", "dask", "ray"]
    )
    parser.add_argument("--drafts", type=int, default=8_000)
    parser.add_argument("--shard-size", type=int, default=1_000)
    parser.add_argument("--shards-per-task", type=int, default=2)
    arguments = parser.parse_args()

    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    missed, digests = [], set()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    print(f"{'runner':>7} {'1 worker s':>11} {'2 workers s':>12} {'overhead s/shard':>17} speed-up")
    with prefect_test_harness(server_startup_timeout=300):
        api = str(PREFECT_API_URL.value())
        for runner in arguments.runners:
            one, two = (measure(runner, workers, arguments, api) for workers in (1, 2))
            digests |= {one["digest"], two["digest"]}
            # The shards of one process overlap, so their seconds do not sum to the wall's.
            overhead = (one["wall"] - one["inside"]) / one["shards"] if runner != "local" else None
            speed_up = one["wall"] / two["wall"]
            shown = f"{overhead:>17.2f}" if overhead is not None else f"{'-':>17}"
            print(f"{runner:>7} {one['wall']:>11.1f} {two['wall']:>12.1f} {shown} {speed_up:>8.2f}")
            if overhead is not None and overhead > MOST_OVERHEAD:
                missed.append(f"{runner}: overhead {overhead:.2f} s per shard")
            if runner != "local" and speed_up < LEAST_SPEED_UP:
                missed.append(f"{runner}: speed-up {speed_up:.2f}")
    if len(digests) > 1:
        missed.append("the runs are not the same data")
    print(
        f"aims for clusters: overhead ≤ {MOST_OVERHEAD:g} s per shard, speed-up ≥ "
        f"{LEAST_SPEED_UP:g}, equal data: " + (f"missed ({'; '.join(missed)})" if missed else "met")
    )
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
