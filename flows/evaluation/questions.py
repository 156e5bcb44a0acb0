"""What models are asked, and what is right: BFCL's own files, or rows of a data set."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_registry.errors import UsageError
from api_registry.types import Call, Tool
from data.formats import READERS, detect
from data.formats.imported import BadRow, Imported
from data.formats.results import decoded, read_results
from data.formats.tools import read_tools
from data.reading.batches import UnreadableFile
from data.reading.files import ANY, open_rows
from verifiers.answers import NoAnswer
from verifiers.matching import expected_of
from verifiers.written_calls import read_call

Message = dict[str, str]


@dataclass(frozen=True)
class Question:
    """One question with its tools and the calls that are right."""

    id: str
    messages: tuple[Message, ...]
    """`role` and `content` of each turn before the answer."""
    tools: tuple[Tool, ...]
    functions: tuple[Any, ...]
    """The tools as matching takes them: BFCL's documents, or `tools`."""
    expected: tuple[dict[str, dict[str, list[Any]]], ...] | None
    """Empty: nothing is to be called; None: something is, whatever it be (BFCL's relevance)."""
    category: str = ""
    style: str = ""
    split: str = ""
    calls: tuple[Call, ...] = ()
    """The right calls as the row has them; BFCL's answers say only what is allowed."""
    results: tuple[Any, ...] | None = None
    """What they give back, one value per call, where it is known."""
    environment: str | None = None
    """What calls share a state in and start from: `Sample.environment`."""

    @property
    def cluster(self) -> str:
        """What makes questions alike: the tools that are to be called, else those on offer."""
        if self.expected:
            return ",".join(sorted({name for call in self.expected for name in call}))
        return ",".join(sorted(tool.name for tool in self.tools))


@dataclass(frozen=True)
class QuestionSet:
    """The questions of a data set."""

    questions: tuple[Question, ...]
    passed_over: int = 0
    """Rows that ask nothing, or cannot be read."""


_FILE = re.compile(r"BFCL_v\d+_(\w+?)(?:_result)?\.json")
BFCL_CATEGORIES = (
    "simple_python simple multiple parallel parallel_multiple live_simple live_multiple "
    "live_parallel live_parallel_multiple irrelevance live_irrelevance live_relevance"
).split()
"""The single-turn ones that are checked in Python's way; `simple` was the name until version 3."""


def bfcl_category(path: Path) -> str | None:
    """The category of a question, answer or result file, None for other files."""
    match = _FILE.fullmatch(path.name)
    return match.group(1) if match and match.group(1) in BFCL_CATEGORIES else None


def read_bfcl(folder: Path) -> QuestionSet:
    """Read the questions and answers of a folder `data` of BFCL. Raises `UsageError`."""
    files = {category: path for path in folder.glob("BFCL_v*_*.json")
             if (category := bfcl_category(path))}  # fmt: skip
    if not files:
        raise UsageError(
            f"`{folder}` holds no BFCL_v*_*.json of a single-turn category: name the folder `data` "
            "of bfcl_eval (pip install --no-deps bfcl-eval)"
        )
    ordered = sorted(files, key=BFCL_CATEGORIES.index)
    return QuestionSet(tuple(q for category in ordered for q in _bfcl(files[category], category)))


def _bfcl(path: Path, category: str) -> Iterator[Question]:
    answers: dict[str, Any] = {}
    none_expected = category.endswith("irrelevance")
    relevance = category.endswith("_relevance")
    if not (none_expected or relevance):
        answer_file = path.parent / "possible_answer" / path.name
        answers = {row["id"]: row["ground_truth"] for row in _rows(answer_file) if row}
    for row in _rows(path):
        if row is None:
            raise UsageError(f"`{path}` has a line that is no JSON object")
        try:
            functions, turns = tuple(row["function"]), row["question"][0]
            messages = tuple({"role": m["role"], "content": m["content"]} for m in turns)
            expected = None if relevance else tuple(answers[row["id"]] if answers else ())
            tools = read_tools(list(functions))
            yield Question(row["id"], messages, tools, functions, expected, category=category)
        except (KeyError, TypeError, IndexError, BadRow) as error:
            raise UsageError(f"`{path}`, id `{row.get('id')}`: not as BFCL's: {error}") from error


