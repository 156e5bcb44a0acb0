"""Is the endpoint the only bottleneck? `python benchmarks/saturation.py [--drafts 2000]`.

The whole pipeline (generator and judge, checks, journal, shards) beside a bare `AsyncOpenAI` loop
that sends the very same requests, against a server in a process of its own that answers from a
table: 64 slots of 0.2 s (ideal 320 requests/s), then 64 slots of 10 s with log-normal jitter.
Shares are of the ideal, between a twentieth and nine tenths of the requests, so that neither start
nor end counts. CPU is that of the process and of those that run calls, from the first request to
the last shard on disk; making the data set and the report comes after, and is told apart.
`--memory 2000 20000` compares peak memory. `--distilabel PYTHON` adds distilabel's APIGen pipeline
(generator, execution and judge) with as many requests to the same server; its prompts are its own,
its answers of one pair, and its peak that of its largest process. Its environment is its own:

    python3 -m venv /tmp/distilabel
    /tmp/distilabel/bin/pip install 'distilabel[openai]==1.5.3' requests beautifulsoup4
    python benchmarks/saturation.py --distilabel /tmp/distilabel/bin/python

Exits 1 when an aim is missed.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
SERVER, CONTESTANTS = HERE / "saturation_server.py", HERE / "saturation_contestants.py"
PEER = HERE / "peers" / "distilabel_apigen.py"
AIM_OF_BARE, AIM_CPU, AIM_MEMORY = 0.97, 1.2, 1.1
SLOTS = 64
Figures = dict[str, Any]
DISTILABEL = "distilabel's APIGen"
GET_PEER = (
    "An environment of its own is made by `python3 -m venv DIR` and `DIR/bin/pip install "
    "'distilabel[openai]==1.5.3' requests beautifulsoup4`; then `--distilabel DIR/bin/python`."
)


class Bench:
    """Sets the server, runs a contestant, and reads what the server saw."""

    def __init__(self, url: str, folder: Path, arguments: argparse.Namespace) -> None:
        self.url, self.folder, self.arguments = url, folder, arguments
        self.bodies = folder / "bodies.jsonl"

    def control(self, **order: Any) -> Figures:
        asked = Request(f"{self.url}/control", json.dumps(order).encode())
        with urlopen(asked, timeout=60) as reply:
            return json.load(reply)

    def run(
        self, who: str, latency: float, jitter: float, *, record: bool = False, **more: Any
    ) -> Figures:
        arguments = self.arguments
        slots = SLOTS if latency else 4096
        self.control(latency=latency, jitter=jitter, slots=slots, record=record)
        with tempfile.TemporaryDirectory(dir=self.folder) as out:
            order = {
                "who": who, "url": self.url, "out": out, "bodies": str(self.bodies),
                "pairs": arguments.pairs, "judge": not arguments.no_judge,
                "concurrency": arguments.concurrency, **more,
            }  # fmt: skip
            done = subprocess.run(
                [sys.executable, str(CONTESTANTS), json.dumps(order)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        if done.returncode:
            sys.exit(f"{who} failed:\n{done.stderr[-3000:]}")
        return json.loads(done.stdout.splitlines()[-1]) | self.control()

    def peer(self, latency: float, jitter: float, requests: int) -> Figures:
        """distilabel's APIGen pipeline; its CPU per request is what more requests cost more than a
        run of one batch, so that its start does not count either."""
        batch = self.arguments.distilabel_batch
        short = self.peer_run(0.0, 0.0, 2 * batch, batch)
        long = self.peer_run(latency, jitter, requests, batch)
        cpu = long["cpu"] - short["cpu"]
        return long | {"cpu": cpu * long["requests"] / (long["requests"] - short["requests"])}

    def peer_run(self, latency: float, jitter: float, requests: int, batch: int) -> Figures:
        self.control(latency=latency, jitter=jitter, slots=SLOTS, record=False)
        command = [
            self.arguments.distilabel, str(PEER), "--url", self.url,
            "--requests", str(requests), "--batch", str(batch),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"distilabel failed:\n{done.stderr[-3000:]}")
        return json.loads(done.stdout.splitlines()[-1]) | self.control()

    def recorded(self, drafts: int) -> int:
        """Fill the server's table, unmeasured; the requests are what the bare loop sends."""
        self.run("pipeline", 0.0, 0.0, record=True, drafts=drafts)
        return int(self.control(bodies=str(self.bodies))["requests"])


