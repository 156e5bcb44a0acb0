"""The real vLLM: a model of noise, made on the spot, held to the form by the server alone.

Prints what it measured; `docs/models.md` has the figures and how they were taken.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from api_registry.registry import load_apis
from data.identity import compact_json
from generators.build import GeneratorConfig, open_generator
from generators.endpoint.journal import Journal
from generators.endpoint.settings import EndpointConfig
from generators.llm.response_schema import response_schema
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.prompts import generator_prompt
from generators.types import Completion, Request
from generators.vllm_server.installation import Installation, find_installation
from tests.conftest import make_run

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parents[2]
DRAFTS = 48
LLM = {"model": "tiny", "pairs": 2, "max_tokens": 1500}
LEFT_TO_THE_CHECK = {"bad_format", "bad_pattern", "out_of_range", "no_alternative"}
"""What no schema for xgrammar says: most formats and patterns, and many multiples, also within
alternatives."""


@dataclass(frozen=True)
class Served:
    """A server that `callforge serve` started."""

    url: str
    process: "subprocess.Popen[str]"
    family: list[int]
    """All processes below it."""
    seconds: float
    """Until it answered."""

    def metrics(self) -> dict[str, float]:
        """Counters of the server, summed over their labels."""
        origin = self.url.removesuffix("/v1")
        with urllib.request.urlopen(f"{origin}/metrics") as response:
            text = response.read().decode()
        found: dict[str, float] = {}
        for name, value in re.findall(r"^vllm:(\w+)(?:\{.*\})? (\S+)$", text, re.MULTILINE):
            found[name] = found.get(name, 0.0) + float(value)
        return found


@pytest.fixture(scope="module")
def installation() -> Installation:
    return find_installation()


@pytest.fixture(scope="module")
def model(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows nothing."""
    folder = tmp_path_factory.mktemp("model")
    corpus = folder / "corpus.txt"
    apis = load_apis(["api_registry.catalog"]).apis
    tools = [f"{api.description} {compact_json(api.parameters)}" for api in apis]
    corpus.write_text("\n".join([generator_prompt(), *tools]), encoding="utf-8")
    script = Path(__file__).with_name("tiny_model.py")
    subprocess.run([installation.python, "-P", script, folder / "tiny", corpus], check=True)
    return folder / "tiny"