def read_rows(path: Path, split: str | None = None) -> QuestionSet:
    """Read a data set: a run's folder, its folder `dataset`, or one file of rows.

    The split is that of the file's name (`test-00000-of-00001.parquet`); with `split`, others are
    passed over. Rows that cannot be asked are passed over too, as `verify` is there to name them.

    Raises `UsageError` where there is nothing to ask.
    """
    files = parquet_files(path, (split,) if split else ()) if path.is_dir() else [path]
    read = [
        row and _question(row, f"{file.stem}/{number}", _split(file))
        for file in files
        for number, row in enumerate(_rows(file))
    ]
    questions = tuple(question for question in read if question)
    if not questions:
        raise UsageError(f"`{path}` holds no row with a query, tools and an answer")
    return QuestionSet(questions, len(read) - len(questions))


def parquet_files(path: Path, splits: Sequence[str] = ()) -> list[Path]:
    """The files of a data set's folder, a run's folder or one file, of some splits or of all.

    Raises `UsageError` where there are none.
    """
    folder = path / "dataset" if (path / "dataset").is_dir() else path
    files = sorted(folder.glob("*.parquet")) if folder.is_dir() else [path]
    chosen = [file for file in files if not splits or _split(file) in splits]
    if not chosen:
        there = ", ".join(sorted({_split(file) for file in files})) or "no Parquet files"
        wanted = f"split `{splits[0]}`" if splits else "data set"
        raise UsageError(f"`{path}` has no {wanted}: there is {there}")
    return chosen


def _split(file: Path) -> str:
    match = re.fullmatch(r"(\w+)-\d{5}-of-\d{5}", file.stem)
    return match.group(1) if match else ""


def _rows(path: Path) -> Iterator[dict[str, Any] | None]:
    """Every row, None for one that cannot be read."""
    try:
        with open_rows(path, ANY) as rows:
            for batch in rows.batches:
                for row in batch.decode():
                    yield row if isinstance(row, dict) else None
    except UnreadableFile as error:
        raise UsageError(str(error)) from error


def _question(row: dict[str, Any], place: str, split: str) -> Question | None:
    """The question of a row up to its first answer; None for one that asks nothing."""
    row_format = "openai" if "messages" in row else detect(row)
    if row_format not in ("openai", "xlam"):
        return None
    try:
        imported: Imported = READERS[row_format](row)
        answers = [i for i, turn in enumerate(imported.turns) if turn.role == "assistant"]
        asked = imported.turns[: answers[0]] if answers else ()
        if not any(turn.role == "user" for turn in asked):
            return None
        answer = imported.turns[answers[0]]
        calls = [read_call(f"call_{i}", _call(call)) for i, call in enumerate(answer.calls)]
    except (BadRow, NoAnswer):
        return None
    return Question(
        id=str(row.get("id", place)),
        messages=tuple({"role": turn.role, "content": turn.content} for turn in asked),
        tools=imported.tools,
        functions=imported.tools,
        expected=tuple(expected_of(calls, imported.tools)),
        category=str(row.get("category") or ""),
        style=str(row.get("style") or ""),
        split=split,
        calls=tuple(calls),
        results=_results(row, len(calls)),
        environment=imported.environment,
    )


def _results(row: Mapping[str, Any], count: int) -> tuple[Any, ...] | None:
    """What the calls of the first answer gave back, where the row holds that of all of them."""
    stored = decoded(row.get("results"))
    values = read_results(stored)
    if values is None or len(values) < count:
        return None
    failed = (isinstance(each, dict) and each.get("outcome", "ok") != "ok" for each in stored)
    return None if any(failed) else values[:count]


def _call(value: Any) -> Any:
    """The call itself, out of what stands around it."""
    if isinstance(value, dict) and isinstance(value.get("function"), dict):
        return value["function"]
    return value
