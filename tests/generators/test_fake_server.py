"""The fake endpoint: answers as a good model would, and misbehaves as told."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from generators.fake_server import FAULTS, FakeSettings, running

SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"enum": ["yes", "no"]}, "score": {"type": "integer", "maximum": 5}},
    "required": ["verdict", "score"],
}


def ask(settings: FakeSettings, **changes: Any) -> tuple[int, bytes, dict[str, Any]]:
    """Ask a fresh server once: status, body, and the server's counts."""
    body = {"model": "fake-model", "messages": [{"role": "user", "content": "Judge."}]} | changes

    async def post(url: str) -> tuple[int, bytes]:
        timeout = aiohttp.ClientTimeout(total=3)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, json=body) as response,
        ):
            return response.status, await response.read()

    with running(settings) as server:
        status, raw = asyncio.run(post(f"{server.url}/chat/completions"))
        return status, raw, server.log.counts()


def test_an_unknown_prompt_is_answered_from_its_schema() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": SCHEMA}}
    status, raw, counts = ask(FakeSettings(), response_format=form)
    said = json.loads(json.loads(raw)["choices"][0]["message"]["content"])
    assert status == 200 and said["verdict"] in ("yes", "no") and said["score"] <= 5
    assert (counts["requests"], counts["finished"]) == (1, 1)


def test_the_same_seed_gives_the_same_answer() -> None:
    assert ask(FakeSettings(seed=3))[1] == ask(FakeSettings(seed=3))[1]


def test_an_unknown_model_is_refused() -> None:
    status, raw, _ = ask(FakeSettings(), model="other")
    assert status == 404 and json.loads(raw)["error"]["code"] == "model_not_found"


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_never_gives_a_whole_answer(kind: str) -> None:
    settings = FakeSettings(faults={kind: 1.0}, retry_after=0)
    try:
        status, raw, counts = ask(settings)
    except (aiohttp.ClientError, TimeoutError):
        return
    assert counts["faults"] == {kind: 1}
    try:
        [choice] = json.loads(raw)["choices"]
        whole = choice["finish_reason"] == "stop" and status == 200
    except (ValueError, KeyError, TypeError):
        whole = False
    assert not whole


def test_no_more_than_its_slots_are_busy() -> None:
    async def post_all(url: str) -> None:
        async with aiohttp.ClientSession() as session:

            async def post(number: int) -> None:
                turns = [{"role": "user", "content": str(number)}]
                body = {"model": "fake-model", "messages": turns}
                async with session.post(url, json=body) as response:
                    await response.read()

            await asyncio.gather(*map(post, range(30)))

    with running(FakeSettings(slots=4, latency=0.01, jitter=0.5)) as server:
        asyncio.run(post_all(f"{server.url}/chat/completions"))
        counts = server.log.counts()
    assert counts["peak"] == 4 and counts["finished"] == 30