def compare(bench: Bench, title: str, latency: float, jitter: float, drafts: int) -> list[bool]:
    """Print one table; return whether the aims are met."""
    requests = bench.recorded(drafts)
    python, batch = bench.arguments.distilabel, bench.arguments.distilabel_batch
    if python and requests <= 2 * batch + 1:
        sys.exit(f"distilabel: {requests} requests are too few for --distilabel-batch {batch}")
    rows = {
        "bare AsyncOpenAI loop": bench.run("bare", latency, jitter, requests=requests),
        "callforge": bench.run("pipeline", latency, jitter, drafts=drafts),
    }
    if python:
        rows[DISTILABEL] = bench.peer(latency, jitter, requests)
    ideal = SLOTS / (latency * math.exp(jitter**2 / 2))
    print(f"\n{title}: ideal {ideal:,.1f} requests/s, {requests:,} requests ({drafts:,} drafts)")
    print(f"{'':24}{'of ideal':>9}{'busy slots':>11}{'CPU ms/request':>16}{'peak MiB':>10}")
    figures = {}
    for name, row in rows.items():
        # The latencies drawn are what they are: the share is of what these slots could do.
        share = row["rate"] * row["mean"] / SLOTS
        cpu = 1000 * row["cpu"] / row["requests"]
        figures[name] = (share, cpu)
        print(f"{name:24}{share:>9.3f}{row['busy']:>11.1f}{cpu:>16.2f}{row['peak_mib']:>10,.0f}")
    after = 1000 * rows["callforge"]["after"] / drafts
    print(f"after the last shard, data set and report: {after:.2f} CPU ms per draft")
    (bare_share, bare_cpu), (share, cpu) = list(figures.values())[:2]
    if peer := figures.get(DISTILABEL):
        print(f"{DISTILABEL}: {peer[0] / bare_share:.3f} of the bare loop's rate")
    else:
        print(f"{DISTILABEL}: not measured. {GET_PEER}")
    return [
        aim(f"{title}: share of the bare loop's rate", share / bare_share, AIM_OF_BARE, least=True),
        aim(f"{title}: CPU per request, times the bare loop's", cpu / bare_cpu, AIM_CPU),
    ]


def made_ready(python: str) -> None:
    """End here, before anything is measured, where an interpreter is of no use."""
    command = [python, "-c", "import distilabel.steps.tasks"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        sys.exit(f"--distilabel `{python}` cannot be run ({error.strerror}). {GET_PEER}")
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        sys.exit(f"--distilabel `{python}` has no distilabel ({', '.join(said)}). {GET_PEER}")


def aim(what: str, value: float, bound: float, *, least: bool = False) -> bool:
    met = value >= bound if least else value <= bound
    sign = "≥" if least else "≤"
    print(f"{what}: {value:.3f} (aim {sign} {bound:g}): {'met' if met else 'MISSED'}")
    return met


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--drafts", type=int, default=3000, help="at 0.2 s per answer")
    parser.add_argument("--slow-drafts", type=int, default=800, help="at 10 s; 0 leaves it out")
    parser.add_argument("--slow-latency", type=float, default=10.0, help="seconds")
    parser.add_argument("--pairs", type=int, default=4, help="per generator request")
    parser.add_argument("--concurrency", type=int, default=SLOTS, help="of both")
    parser.add_argument("--no-judge", action="store_true")
    parser.add_argument("--distilabel", metavar="PYTHON", help="one that has distilabel[openai]")
    parser.add_argument("--distilabel-batch", type=int, default=256, help="rows")
    parser.add_argument("--memory", type=int, nargs=2, metavar=("FEW", "MANY"), help="drafts")
    arguments = parser.parse_args()
    if arguments.distilabel:
        made_ready(arguments.distilabel)
    command = [sys.executable, str(SERVER)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        with tempfile.TemporaryDirectory() as folder, server.stdout as said:
            bench = Bench(said.readline().strip(), Path(folder), arguments)
            met = compare(bench, "0.2 s", 0.2, 0.0, arguments.drafts)
            if arguments.slow_drafts:
                slow = arguments.slow_latency
                met += compare(bench, f"{slow:g} s, jitter", slow, 0.6, arguments.slow_drafts)
            if arguments.memory:
                few, many = (
                    bench.run("pipeline", 0.0, 0.0, drafts=drafts)["peak_mib"]
                    for drafts in arguments.memory
                )
                print(f"\npeak memory: {few:,.0f} MiB, {many:,.0f} MiB for {arguments.memory}")
                met.append(
                    aim("peak memory of many drafts, times that of few", many / few, AIM_MEMORY)
                )
    finally:
        server.terminate()
        server.wait()
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
