"""Rows of other people's format with known errors: `python benchmarks/planted_rows.py OUT.jsonl`.

In xLAM's format, half of them with types in Python's words, over 3,600 distinct tools, with an
error of a known kind in every fifth row. `verify.py` audits them; run alone, this prints how many
rows must be given which verdict.
"""

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Run as a file, Python would take the folder of benchmarks for the packages beside it.
sys.path[0] = str(Path(__file__).parent.parent)

from api_registry.registry import load_apis
from data.formats.hints import flat_parameters
from flows.config import CATALOG
from generators.embedded.generator import EmbeddedGenerator
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import Request

ERROR_EVERY = 5
COPIES = 36
"""Of each tool, under names of their own: with 100 APIs, as many tools as APIGen's 3,673."""
SHARES = {"simple": 0.3, "multiple": 0.25, "parallel": 0.2, "parallel_multiple": 0.25}

Row = dict[str, Any]
Fault = Callable[[Row, random.Random], "str | Row | None"]
"""From a right row, decoded, to a wrong one or to the text of a line; None where none applies."""


def clean_rows(count: int, seed: int) -> Iterator[Row]:
    """Yield right rows: drafts of the embedded generator, their tools under many names."""
    base = asyncio.run(_drafts(min(count, 6000), seed))
    rng = random.Random(seed)
    for index in range(count):
        draft = base[index % len(base)]
        suffix = f"_{rng.randrange(COPIES)}"
        tools = [{**tool, "name": tool["name"] + suffix} for tool in draft["tools"]]
        yield {
            "id": index,
            "query": draft["query"],
            "tools": tools if index % 2 else [_hinted(tool) for tool in tools],
            "answers": [
                {"name": call["name"] + suffix, "arguments": dict(call["arguments"])}
                for call in draft["answers"]
            ],
        }


def _hinted(tool: Row) -> Row:
    """A tool in xLAM's own way: a flat mapping, types in Python's words."""
    return {**tool, "parameters": flat_parameters(tool["parameters"])}


async def _drafts(count: int, seed: int) -> list[Row]:
    # As they are: renamed, masked and shuffled tools would be several times as many as a set has.
    settings = PlanConfig(shares=SHARES, variants={})
    plan = Plan(load_apis((CATALOG,)).apis, settings, seed=seed, shard_size=1000)
    generator = EmbeddedGenerator()
    drafts = []
    for index in range(count):
        draft = plan(index)
        if draft.context is not None:
            continue  # xLAM's rows have no system turn to tell the date
        completion = await generator.draft(Request(index=index, plans=(draft,)))
        [pair] = json.loads(completion.text)["pairs"]
        tools = [
            tool.model_dump(include={"name", "description", "parameters"}) for tool in draft.tools
        ]
        drafts.append({"query": pair["query"], "answers": pair["answers"], "tools": tools})
    return drafts


def _encoded(row: Row) -> str:
    return json.dumps(
        {**row, "tools": json.dumps(row["tools"]), "answers": json.dumps(row["answers"])},
        ensure_ascii=False,
    )


def _arguments(row: Row, fits: Callable[[Any], bool]) -> list[tuple[Row, str]]:
    return [
        (call["arguments"], name)
        for call in row["answers"]
        for name, value in call["arguments"].items()
        if fits(value)
    ]


def _schema(row: Row, call: Row) -> Row:
    [tool] = [tool for tool in row["tools"] if tool["name"] == call["name"]]
    schema: Row = tool["parameters"]
    return schema


def _set(
    row: Row, rng: random.Random, fits: Callable[[Any], bool], value: Callable[[Any], Any]
) -> Row | None:
    places = _arguments(row, fits)
    if not places:
        return None
    arguments, name = rng.choice(places)
    arguments[name] = value(arguments[name])
    return row


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def wrong_type(row: Row, rng: random.Random) -> Row | None:
    for call in row["answers"]:
        schema = _schema(row, call)
        for name, described in schema.get("properties", schema).items():
            plain = described.get("type") in ("number", "integer", "float", "int")
            if plain and _is_number(call["arguments"].get(name)):
                call["arguments"][name] = str(call["arguments"][name])
                return row
    return None


