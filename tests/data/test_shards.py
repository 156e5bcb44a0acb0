"""Shards are whole or absent, and believed only through their manifest."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from api_registry.errors import StorageError
from api_registry.types import Call, CallResult, Tool
from data.funnel import count_row, merge
from data.identity import sample_id
from data.rows import sample_row, training_view
from data.schema import ROW_SCHEMA
from data.shards import (
    DamagedShard,
    ShardManifest,
    manifest_path,
    parquet_bytes,
    read_manifest,
    shard_path,
    write_shard,
)
from data.statistics import count_rows
from data.types import Sample, Turn, Verdict

TOOL = Tool(
    name="weigh",
    description="Weigh „things“ – 重さ.",
    parameters={"type": "object", "properties": {"value": {"type": "number"}, "n": {}}},
    api="weigh",
)


def make_sample(number: float | int, *, passed: bool = True) -> Sample:
    turns = (
        Turn(role="user", content=f"weigh {number}"),
        Turn(
            role="assistant",
            calls=(Call(id="call_0", name="weigh", arguments={"value": number, "n": None}),),
            train=True,
        ),
    )
    verdict = Verdict(stage="format", passed=passed, reason=None if passed else "wrong_type")
    return Sample(
        id=sample_id((TOOL,), turns, None),
        group="0" * 16,
        turns=turns,
        tools=(TOOL,),
        results=(CallResult(call="call_0", outcome="ok", value={"g": number, "note": None}),),
        style="simple",
        category="units",
        verdicts=(verdict,),
        provenance={"split": "train"},
    )


def write_example(folder: Path) -> ShardManifest:
    kept = [sample_row(make_sample(number)) for number in (1, 2.5, 10**25)]
    rejected = [sample_row(make_sample(4, passed=False))]
    funnel = merge(count_row(row) for row in [*kept, *rejected])
    manifest = ShardManifest(
        identity="ab",
        shard=0,
        first=0,
        drafts=4,
        files={},
        funnel=funnel,
        statistics=count_rows(kept),
    )
    return write_shard(folder, manifest, {"kept": kept, "rejected": rejected})


def test_a_written_shard_reads_back_exactly(tmp_path: Path) -> None:
    manifest = write_example(tmp_path)
    assert read_manifest(tmp_path, 0) == manifest
    assert manifest.funnel.balanced()
    rows = pq.read_table(shard_path(tmp_path, "kept", 0)).to_pylist()
    assert [json.loads(row["answers"])[0]["arguments"]["value"] for row in rows] == [1, 2.5, 10**25]
    assert json.loads(rows[0]["results"]) == [
        {"call": "call_0", "outcome": "ok", "value": {"g": 1, "note": None}}
    ]
    assert json.loads(rows[0]["tools"])[0]["description"] == TOOL.description


def test_the_training_view_has_objects_for_arguments_and_no_absent_keys(tmp_path: Path) -> None:
    write_example(tmp_path)
    row = pq.read_table(shard_path(tmp_path, "kept", 0)).to_pylist()[0]
    assert training_view(row) == {
        "messages": [
            {"role": "user", "content": "weigh 1"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": "call_0",
                        "type": "function",
                        "function": {"name": "weigh", "arguments": {"value": 1, "n": None}},
                    }
                ],
            },
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "weigh",
                    "description": TOOL.description,
                    "parameters": TOOL.parameters,
                },
            }
        ],
    }


def test_equal_rows_are_equal_bytes() -> None:
    rows = [sample_row(make_sample(number)) for number in range(50)]
    assert parquet_bytes(rows) == parquet_bytes(rows)


def test_no_column_has_a_name_that_trainers_reserve() -> None:
    assert not {"prompt", "labels", "input_ids", "images"} & set(ROW_SCHEMA.names)


def test_a_shard_without_manifest_is_not_there(tmp_path: Path) -> None:
    write_example(tmp_path)
    manifest_path(tmp_path, 0).unlink()
    assert read_manifest(tmp_path, 0) is None


def test_a_manifest_without_statistics_gets_them_from_its_rows(tmp_path: Path) -> None:
    manifest = write_example(tmp_path)
    path = manifest_path(tmp_path, 0)
    older = json.loads(path.read_text())
    del older["statistics"], older["funnel"]["cells"]
    path.write_text(json.dumps(older))
    assert read_manifest(tmp_path, 0) == manifest


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    write_example(tmp_path)
    path = shard_path(tmp_path, "kept", 0)
    content = path.read_bytes()
    if damage == "remove":
        path.unlink()
    elif damage == "truncate":
        path.write_bytes(content[:-10])
    else:
        path.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(DamagedShard, match=r"kept-00000\.parquet` is damaged"):
        read_manifest(tmp_path, 0)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": "1"}', "\0" * 40])
def test_a_damaged_manifest_is_named(tmp_path: Path, text: str) -> None:
    write_example(tmp_path)
    manifest_path(tmp_path, 0).write_text(text)
    with pytest.raises(DamagedShard, match=r"00000\.json"):
        read_manifest(tmp_path, 0)


def test_another_schema_version_is_refused(tmp_path: Path) -> None:
    write_example(tmp_path)
    path = manifest_path(tmp_path, 0)
    path.write_text(path.read_text().replace('"schema_version": "1"', '"schema_version": "0"'))
    with pytest.raises(StorageError, match="written under schema version 0"):
        read_manifest(tmp_path, 0)


def test_equal_content_has_an_equal_id_whatever_verified_it() -> None:
    assert make_sample(1).id == make_sample(1, passed=False).id
    assert make_sample(1).id != make_sample(2).id
