"""The closed loop with its controls: is it the verified rows that make the model better?

    python examples/closed_loop/closed_loop.py --out /tmp/closed-loop

The loop itself is one command, `callforge generate --config examples/closed_loop/workshop.toml`:
verified rows of functions that the model in `base/` has never seen, an adapter trained on them, and
200 queries that were not in training, asked before and after. This does the same, and then trains
twice more: on the same rows with the calls exchanged between them, and on as many rows as a
generator writes them that errs, with nothing taken out.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # a model of this size is no work for two cores
sys.path.insert(0, str(Path(__file__).parents[2]))

from examples.closed_loop import loop
from flows.after_run import go_on
from flows.evaluation.comparison import Comparison
from flows.pipeline import run

SETTINGS = loop.HERE / "workshop.toml"
COMMAND = "callforge generate --config examples/closed_loop/workshop.toml"
FAULTS = 0.3
"""Share of the drafts that go wrong where nothing is verified."""
CONTROLS = ("permuted", "unverified")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Loop:
    """What came of it. Scores are exact match, shares of `questions`."""

    run: Path
    trained_on: tuple[loop.Row, ...]
    questions: int
    before: float
    after: float
    controls: dict[str, float]


def close_the_loop(
    out: Path, controls: tuple[str, ...] = CONTROLS, say: Say = print, **finetune: Any
) -> Loop:
    """Run the loop in a folder, and the controls asked for; what is there is not made again.

    `finetune` are settings of the training that differ from the file's.
    """
    config = loop.configured(SETTINGS, out, finetune={"model": str(loop.BASE), **finetune})

    async def whole() -> tuple[Path, Comparison]:
        made = await run(config, loop.SILENT)
        say(f"{made.folder.path}: {made.manifest.statistics.rows:,} rows")
        after = await go_on(config, made.folder, made.manifest, command=COMMAND, say=say)
        assert after.comparison is not None  # noqa: S101 - the settings ask for one
        return made.folder.path, after.comparison

    folder, comparison = asyncio.run(whole())
    exact = comparison.scores["plain"]["exact"]
    rows, held_out = (loop.rows_of(folder, split) for split in ("train", "validation"))
    found: dict[str, float] = {}
    for control in controls:
        if control == "permuted":
            parts = {"train": loop.permuted(rows, 0), "validation": loop.permuted(held_out, 0)}
        else:
            parts = {"train": _unverified(out, len(rows)), "validation": held_out}
        data = loop.write_rows(out / "rows" / control, parts)
        adapter = loop.train(SETTINGS, data, out / "trained" / control, **finetune)
        score = loop.exact_match(folder, adapter, out / f"after-{control}")
        say(f"Exact match after training on {control} rows: {score}")
        found[control] = score.value
    return Loop(folder, tuple(rows), exact.n, exact.before, exact.after, found)


def _unverified(out: Path, count: int) -> list[loop.Row]:
    """So many training rows as a generator writes them that errs, with nothing taken out."""
    over = {"samples": 2 * count, "generator": {"faults": FAULTS}}
    folder = loop.generate(SETTINGS, out, "unverified", **over)
    drafted = [row for row in loop.drafted_rows(folder) if loop.split_of(row) == "train"]
    return drafted[:count]


def main() -> None:
    """Run the loop from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("closed-loop"))
    close_the_loop(parser.parse_args().out)


if __name__ == "__main__":
    main()
