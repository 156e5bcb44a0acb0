"""The server of `saturation.py`, in a process of its own: `python benchmarks/saturation_server.py`.

Answers from a table that a first, unmeasured run fills; prints its URL. `POST /control` tells what
it has seen since it was last set: requests, their rate while it was busy, slots in use on the
average, seconds of an answer. It also sets it: `{"latency", "jitter", "slots", "record"}`, and
`{"bodies": FILE}` writes the requests recorded there.
"""

import argparse
import asyncio
import json
import math
import random
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# Run as a file, Python would take the folder of benchmarks for the packages beside it.
sys.path[0] = str(Path(__file__).parent.parent)

from aiohttp import web

from generators.fake_server import FakeSettings
from generators.fake_server.answers import answer

FROM, UNTIL = 0.05, 0.9
"""Shares of the requests between which the rate is taken."""
Figures = dict[str, Any]
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


def serve() -> None:
    """Answer from a table that a first, unmeasured run fills; print the URL."""

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
            record=record, latency=latency, jitter=jitter, gate=gate, arrived=[], seconds=[]
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


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    serve()
