"""How hard rows are for a model: asked k times, how often it is right.

The share of right answers goes to the column `difficulty` (1: always right, 0: never), by which
training rows can be chosen. Wrong answers are kept beside it: answers of the model's own, as
preference training wants them for its rejected side.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.errors import UsageError
from api_registry.names import SafeNames
from data.identity import json_line
from data.whole_files import appearing
from flows.evaluation.asking import called_by_name, request_body
from flows.evaluation.config import EvaluateConfig
from flows.evaluation.evaluate import outcome_line
from flows.evaluation.outcomes import Outcome, outcome
from flows.evaluation.questions import Question, parquet_files, read_rows
from generators.endpoint.client import Endpoint
from generators.endpoint.journal import Journal
from generators.types import RequestFailed

_PER_FILE = 1000
_COLUMN = "difficulty"


@dataclass(frozen=True)
class Difficulty:
    """What was measured."""

    files: tuple[Path, ...]
    """Copies of the data set's files, with the column filled."""
    wrong: Path
    """JSON lines: each wrong answer, with what was expected."""
    rows: int
    """Rows measured; the column stays null in the others."""
    mean: float
    """Share of answers that are right, over all rows."""


async def measure(
    config: EvaluateConfig, k: int, say: Callable[[str], None] = lambda line: None
) -> Difficulty:
    """Ask every row of a data set `k` times and write copies of its files with the share of right
    answers; the same command goes on where it stopped.

    A request that failed for good counts neither way. Raises `UsageError` for what is no data set
    of Parquet files, or has no such column.
    """
    files = parquet_files(Path(config.data), config.splits)
    _check(files, Path(config.out))
    questions = [q for file in files for q in read_rows(file).questions]
    folder = Path(config.out)
    folder.mkdir(parents=True, exist_ok=True)
    say(f"{len(questions):,} rows, {k} times each")
    with Journal(folder / "journal", _PER_FILE) as journal:
        async with Endpoint(config.endpoint, journal) as endpoint:
            tries = await asyncio.gather(
                *(_tries(n, q, k, endpoint, config) for n, q in enumerate(questions))
            )
    shares = {
        question.id: sum(found.valid for found in outcomes) / len(outcomes)
        for question, outcomes in zip(questions, tries, strict=True)
        if outcomes
    }
    if not shares:
        raise UsageError("not one request was answered: there is nothing to write")
    written = tuple(_with_column(file, folder / file.name, shares) for file in files)
    wrong = folder / "wrong.jsonl"
    with appearing(wrong, "--out") as opened:
        for line in _wrong(tries):
            opened.write(json_line(line).encode("utf-8", "replace") + b"\n")
    return Difficulty(written, wrong, len(shares), sum(shares.values()) / len(shares))


async def _tries(
    number: int, question: Question, k: int, endpoint: Endpoint, config: EvaluateConfig
) -> list[Outcome]:
    names = SafeNames(tool.name for tool in question.tools)
    body = request_body(question, names, config)

    async def one(attempt: int) -> Outcome | None:
        # The same request again would be the same answer for caches on the way.
        asked = {**body, "user": f"callforge-{attempt}"}
        try:
            answer = await endpoint.complete(
                asked, purpose="difficulty", draft=number, attempt=attempt
            )
        except RequestFailed:
            return None
        return outcome(question, called_by_name(answer, question, names), mode="strict")

    found = await asyncio.gather(*(one(attempt) for attempt in range(k)))
    return [each for each in found if each is not None]


def _wrong(tries: list[list[Outcome]]) -> Iterator[dict[str, Any]]:
    """Wrong answers, each of a row once."""
    for outcomes in tries:
        seen: set[str] = set()
        for found in outcomes:
            said = json_line([found.prediction.calls, found.prediction.text])
            if not found.valid and said not in seen:
                seen.add(said)
                yield outcome_line(found)


def _check(files: list[Path], folder: Path) -> None:
    """Refuse before anything is asked what could not be written. Raises `UsageError`."""
    for file in files:
        if folder.exists() and folder.samefile(file.parent):
            raise UsageError(f"--out `{folder}` is the data set itself: name another folder")
        try:
            columns = pq.read_schema(file).names
        except (OSError, pa.ArrowException) as error:
            raise UsageError(f"`{file}` cannot be read as Parquet: {error}") from error
        if not {"id", _COLUMN} <= set(columns):
            raise UsageError(f"`{file}` has no columns `id` and `{_COLUMN}`: is it one of ours?")


def _with_column(source: Path, target: Path, shares: Mapping[str, float]) -> Path:
    table = pq.read_table(source)
    place = table.column_names.index(_COLUMN)
    values = pa.array([shares.get(str(row)) for row in table["id"].to_pylist()], pa.float64())
    with appearing(target, "--out") as file:
        pq.write_table(
            table.set_column(place, table.schema.field(place), values), file,
            compression="zstd", write_page_checksum=True,
        )  # fmt: skip
    return target
