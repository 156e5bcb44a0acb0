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
import asyncio
import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# Run as a file, Python would take the folder of benchmarks for the packages beside it.
sys.path[0] = str(Path(__file__).parent.parent)

AIM_OF_BARE, AIM_CPU, AIM_MEMORY = 0.97, 1.2, 1.1
FROM, UNTIL = 0.05, 0.9
"""Shares of the requests between which the rate is taken."""
SLOTS, MODEL = 64, "fake-model"
Figures = dict[str, Any]
DISTILABEL = "distilabel's APIGen"
PEER = Path(__file__).parent / "peers" / "distilabel_apigen.py"
PEER_ANSWERS = {
    "diverse query and answer pairs for the function": json.dumps(
        [
            {
                "query": "How many days are there from 3 to 20 March 2025?",
                "answers": [
                    {
                        "name": "days_between",
                        "arguments": {"first": "2025-03-03", "last": "2025-03-20"},
                    }
                ],
            }
        ]
    ),
    "decide if the data passes": json.dumps({"thought": "", "passes": "yes"}),
}
"""What distilabel's prompts say → answers that its pipeline keeps."""
GET_PEER = (
    "An environment of its own is made by `python3 -m venv DIR` and `DIR/bin/pip install "
    "'distilabel[openai]==1.5.3' requests beautifulsoup4`; then `--distilabel DIR/bin/python`."
)


# -- the server, in a process of its own ---------------------------------------------------------


