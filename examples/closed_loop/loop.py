"""The steps of the closed loop one by one, for its controls: make rows, train, ask the model.

Each calls the code that the commands of the same name call, in this process.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.schema import ROW_SCHEMA
from flows.config import RunConfig, read_config
from flows.evaluation.config import EvaluateConfig
from flows.evaluation.evaluate import Evaluation, evaluate
from flows.evaluation.scores import Score
from flows.pipeline import run
from flows.training.finetune import finetune

HERE = Path(__file__).parent
BASE = HERE / "base"
ROOT = HERE.parents[1]
Row = dict[str, Any]


def generate(settings: Path, out: Path, name: str, **over: Any) -> Path:
    """Make a run with the settings of a file, and nothing after it; returns its folder."""
    config = configured(settings, out, name=name, **over)
    return asyncio.run(run(config, SILENT)).folder.path


def configured(settings: Path, out: Path, **over: Any) -> RunConfig:
    """The settings of a file, for runs below `out`, from whatever folder this is called."""
    config = read_config(
        settings, {"output": {"out": str(out)}, "finetune": {"model": str(BASE)}} | over
    )
    specs = (str(ROOT / spec) if spec.startswith("./") else spec for spec in config.apis)
    return config.model_copy(update={"apis": tuple(specs)})


def train(settings: Path, data: Path, out: Path, **over: Any) -> Path:
    """Train an adapter as `callforge finetune` does; returns the adapter's folder."""
    given = {"model": str(BASE), "data": str(data), **over}
    finetune(read_config(settings, {"finetune": given}).finetune, out)
    return out / "adapter"


def exact_match(
    data: Path, adapter: Path | None, out: Path, *, model: Path = BASE, questions: int = 200
) -> Score:
    """How many queries of a data set's split `test` are answered with the right calls."""
    found = ask(data, adapter, out, model=model, questions=questions)
    return found.scores["plain"].total["exact"]


def ask(
    data: Path, adapter: Path | None, out: Path, *, model: Path = BASE, questions: int = 200
) -> Evaluation:
    """Ask the queries of a data set's split `test`, as `callforge evaluate` does."""
    config = EvaluateConfig(
        model=model.name,
        transformers=str(model),
        adapter=str(adapter) if adapter else "",
        data=str(data),
        splits=("test",),
        variants=("plain",),
        max_tokens=96,
        questions=questions,
        out=str(out),
    )
    return asyncio.run(evaluate(config))


def rows_of(run_folder: Path, split: str) -> list[Row]:
    """The rows of one split of a run's data set."""
    files = sorted((run_folder / "dataset").glob(f"{split}-*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def drafted_rows(run_folder: Path) -> Iterator[Row]:
    """All drafts of a run that call anything, kept or rejected, in the order they were planned."""
    return (row for row in drafts_of(run_folder) if row["n_calls"])


def drafts_of(run_folder: Path) -> list[Row]:
    """All drafts of a run, also those that could not be read, in the order they were planned."""
    files = sorted((run_folder / "shards").glob("*.parquet"))
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    return sorted(rows, key=draft_of)


def draft_of(row: Row) -> int:
    """The number of the draft that a row was."""
    return int(json.loads(row["provenance"])["draft"])


def split_of(row: Row) -> str:
    """The split that a row was planned for."""
    return str(json.loads(row["provenance"])["split"])


def permuted(rows: list[Row], seed: int) -> list[Row]:
    """The same rows, each with the calls of another."""
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    taken = dict(zip(order, [*order[1:], order[0]], strict=True))
    changed = []
    for place, row in enumerate(rows):
        other = rows[taken[place]]
        messages = [*row["messages"][:-1], other["messages"][-1]]
        changed.append({**row, "messages": messages, "answers": other["answers"]})
    return changed


def write_rows(folder: Path, splits: dict[str, list[Row]]) -> Path:
    """Write a data set of these rows; returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, rows in splits.items():
        table = pa.Table.from_pylist(rows, schema=ROW_SCHEMA)
        pq.write_table(table, folder / f"{split}-00000-of-00001.parquet")
    return folder


class _Silent:
    """Is told how far a run is, and says nothing."""

    def start(self, total: int, done: int) -> None: ...

    def advance(self, drafts: int, kept: int) -> None: ...

    def finish(self) -> None: ...


SILENT = _Silent()
