"""Rows whose tools go by other names say which APIs those are, and their calls can be run."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import Tool, tool_of
from data.bindings import bindings_of, bound
from data.formats import READERS
from flows.audit import AuditConfig, audit
from flows.evaluation.executing import executing
from flows.evaluation.outcomes import outcome
from flows.evaluation.questions import Question, read_rows
from flows.evaluation.variants import renamed
from flows.importing import ImportConfig, import_rows
from generators.variants import VARIANTS, Variant, varied_tools
from tests.conftest import make_run
from verifiers.predictions import Prediction

CATALOG = "api_registry.catalog"
TOOLS = tuple(tool_of(api) for api in load_apis([CATALOG]).apis)


def shown(tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    """Tools as a reader finds them in a row: nothing but what the model sees."""
    bare = {"argument_names": {}}
    return tuple(tool.model_copy(update=bare | {"api": tool.name}) for tool in tools)


@pytest.mark.parametrize("variant", [None, *VARIANTS])
@pytest.mark.parametrize("seed", range(8))
def test_what_is_written_down_gives_every_tool_its_api_back(
    variant: Variant | None, seed: int
) -> None:
    tools = varied_tools(TOOLS, variant, seed)
    written = json.dumps(bindings_of(tools))
    assert bound(shown(tools), written) == tools
    assert bound(shown(tools), json.loads(written)) == tools
    if variant in (None, "shuffled"):
        assert written == "{}"


def test_equal_tools_stay_one_object() -> None:
    tools = shown(varied_tools(TOOLS, "masked", 1))
    written = bindings_of(varied_tools(TOOLS, "masked", 1))
    first, again = bound(tools, written), bound(tools, written)
    assert all(a is b for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(
    "provenance",
    [
        None,
        5,
        'no json, but "argument_names"',
        {"renamed": {"func_1": "convert_length"}},
        {"renamed": ["func_1"], "argument_names": {}},
        {"renamed": {"func_1": 5}, "argument_names": {"func_1": {"a": 7}}},
    ],
)
def test_provenance_that_does_not_say_it_all_binds_nothing(provenance: Any) -> None:
    tools = (TOOLS[0].model_copy(update={"name": "func_1", "api": "func_1"}),)
    assert bound(tools, provenance) == tools


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The training rows of a run none of whose tools and parameters has its own name."""
    out = tmp_path_factory.mktemp("runs")
    result = make_run(out, samples=120, plan={"variants": {"masked": 0.7, "renamed": 0.3}})
    return next(result.folder.dataset.glob("train-*.parquet"))


def test_an_audit_runs_the_calls_of_renamed_tools(masked: Path, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.jsonl"
    config = AuditConfig(file=str(masked), apis=(CATALOG,), workers=1, out=str(out))
    result = audit(config, lambda rows, passed: None)
    assert (result.passed, result.unregistered) == (result.rows, 0)
    verdicts = [json.loads(line) for line in out.read_text().splitlines()]
    rows = pq.read_table(masked).to_pylist()
    assert any(row["n_calls"] for row in rows)
    for verdict, row in zip(verdicts, rows, strict=True):
        stored = json.loads(row["results"])
        assert [each["value"] for each in verdict["results"]] == [each["value"] for each in stored]


def test_a_call_that_was_changed_is_found_out_under_its_other_name(
    masked: Path, tmp_path: Path
) -> None:
    row = next(row for row in pq.read_table(masked).to_pylist() if row["n_calls"] == 1)
    [call] = [call for m in row["messages"] for call in m["tool_calls"] or ()]
    arguments = json.loads(call["function"]["arguments"])
    call["function"]["arguments"] = json.dumps(dict.fromkeys(arguments, "no such thing"))
    (tmp_path / "row.jsonl").write_text(json.dumps(row, default=str))
    config = AuditConfig(
        file=str(tmp_path / "row.jsonl"), apis=(CATALOG,), workers=1, stages=("execution",)
    )
    result = audit(config, lambda rows, passed: None)
    assert (result.passed, result.unregistered) == (0, 0)


def test_execution_match_covers_questions_of_renamed_tools(masked: Path) -> None:
    asked = [q for q in read_rows(masked).questions if q.calls]

    async def matched() -> tuple[int, list[bool | None]]:
        async with executing((CATALOG,), ExecutionConfig(workers=1)) as executed:
            assert executed is not None
            ready = await executed.with_results(asked)
            # As an evaluation renames: once more, and back through both.
            questions = [*ready, *map(renamed, ready)]
            right = [outcome(each, as_expected(each), mode="strict") for each in questions]
            # Not taken for granted because they match: the calls have to run.
            unsure = [replace(each, valid=False) for each in right]
            done = await executed.compared(unsure)
            return sum(q.results is not None for q in ready), [o.same_results for o in done]

    runnable, same = asyncio.run(matched())
    assert runnable == len(asked) > 20
    assert same == [True] * (2 * len(asked))


def as_expected(question: Question) -> Prediction:
    """The right answer to a question, under the names that it shows."""
    calls = tuple(
        {name: {key: values[0] for key, values in allowed.items() if values[0] != ""}}
        for call in question.expected or ()
        for name, allowed in call.items()
    )
    return Prediction("calls", list(calls))


def test_importing_rows_keeps_what_their_tools_stand_for(masked: Path, tmp_path: Path) -> None:
    config = ImportConfig.model_validate(
        {"file": str(masked), "name": "again", "license": "mit", "output": {"out": str(tmp_path)}}
    )
    folder, _ = import_rows(config, lambda rows, kept: None)
    rows = [
        row for path in folder.dataset.glob("*.parquet") for row in pq.read_table(path).to_pylist()
    ]
    read = READERS["openai"]
    before = {row["id"]: read(row).tools for row in pq.read_table(masked).to_pylist()}
    assert len(rows) > 50
    assert all(read(row).tools == before[row["id"]] for row in rows)
