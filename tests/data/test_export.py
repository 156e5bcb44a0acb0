"""What is exported can be read back, by others' tools and by ours, and says the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api_registry.errors import UsageError
from data.export import FORMATS, export_rows
from data.formats import READERS, WRITERS
from data.formats.hints import flat_parameters
from data.formats.tools import read_tools
from data.rows import row_calls, training_view
from tests.conftest import SmallRun

KEYS = {
    "openai": ["messages", "tools"],
    "sharegpt": ["conversations", "system", "tools"],
    "trl": ["messages", "tools"],
    "xlam": ["id", "query", "answers", "tools"],
    "xlam-schema": ["id", "query", "answers", "tools"],
}


def exported(run: SmallRun, row_format: str, out: Path, *splits: str) -> list[dict[str, Any]]:
    manifest = run.result.manifest
    folder = run.result.folder.dataset
    count = export_rows(
        folder, manifest, row_format=row_format, splits=splits or list(manifest.splits), out=out
    )
    rows = list(lines(out) if out.suffix == ".jsonl" else table(out))
    assert len(rows) == count
    return rows


def lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def table(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of Parquet, JSON columns decoded, without the help of any library of data sets."""
    read = pq.read_table(path)
    encoded = {field.name for field in read.schema if isinstance(field.type, pa.JsonType)}
    for row in read.to_pylist():
        yield {name: json.loads(value) if name in encoded else value for name, value in row.items()}


def stored(run: SmallRun) -> list[dict[str, Any]]:
    manifest = run.result.manifest
    return [
        row
        for files in manifest.splits.values()
        for name in files
        for row in pq.read_table(run.result.folder.dataset / name).to_pylist()
    ]


@pytest.mark.parametrize("row_format", WRITERS)
def test_lines_and_parquet_say_the_same_under_the_formats_keys(
    small_run: SmallRun, tmp_path: Path, row_format: str
) -> None:
    as_lines = exported(small_run, row_format, tmp_path / "rows.jsonl")
    assert exported(small_run, row_format, tmp_path / "rows.parquet") == as_lines
    assert all(list(row) == KEYS[row_format] for row in as_lines)
    assert len(as_lines) == small_run.result.manifest.funnel.kept


@pytest.mark.parametrize("row_format", ["openai", "xlam", "xlam-schema"])
def test_what_is_written_is_read_back_with_the_same_calls(
    small_run: SmallRun, tmp_path: Path, row_format: str
) -> None:
    reader = READERS[row_format.partition("-")[0]]
    for row, source in zip(
        exported(small_run, row_format, tmp_path / "rows.jsonl"), stored(small_run), strict=True
    ):
        imported = reader(row)
        calls = [call for turn in imported.turns for call in turn.calls]
        for call in calls:
            if isinstance(call["arguments"], str):
                call["arguments"] = json.loads(call["arguments"])
        assert calls == row_calls(source)
        schemas = {tool.name: tool.parameters for tool in imported.tools}
        assert list(schemas) == [tool["name"] for tool in json.loads(source["tools"])]
        # Checked by plain jsonschema, which shares no code with the verifiers.
        for call in calls:
            jsonschema.validate(call["arguments"], schemas[call["name"]])


