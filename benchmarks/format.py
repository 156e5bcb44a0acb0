"""Speed of the format check and the rules: `python benchmarks/format.py [--drafts 4000]`.

One process; seconds are of processor time. Completions of the embedded generator over the
shipped catalogue are parsed, their calls checked against schemas (compiled once, and compiled for
every row as in data sets whose tools differ from row to row), and the rows taken through the format
check and the semantic rules.
Then the hostile texts of the tests are parsed, with and without repair, hostile patterns matched
and hostile queries read. Exits 1 when an aim is missed.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Run as a file, Python would take the benchmark of the verifiers for the package `verifiers`.
sys.path[0] = str(Path(__file__).parent.parent)

from api_registry.registry import load_apis
from api_registry.schema_check import check_arguments
from api_registry.types import Call, Tool
from data.types import Sample, Turn
from flows.config import CATALOG
from generators.embedded.generator import EmbeddedGenerator
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import Completion, Request
from verifiers.answers import NoAnswer
from verifiers.format_check import FormatVerifier
from verifiers.pairs import read_pairs
from verifiers.parsing import parse
from verifiers.semantic import SemanticVerifier

AIM_COMPLETIONS = 10_000
AIM_VALIDATIONS = 100_000
AIM_COMPILED = 5_000
AIM_ROWS = 2_500
"""Per core: 5,000 on two."""
AIM_WORST = 0.5

PATTERNS = (r"(a+)+$", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^(a|aa)+(?!b)$", r"((a*)*)*\2b",
            r"^(?=x?)(a+)+\1$", r"(x+x+)+y")  # fmt: skip
QUERIES: dict[str, str] = {
    "digits": "9" * 200_000,
    "numbers": "1 " * 100_000,
    "number words": "one hundred thousand " * 10_000,
    "dates": "1/2/2027 " * 20_000,
    "months": "may " * 50_000,
    "clock times": "10:30 pm " * 20_000,
    "units": "5 ft 10 in " * 20_000,
    "quotes": "'\"" * 100_000,
    "dashes": "-" * 200_000,
    "spaces": "a" + " " * 200_000 + "b",
    "underscores": "from_unit_" * 20_000,
    "braces": '{"a":' * 40_000,
    "ignore": "ignore all " * 20_000,
    "commas": "1,000," * 30_000,
    "at signs": "a@" * 100_000,
    "letters": "a" * 200_000,
}


def drafts(count: int) -> list[tuple[Request, Completion]]:
    """Requests and what the embedded generator answers."""
    plan = Plan(load_apis([CATALOG]).apis, PlanConfig(), seed=0, shard_size=1000)
    generator = EmbeddedGenerator()
    requests = [
        Request(index=index, plans=(draft,))
        for index in range(count)
        if (draft := plan(index)).contrast_of is None
    ]
    return [(request, asyncio.run(generator.draft(request))) for request in requests]


def rate(title: str, count: int, aim: int, work: Callable[[], Any]) -> bool:
    started = time.process_time()
    work()
    per_second = count / (time.process_time() - started)
    print(f"{title:52}{per_second:>12,.0f}/s   (aim ≥ {aim:,})")
    return per_second >= aim


def seconds(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(count: int) -> bool:
    pairs = drafts(count)
    samples = [s for r, c in pairs for s in parse(c, r, generator=EmbeddedGenerator.name).samples]
    calls = [(s, {t.name: t for t in s.tools}[c.name], c) for s in samples for c in s.calls]

    def compile_and_validate() -> None:
        for _, tool, call in calls:
            fresh = tool.model_copy()
            if check_arguments(fresh, call.arguments):
                raise SystemExit(f"a right call is refused: {call}")

    async def rows() -> None:
        checks = (FormatVerifier(), SemanticVerifier())
        for sample in samples:
            for check in checks:
                sample = await check.check(sample)
            if sample.rejected:
                raise SystemExit(f"a right row is refused: {sample.rejected}")

    met = [
        rate("completions read", len(pairs), AIM_COMPLETIONS,
             lambda: [read_pairs(completion) for _, completion in pairs]),
        rate("calls validated", len(calls), AIM_VALIDATIONS,
             lambda: [check_arguments(tool, call.arguments) for _, tool, call in calls]),
        rate("calls validated, every schema new", len(calls), AIM_COMPILED, compile_and_validate),
        rate("rows through format check and rules", len(samples), AIM_ROWS,
             lambda: asyncio.run(rows())),
    ]  # fmt: skip
    return all([*met, hostile_completions(), hostile_patterns(), hostile_queries()])


def worst(title: str, took: dict[str, float]) -> bool:
    name = max(took, key=lambda key: took[key])
    print(f"{title:40}worst {took[name]:7.3f} s: {name}   (aim < {AIM_WORST} s)")
    return took[name] < AIM_WORST


def hostile_completions() -> bool:
    from tests.verifiers.test_pairs import HOSTILE

    met = []
    for repair in (False, True):
        took = {}
        for name, text in HOSTILE.items():
            started = time.process_time()
            try:
                read_pairs(Completion(text=text), repair=repair)
            except NoAnswer:
                took[name] = time.process_time() - started
        met.append(worst(f"hostile completions, repair {'on' if repair else 'off'}", took))
    return all(met)


def hostile_patterns() -> bool:
    took = {}
    for pattern in PATTERNS:
        schema = {"type": "object", "properties": {"x": {"type": "string", "pattern": pattern}}}
        tool = Tool(name="t", description="", parameters=schema, api="t")
        took[pattern] = seconds(lambda tool=tool: check_arguments(tool, {"x": "a" * 50_000 + "!"}))
    return worst("hostile patterns", took)


def hostile_queries() -> bool:
    schema = {"type": "object", "properties": {n: {} for n in ("n", "day", "at", "to_unit", "w")}}
    tool = Tool(name="t", description="", parameters=schema, api="t")
    arguments = {"n": 7.25, "day": "2031-05-06", "at": "03:07", "to_unit": "mile", "w": "x-1234 y"}
    took = {}
    for name, query in QUERIES.items():
        turns = (
            Turn(role="user", content=query),
            Turn(role="assistant", calls=(Call(id="call_0", name="t", arguments=arguments),)),
        )
        sample = Sample(id="0", group="0", turns=turns, tools=(tool,), style="s", category="c")
        took[name] = seconds(lambda s=sample: list(SemanticVerifier().problems(s, {})))
    return worst("hostile queries", took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--drafts", type=int, default=4000)
    sys.exit(0 if measure(parser.parse_args().drafts) else 1)


if __name__ == "__main__":
    main()
