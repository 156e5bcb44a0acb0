"""Whether a set can be answered without understanding it: `python benchmarks/shortcuts.py`.

Makes rows with the embedded generator and the plan as configured, and prints for small classifiers
that see only the tools, only counts, lengths, positions, or only the words that query and tool
share how well they predict style, call or no call, and the called tool. Takes a run's rows instead
with `--run FOLDER`. Exits 1 when an aim is missed.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Run as a file, Python would take its neighbour `verifiers.py` for the package of that name.
sys.path[0] = str(Path(__file__).parent.parent)

import pyarrow.parquet as pq

from api_registry.registry import load_apis
from data.identity import compact_json
from data.rows import tools_json
from data.shortcuts import AIMS, probe
from flows.config import CATALOG
from generators.embedded.generator import write
from generators.plan import Plan
from generators.plan_config import PlanConfig


def made(drafts: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of training drafts, unchecked: what is probed is what the plan puts side by side."""
    plan = Plan(load_apis([CATALOG]).apis, PlanConfig(), seed=seed, shard_size=1000)
    for index in range(drafts):
        draft = plan(index)
        if draft.split != "train":
            continue
        query = write(draft if draft.contrast_of is None else plan(draft.contrast_of)).query
        answers = [] if draft.contrast_of is not None else write(draft).answers
        renamed = {tool.name: tool.api for tool in draft.tools}
        yield {
            "group": draft.group,
            "query": query,
            "tools": tools_json(draft.tools),
            "answers": compact_json(answers),
            "style": draft.style,
            "n_calls": len(answers),
            "n_tools": len(draft.tools),
            "provenance": compact_json({"renamed": renamed}),
        }


def stored(run: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(run.glob("dataset/train-*.parquet")):
        yield from pq.read_table(path).to_pylist()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--drafts", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run", type=Path, help="folder of a run, instead of new rows")
    options = parser.parse_args()
    rows = list(stored(options.run) if options.run else made(options.drafts, options.seed))
    probes = probe(rows)
    print(f"{len(rows):,} rows")
    print(f"{'sees':10} {'predicts':12} {'accuracy':>9} {'chance':>7} {'points':>7}  aim")
    missed = not probes
    for found in probes:
        aim = AIMS.get((found.sees, found.predicts))
        bad = aim is not None and found.points > aim
        missed |= bad
        told = "" if aim is None else f"at most {aim:g}" + (" MISSED" if bad else "")
        print(
            f"{found.sees:10} {found.predicts:12} {found.accuracy:>9.1%} {found.chance:>7.1%} "
            f"{found.points:>+7.1f}  {told}"
        )
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