@pytest.fixture(scope="module")
def adapter(
    installation: Installation, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What it learned is noise as well; its folder is laid out as a fine-tuning leaves it."""
    folder = tmp_path_factory.mktemp("tuned") / "noise"
    script = Path(__file__).with_name("tiny_adapter.py")
    command = [installation.python, "-P", script, model, folder / "adapter", "24"]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="module")
def served(
    model: Path, adapter: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("server")
    # Where tool calls are to be forced, vLLM wants to know how the model writes its own.
    tools = ["--", "--enable-auto-tool-choice", "--tool-call-parser", "hermes"]
    command = [sys.executable, "-m", "flows.cli", "serve", "--model", str(model)]
    command += ["--adapter", str(adapter)]
    started = time.monotonic()
    with subprocess.Popen(
        [*command, "--log", str(folder / "vllm.log"), *tools],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        found = re.match(r"Serving tiny at (\S+) until Ctrl-C", line)
        assert found, line
        family = descendants(process.pid)
        yield Served(found[1], process, family, time.monotonic() - started)
        process.terminate()


def descendants(pid: int) -> list[int]:
    """Processes that a process has started, and those that they have."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    parents = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    below, found = [pid], []
    while below:
        one = below.pop()
        children = [child for child, parent in parents if parent == one]
        found += children
        below += children
    return found


@pytest.mark.parametrize("structured", ["json_schema", "tools"])
def test_every_answer_of_a_model_of_noise_fits_its_schema(
    structured: str, served: Served, tmp_path: Path
) -> None:
    config = GeneratorConfig.model_validate(
        {"name": "llm", "llm": LLM | {"structured": structured, "thoughts": True}}
    )
    apis = load_apis(["api_registry.catalog"]).apis
    plan = Plan(apis, PlanConfig(), seed=1, shard_size=1000)
    requests = [
        Request(index=first // 2, plans=tuple(map(plan, range(first, first + 2))))
        for first in range(0, DRAFTS, 2)
    ]

    async def ask() -> list[Completion]:
        endpoint = EndpointConfig(base_urls=(served.url,), concurrency=16)
        with Journal(tmp_path, 1000) as journal:
            async with open_generator(config, endpoint, journal, 1) as opened:
                return await asyncio.gather(*map(opened.generator.draft, requests))

    before, started = served.metrics(), time.monotonic()
    answers = asyncio.run(ask())
    seconds, after = time.monotonic() - started, served.metrics()
    for request, answer in zip(requests, answers, strict=True):
        schema = response_schema(request.plans, thoughts=True)
        jsonschema.validate(json.loads(answer.text), schema)
        assert answer.finish_reason != "length"
    counts = {name: after[name] - before.get(name, 0) for name in after}
    print(f"\n{structured}: {len(answers)} of {len(answers)} answers fit their schema")
    print(figures(seconds, counts))
    assert counts["prefix_cache_hits_total"] > 0


def test_a_whole_run_with_a_judge_loses_nothing_to_the_form(served: Served, tmp_path: Path) -> None:
    before, started = served.metrics(), time.monotonic()
    result = make_run(
        tmp_path,
        samples=DRAFTS,
        generator={"name": "llm", "llm": LLM},
        judge={"models": ["tiny"], "calibration": 8},
        endpoint={"base_urls": [served.url], "concurrency": 16},
        output={"out": str(tmp_path), "shard_size": DRAFTS},
    )
    seconds, after = time.monotonic() - started, served.metrics()
    funnel = result.manifest.funnel
    assert funnel.drafts == DRAFTS
    rejected = funnel.rejected
    asked = DRAFTS - sum(rejected.get("generation", {}).values())
    passed = asked - sum(rejected.get("format", {}).values())
    print(f"\nserver ready after {served.seconds:.0f} s, {len(served.family)} processes")
    print(f"format passed by {passed} of {asked} drafts; rejected: {json.dumps(rejected)}")
    print(figures(seconds, {name: after[name] - before.get(name, 0) for name in after}))
    assert not rejected.get("format", {}).keys() - LEFT_TO_THE_CHECK
    assert not rejected.get("generation", {}).keys() - {"base_rejected"}
    assert "judge_failed" not in rejected.get("semantic", {})


def figures(seconds: float, counts: dict[str, float]) -> str:
    """What the server counted, in words."""
    written, read = counts["generation_tokens_total"], counts["prefix_cache_queries_total"]
    hits = counts["prefix_cache_hits_total"]
    return (
        f"{seconds:.0f} s; {written:,.0f} tokens written, {written / seconds:,.0f}/s; prompts of "
        f"{read:,.0f} tokens, {hits:,.0f} found in the prefix cache ({hits / max(read, 1):.0%})"
    )


def test_an_adapter_answers_under_its_own_name_and_otherwise(served: Served) -> None:
    def said(model: str) -> str:
        body = {"model": model, "prompt": "Weather in Oslo?", "max_tokens": 32, "temperature": 0}
        request = urllib.request.Request(
            f"{served.url}/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as response:
            return str(json.loads(response.read())["choices"][0]["text"])

    with urllib.request.urlopen(f"{served.url}/models") as response:
        names = {each["id"] for each in json.loads(response.read())["data"]}
    assert names == {"tiny", "noise"}
    plain, adapted = said("tiny"), said("noise")
    assert plain == said("tiny")
    assert adapted == said("noise")
    assert plain != adapted


def test_the_server_ends_without_orphans(served: Served) -> None:
    served.process.terminate()
    assert served.process.wait(timeout=120) == 0
    left = set(served.family) & set(running())
    assert not left


def running() -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=True)
    return [int(line) for line in listed.stdout.split()]