def calls_and_schemas(row: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The calls that a row teaches, and the schemas of its tools, in whatever format it is."""
    tools = json.loads(row["tools"]) if isinstance(row["tools"], str) else row["tools"]
    if "answers" in row:
        read = {tool.name: tool.parameters for tool in read_tools(tools)}
        return json.loads(row["answers"]), read
    if "conversations" in row:
        written = [t["value"] for t in row["conversations"] if t["from"] == "function_call"]
        called = [json.loads(value) for value in written]
        flat = [call for each in called for call in (each if isinstance(each, list) else [each])]
        return flat, {tool["name"]: tool["parameters"] for tool in tools}
    messages = row["chosen"] if "chosen" in row else row["messages"]
    functions = [call["function"] for m in messages for call in m.get("tool_calls") or ()]
    calls = [
        function
        if isinstance(function["arguments"], dict)
        else {**function, "arguments": json.loads(function["arguments"])}
        for function in functions
    ]
    return calls, {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}


@pytest.mark.parametrize("row_format", FORMATS)
def test_every_export_is_valid_after_its_round_trip_by_another_validator(
    small_run: SmallRun, tmp_path: Path, row_format: str
) -> None:
    from datasets import load_dataset

    path = tmp_path / "rows.parquet"
    count = export_rows(
        small_run.result.folder.dataset,
        small_run.result.manifest,
        row_format=row_format,
        splits=list(small_run.result.manifest.splits),
        out=path,
    )
    loaded = load_dataset(
        "parquet", data_files=str(path), split="train", cache_dir=str(small_run.cache / row_format)
    )
    assert len(loaded) == count
    called = 0
    for row in loaded:
        calls, schemas = calls_and_schemas(row)
        called += len(calls)
        for call in calls:
            # jsonschema shares no code with jsonschema-rs, by which the pipeline validates.
            jsonschema.Draft202012Validator(
                schemas[call["name"]], format_checker=jsonschema.FormatChecker()
            ).validate(call["arguments"])
    assert called > count / 2


def test_schemas_survive_where_the_format_has_them(small_run: SmallRun, tmp_path: Path) -> None:
    rows = exported(small_run, "xlam-schema", tmp_path / "rows.jsonl")
    assert [row["tools"] for row in rows] == [row["tools"] for row in stored(small_run)]


def test_trl_gets_what_chat_templates_take(small_run: SmallRun, tmp_path: Path) -> None:
    rows = exported(small_run, "trl", tmp_path / "rows.jsonl", "train", "test")
    chosen = [
        row
        for row in stored(small_run)
        if json.loads(row["provenance"])["split"] in ("train", "test")
    ]
    assert rows == [training_view(row) for row in chosen]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_datasets_reads_no_argument_into_a_call_that_lacks_it(
    small_run: SmallRun, tmp_path: Path, suffix: str
) -> None:
    from datasets import load_dataset

    path = tmp_path / f"rows{suffix}"
    rows = exported(small_run, "openai", path)
    kind = "json" if suffix == ".jsonl" else "parquet"
    loaded = load_dataset(
        kind, data_files=str(path), split="train", cache_dir=str(small_run.cache / suffix)
    )
    assert list(loaded) == rows


def test_a_split_that_is_not_there_or_another_kind_of_file_is_refused(
    small_run: SmallRun, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"no split `dev` in .*: there are train"):
        exported(small_run, "trl", tmp_path / "rows.jsonl", "dev")
    with pytest.raises(UsageError, match=r"ends in \.jsonl or \.parquet"):
        exported(small_run, "trl", tmp_path / "rows.csv")
    assert list(tmp_path.iterdir()) == []


def test_types_are_written_in_pythons_words_and_read_back() -> None:
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "description": "How many."},
            "unit": {"enum": ["km", "mi"], "description": "Unit."},
            "names": {"type": "array", "items": {"type": "string"}},
            "point": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
            "weights": {"type": "object", "additionalProperties": {"type": "number"}},
            "stop": {"$ref": "#/$defs/Stop"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
            "either": {"type": ["integer", "string"]},
            "free": {},
            "rest": {"type": "boolean"},
        },
        "required": ["n", "unit", "names", "point", "weights", "stop", "either", "free"],
        "$defs": {"Stop": {"type": "object", "properties": {"x": {"type": "number"}}}},
    }
    flat = flat_parameters(schema)
    assert {name: entry["type"] for name, entry in flat.items()} == {
        "n": "int",
        "unit": "str",
        "names": "List[str]",
        "point": "Tuple[float, float]",
        "weights": "Dict[str, float]",
        "stop": "Dict[str, Any]",
        "note": "Optional[str]",
        "either": "Union[int, str]",
        "free": "Any",
        "rest": "bool, optional",
    }
    assert flat["unit"]["description"] == "Unit. One of: km, mi."
    [tool] = read_tools([{"name": "f", "parameters": flat}])
    assert tool.parameters["required"] == schema["required"]
