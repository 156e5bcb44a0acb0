"""Who is measured by `saturation.py`: `python benchmarks/saturation_contestants.py ORDER`.

ORDER is JSON: `who` (`pipeline`, the whole run, or `bare`, a loop over the same requests), `url`
and `concurrency`, and what each needs (`drafts`, `pairs`, `judge`, `out`; `requests`, `bodies`).
Prints JSON: CPU seconds from the first request to the last shard on disk, those after it, and the
peak MiB. A process each, so that neither counts what the other holds.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# Run as a file, Python would take the folder of benchmarks for the packages beside it.
sys.path[0] = str(Path(__file__).parent.parent)

MODEL = "fake-model"
Figures = dict[str, Any]


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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("order", type=json.loads, metavar="ORDER")
    child(parser.parse_args().order)


if __name__ == "__main__":
    main()