def ungrounded_number(row: Row, rng: random.Random) -> Row | None:
    if "type" not in _schema(row, row["answers"][0]):
        # Types alone, no bounds that the number could break as well.
        return _set(row, rng, lambda v: type(v) is float, lambda v: 918273.6455)
    return None


def missing_argument(row: Row, rng: random.Random) -> Row | None:
    for call in row["answers"]:
        schema = _schema(row, call)
        if schema.get("type") == "object" and schema.get("required"):
            call["arguments"].pop(schema["required"][0], None)
            return row
    return None


def unknown_argument(row: Row, rng: random.Random) -> Row | None:
    rng.choice(row["answers"])["arguments"]["verbose_output"] = True
    return row


def not_in_enum(row: Row, rng: random.Random) -> Row | None:
    for call in row["answers"]:
        for name, schema in _schema(row, call).get("properties", {}).items():
            if schema.get("type") == "string" and "enum" in schema and name in call["arguments"]:
                call["arguments"][name] = "none of these"
                return row
    return None


def unknown_tool(row: Row, rng: random.Random) -> Row | None:
    rng.choice(row["answers"])["name"] = "do_what_was_asked"
    return row


def not_a_call(row: Row, rng: random.Random) -> Row | None:
    row["answers"][0] = f"{row['answers'][0]['name']}()"
    return row


def duplicate_call(row: Row, rng: random.Random) -> Row | None:
    row["answers"].append(dict(row["answers"][0]))
    return row


def leaked_identifier(row: Row, rng: random.Random) -> Row | None:
    for call in row["answers"]:
        for name in call["arguments"]:
            if "_" in name.strip("_"):
                row["query"] += f" Use that as {name}."
                return row
    return None


def bad_tools(row: Row, rng: random.Random) -> Row | None:
    row["tools"].append({**row["tools"][0], "parameters": {"x": {"type": "str"}}})
    return row


def missing_field(row: Row, rng: random.Random) -> str | None:
    return json.dumps({"id": row["id"], "query": row["query"], "tools": json.dumps(row["tools"])})


def malformed_row(row: Row, rng: random.Random) -> str | None:
    return _encoded(row)[:-2]


def malformed_json(row: Row, rng: random.Random) -> str | None:
    answers = json.dumps(row["answers"])
    broken = rng.choice((answers[:-1], answers.replace('"', "'"), f"Sure! {answers}"))
    return json.dumps({**row, "tools": json.dumps(row["tools"]), "answers": broken})


FAULTS: dict[str, tuple[str, Fault]] = {
    fault.__name__: (stage, fault)
    for stage, faults in (
        (
            "format",
            (
                bad_tools,
                malformed_json,
                malformed_row,
                missing_argument,
                missing_field,
                not_a_call,
                not_in_enum,
                unknown_argument,
                unknown_tool,
                wrong_type,
            ),
        ),
        ("semantic", (duplicate_call, leaked_identifier, ungrounded_number)),
    )
    for fault in faults
}
"""Each is named after the reason that its rows must be given."""


def write_rows(path: Path, count: int, seed: int) -> list[str]:
    """Write the file; return what each row's verdict must be: `passed` or `stage/reason`."""
    rng = random.Random(seed)
    kinds = sorted(FAULTS)
    expected = []
    with path.open("w", encoding="utf-8") as file:
        for index, row in enumerate(clean_rows(count, seed)):
            line: str | None = None
            wanted = "passed"
            if index % ERROR_EVERY == 0:
                for kind in rng.sample(kinds, len(kinds)):
                    stage, fault = FAULTS[kind]
                    wrong = fault(json.loads(json.dumps(row)), rng)
                    if wrong is not None:
                        line = wrong if isinstance(wrong, str) else _encoded(wrong)
                        wanted = f"{stage}/{kind}"
                        break
            file.write((line or _encoded(row)) + "\n")
            expected.append(wanted)
    return expected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="file of JSON lines")
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    for kind, count in sorted(Counter(write_rows(options.out, options.rows, options.seed)).items()):
        print(f"{kind:34}{count:>8,}")


if __name__ == "__main__":
    main()
