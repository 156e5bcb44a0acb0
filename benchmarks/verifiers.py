"""What the verifiers catch: `python benchmarks/verifiers.py [--per-kind 200] [--clean 3000]`.

Plants faults of every kind in right drafts over the shipped catalogue. Which stage can see a mutant
is declared beforehand by a test that shares no code with the verifiers: plain `json` and
`jsonschema` for format, a direct call of the function for execution, a search for the changed value
in the query's text for semantic. A mutant that says the same as the right answer is discarded; one
that no such test sees is counted as undecidable. Exits 1 when an aim is missed.
"""

import argparse
import asyncio
import json
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

# Run as a file, Python would take this very file for the package `verifiers`.
sys.path[0] = str(Path(__file__).parent.parent)

import jsonschema

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.signatures import read_signature
from api_registry.sources.python_source import resolve
from api_registry.types import Api, Tool
from flows.config import CATALOG
from flows.drafting import Line
from generators.embedded.faults import KINDS, LENGTH, plant
from generators.embedded.generator import EmbeddedGenerator
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import Completion, DraftPlan, Request
from verifiers.build import build_verifiers
from verifiers.parsing import parse

AIM_CAUGHT = 0.99
STAGES = ("format", "execution", "semantic")

UNDECIDABLE = frozenset(
    {"wrong_enum", "flipped_boolean", "swapped_arguments", "dropped_call", "wrong_tool"}
)
"""Kinds that leave a valid, running call whose values all stand in the query: telling them from a
right answer takes an understanding of what was meant, which rules do not have."""

RELATIVE = re.compile(
    r"today|tomorrow|yesterday|this coming|next|\b(days?|weeks?|months?|years?)\b"
)
"""Words with which a query may speak of a date that it does not write out."""


class Declarer:
    """Says which stage can see a fault, with tools of its own."""

    def __init__(self, apis: tuple[Api, ...]) -> None:
        self.functions = {api.name: resolve(api.ref) for api in apis}

    def stage(self, kind: str, completion: Completion, plan: DraftPlan, right: Any) -> str:
        """Return `format`, `execution`, `semantic`, `undecidable` or `same`."""
        if completion.finish_reason == LENGTH:
            return "format"
        try:
            answer = json.loads(completion.text, parse_constant=_refuse, object_pairs_hook=_once)
        except ValueError:
            return "format"
        pair = answer["pairs"][0]
        if not pair["answers"] and not pair.get("reply"):
            return "format"
        if pair == right:
            return "same"
        schemas = {tool.name: tool.parameters for tool in plan.tools}
        for call in pair["answers"]:
            if call["name"] not in schemas:
                return "format"
            checker = jsonschema.FormatChecker(("date",))
            validator = jsonschema.Draft202012Validator(
                schemas[call["name"]], format_checker=checker
            )
            if not validator.is_valid(call["arguments"]):
                return "format"
        tools = {tool.name: tool for tool in plan.tools}
        if any(not self._runs(tools[call["name"]], call["arguments"]) for call in pair["answers"]):
            return "execution"
        relative = kind == "wrong_date" and RELATIVE.search(pair["query"].lower())
        if kind in UNDECIDABLE or relative or _stands_in_query(pair, right, _defaults(plan)):
            return "undecidable"
        return "semantic"

    def _runs(self, tool: Tool, given: dict[str, Any]) -> bool:
        function = self.functions[tool.api]
        arguments = {tool.argument_names.get(name, name): value for name, value in given.items()}
        try:
            args, kwargs = read_signature(function).bind(arguments)
            function(*args, **kwargs)
        except Exception:
            return False
        return True


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key")
    return dict(pairs)


def _stands_in_query(pair: dict[str, Any], right: dict[str, Any], defaults: set[Any]) -> bool:
    """Whether every changed value is a default, null, or found as it is in the query."""
    if pair["query"] != right["query"] or pair["answers"] == right["answers"]:
        return False
    before = [json.dumps(call, sort_keys=True) for call in right["answers"]]
    if any(
        json.dumps(call, sort_keys=True) in json.dumps([json.loads(b) for b in before])
        for call in pair["answers"]
    ) and len(pair["answers"]) > len(before):
        return False  # the same call once more
    values = _scalars(pair["answers"]) - _scalars(right["answers"]) - defaults - {None}
    text = right["query"].lower().replace(",", "")
    return all(str(value).lower() in text for value in values)