def serve() -> None:
    """Answer from a table that a first, unmeasured run fills; print the URL."""
    from aiohttp import web

    from generators.fake_server import FakeSettings
    from generators.fake_server.answers import answer

    def answered(asked: dict[str, Any], rng: random.Random) -> Figures:
        body = answer(asked, rng, settings)
        prompt = asked["messages"][-1]["content"]
        for phrase, text in PEER_ANSWERS.items():
            if phrase in prompt:
                body["choices"][0]["message"] = {"role": "assistant", "content": text}
        return body

    settings = FakeSettings()
    table: dict[str, bytes] = {}
    bodies: list[dict[str, Any]] = []
    state: Figures = {}

    def reset(latency: float, jitter: float, slots: int, record: bool) -> None:
        gate = asyncio.Semaphore(slots)
        state.update(
            record=record, latency=latency, jitter=jitter, gate=gate, arrived=[], busy=0, seconds=[]
        )

    async def complete(request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        key = asked["messages"][-1]["content"]
        rng = random.Random(key[-200:])
        state["arrived"].append(time.monotonic())
        async with state["gate"]:
            if state["latency"]:
                seconds = state["latency"] * math.exp(rng.gauss(0, state["jitter"]))
                state["seconds"].append((time.monotonic(), seconds))
                await asyncio.sleep(seconds)
        if key not in table:
            table[key] = json.dumps(answered(asked, rng)).encode()
        if state["record"]:
            bodies.append(asked)
        return web.Response(body=table[key], content_type="application/json")

    async def control(request: web.Request) -> web.Response:
        order = await request.json()
        seconds = state["seconds"]
        reply: Figures = {"requests": len(state["arrived"])}
        # By when a slot was free: some contestants let their requests queue here.
        arrived = [at for at, _ in seconds] or state["arrived"]
        if len(arrived) > 20:
            first, last = (arrived[int(share * (len(arrived) - 1))] for share in (FROM, UNTIL))
            done = int(UNTIL * (len(arrived) - 1)) - int(FROM * (len(arrived) - 1))
            busy = sum(max(min(at + s, last) - max(at, first), 0.0) for at, s in seconds)
            reply |= {"rate": done / (last - first), "busy": busy / (last - first)}
            reply["mean"] = sum(s for _, s in seconds) / len(seconds) if seconds else 0.0
        if "bodies" in order:
            Path(order["bodies"]).write_text("\n".join(map(json.dumps, bodies)), encoding="utf-8")
            bodies.clear()
        if "latency" in order:
            reset(order["latency"], order["jitter"], order["slots"], order["record"])
        return web.json_response(reply)

    async def work() -> None:
        reset(0.0, 0.0, 4096, record=False)
        app = web.Application(client_max_size=2**26)
        app.router.add_post("/v1/chat/completions", complete)
        app.router.add_post("/control", control)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
        print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await asyncio.Event().wait()

    with suppress(KeyboardInterrupt):
        asyncio.run(work())


# -- the two contestants, each in a process of its own -------------------------------------------


def used() -> float:
    """CPU seconds of this process until now."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime


class Watched:
    """Is told when the first draft begins and when the last shard is written."""

    started = ended = 0.0

    def start(self, total: int, done: int) -> None:
        self.started = used()

    def advance(self, drafts: int, kept: int) -> None: ...

    def finish(self) -> None:
        self.ended = used()


def pipeline(order: Figures) -> Watched:
    """The whole run, as `callforge generate` makes it."""
    from flows.config import RunConfig
    from flows.pipeline import run

    config = RunConfig.model_validate(
        {
            "samples": order["drafts"],
            "name": "run",
            "generator": {"name": "llm", "llm": {"model": MODEL, "pairs": order["pairs"]}},
            "endpoint": {"base_urls": [order["url"] + "/v1"], "concurrency": order["concurrency"]},
            "judge": {"models": [MODEL] if order["judge"] else [], "calibration": 0},
            "output": {"out": order["out"]},
        }
    )
    watched = Watched()
    asyncio.run(run(config, watched))
    return watched


def bare(order: Figures) -> Watched:
    """What one writes without a library: a client, a semaphore, a gather."""
    from openai import AsyncOpenAI

    lines = Path(order["bodies"]).read_text(encoding="utf-8").splitlines()
    bodies = [json.loads(line) for line in lines[: order["requests"]]]

    async def work() -> None:
        client = AsyncOpenAI(base_url=order["url"] + "/v1", api_key="none", max_retries=0)
        gate = asyncio.Semaphore(order["concurrency"])

        async def one(body: Figures) -> str:
            async with gate:
                done = await client.chat.completions.create(**body)
                return done.choices[0].message.content or ""

        watched.start(0, 0)
        await asyncio.gather(*map(one, bodies))
        watched.finish()
        await client.close()

    watched = Watched()
    asyncio.run(work())
    return watched


def child(order: Figures) -> None:
    """Run one contestant; print its CPU seconds and peak memory."""
    spent: dict[int, float] = {}
    threading.Thread(target=watch, args=(spent,), daemon=True).start()
    watched = {"pipeline": pipeline, "bare": bare}[order["who"]](order)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cpu = watched.ended - watched.started + sum(spent.values())
    print(json.dumps({"cpu": cpu, "after": used() - watched.ended, "peak_mib": peak}))


def watch(spent: dict[int, float]) -> None:
    """Keep what the processes below this one have used: runners that are killed are not waited for,
    and then count in nobody's `RUSAGE_CHILDREN`."""
    tick = os.sysconf("SC_CLK_TCK")
    while True:
        below = [os.getpid()]
        for pid in below:
            with suppress(OSError):
                for path in Path(f"/proc/{pid}/task").glob("*/children"):
                    below += map(int, path.read_text().split())
                used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
                spent[pid] = sum(map(int, used)) / tick
        spent.pop(os.getpid(), None)
        time.sleep(0.5)


# -- the comparison ------------------------------------------------------------------------------


class Bench:
    """Sets the server, runs a contestant, and reads what the server saw."""

    def __init__(self, url: str, folder: Path, arguments: argparse.Namespace) -> None:
        self.url, self.folder, self.arguments = url, folder, arguments
        self.bodies = folder / "bodies.jsonl"

    def control(self, **order: Any) -> Figures:
        from urllib.request import Request, urlopen

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
                [sys.executable, __file__, "--child", json.dumps(order)],
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
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
        return
    if arguments.child:
        child(json.loads(arguments.child))
        return
    if arguments.distilabel:
        made_ready(arguments.distilabel)
    command = [sys.executable, __file__, "--serve"]
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