def _defaults(plan: DraftPlan) -> set[Any]:
    """Default values of the offered tools: writing one out contradicts nothing."""
    return {
        found
        for tool in plan.tools
        for schema in tool.parameters.get("properties", {}).values()
        for found in _scalars(schema.get("default"))
    }


def _scalars(value: Any) -> set[Any]:
    if isinstance(value, dict):
        return {found for item in value.values() for found in _scalars(item)}
    if isinstance(value, list):
        return {found for item in value for found in _scalars(item)}
    return {value} if not isinstance(value, bool) else set()


async def measure(per_kind: int, clean: int, seed: int) -> bool:
    apis = load_apis([CATALOG]).apis
    plan = Plan(apis, PlanConfig(), seed=seed, shard_size=1000)
    generator = EmbeddedGenerator()
    declarer = Declarer(apis)
    async with RunnerPool(apis, ExecutionConfig()) as pool:
        line = Line(plan, generator, build_verifiers(pool, apis))
        rejected = await _clean(line, clean)
        print(f"clean drafts: {clean:,}, rejected: {rejected} (aim 0)")
        print(
            f"{'kind':20}{'planted':>8}{'same':>6}{'decidable':>10}{'caught':>8}{'share':>8}"
            f"{'undecid.':>9}{'caught':>7}   caught in"
        )
        decidable = caught = 0
        for kind in KINDS:
            counts, stages = await _kind(line, declarer, kind, per_kind)
            seen = sum(counts[stage] for stage in STAGES)
            share = f"{counts['caught'] / seen:7.1%}" if seen else "      –"
            found = ", ".join(f"{stage} {count}" for stage, count in sorted(stages.items()))
            print(
                f"{kind:20}{counts['planted']:>8}{counts['same']:>6}{seen:>10}"
                f"{counts['caught']:>8} {share}{counts['undecidable']:>9}"
                f"{counts['caught undecidable']:>7}   {found}"
            )
            decidable += seen
            caught += counts["caught"]
    print(f"decidable: {decidable:,}, caught {caught / decidable:.2%} (aim ≥ {AIM_CAUGHT:.0%})")
    return rejected == 0 and caught / decidable >= AIM_CAUGHT


async def _clean(line: Line, count: int) -> int:
    rejected = 0
    for index in range(count):
        draft = line.plan(index)
        if draft.contrast_of is not None:
            continue
        request = Request(index=index, plans=(draft,))
        completion = await line.generator.draft(request)
        [sample] = parse(completion, request, generator=line.generator.name).samples
        sample = await line.check(sample)
        if sample.rejected:
            rejected += 1
            print(f"rejected though right: {sample.rejected.detail} | {sample.query}")
    return rejected


async def _kind(
    line: Line, declarer: Declarer, kind: str, wanted: int
) -> tuple[Counter[str], Counter[str]]:
    counts: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    for index in range(wanted * 40):
        if counts["planted"] >= wanted:
            break
        draft = line.plan(index)
        request = Request(index=index, plans=(draft,))
        completion = await line.generator.draft(request)
        right = json.loads(completion.text)["pairs"][0]
        mutant = plant(kind, completion, draft, random.Random(f"{kind}/{index}"))
        if mutant is None or draft.style in ("irrelevant", "missing_argument"):
            continue
        counts["planted"] += 1
        stage = declarer.stage(kind, mutant, draft, right)
        counts[stage] += 1
        if stage == "same":
            continue
        [sample] = parse(mutant, request, generator=line.generator.name).samples
        sample = await line.check(sample)
        if sample.rejected:
            counts["caught undecidable" if stage == "undecidable" else "caught"] += 1
            stages[sample.rejected.stage] += 1
        elif stage != "undecidable" and counts["shown"] < 2:
            counts["shown"] += 1
            print(f"missed {kind}: {sample.query} | {mutant.text[-200:]}", file=sys.stderr)
    return counts, stages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-kind", type=int, default=200)
    parser.add_argument("--clean", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    met = asyncio.run(measure(arguments.per_kind, arguments.clean, arguments.seed))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
