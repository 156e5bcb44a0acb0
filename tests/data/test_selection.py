"""What becomes a data set of rows that passed: no copies, no benchmark questions, splits apart."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data.dataset import DatasetManifest, build_dataset
from data.dataset_config import DatasetConfig
from data.funnel import count_row, merge
from data.removed import read_removals
from data.selection import REASONS, look_at, select
from data.shards import ShardManifest, write_shard
from data.statistics import count_rows
from tests.conftest import SmallRun, make_run

BFCL_QUESTION = "Find the area of a triangle with a base of 10 units and height of 5 units."


def built(folder: Path, rows: list[dict[str, Any]], **settings: Any) -> DatasetManifest:
    """A data set of the given kept rows, two a shard."""
    shards = folder / "shards"
    shards.mkdir(parents=True, exist_ok=True)
    manifests = []
    for index, first in enumerate(range(0, len(rows), 2)):
        part = rows[first : first + 2]
        manifest = ShardManifest(
            identity="ab", shard=index, first=first, drafts=len(part), files={},
            funnel=merge(map(count_row, part)), statistics=count_rows(part),
        )  # fmt: skip
        manifests.append(write_shard(shards, manifest, {"kept": part, "rejected": []}))
    return build_dataset(
        folder / "dataset",
        shards,
        manifests,
        file_rows=100,
        command="callforge generate",
        apis=1,
        settings=DatasetConfig.model_validate(settings.pop("settings", {})),
        held_out=settings.pop("held_out", {}),
    )


def asked(row: dict[str, Any], query: str, **changes: Any) -> dict[str, Any]:
    """The row with another question."""
    messages = [
        message | ({"content": query} if message["role"] == "user" else {})
        for message in row["messages"]
    ]
    provenance = json.loads(row["provenance"]) | changes.pop("provenance", {})
    return row | {
        "messages": messages,
        "query": query,
        "provenance": json.dumps(provenance),
        **changes,
    }


def different(small_run: SmallRun, count: int) -> list[dict[str, Any]]:
    """Kept training rows of different categories, so that none is like another."""
    chosen: dict[str, dict[str, Any]] = {}
    for row in small_run.kept:
        if json.loads(row["provenance"])["split"] == "train" and row["n_calls"]:
            chosen.setdefault(row["category"], row)
    return list(chosen.values())[:count]


def test_a_benchmark_question_is_left_out_with_its_source(
    small_run: SmallRun, tmp_path: Path
) -> None:
    one, two, three = different(small_run, 3)
    manifest = built(tmp_path, [one, asked(two, BFCL_QUESTION.upper()), three])
    assert manifest.funnel.rejected == {"decontamination": {"whole": 1}}
    [example] = manifest.removed["decontamination"]["whole"]
    assert example.query == BFCL_QUESTION.upper()
    assert example.detail.startswith("bfcl:simple_python_0")
    [removed] = pq.read_table(tmp_path / "removed.parquet").to_pylist()
    assert (removed["stage"], removed["reason"]) == ("decontamination", "whole")
    off = {"decontamination": {"bfcl": False}}
    kept = built(tmp_path / "off", [one, asked(two, BFCL_QUESTION), three], settings=off)
    assert kept.funnel.kept == 3


def test_questions_of_ones_own_are_compared_as_well(small_run: SmallRun, tmp_path: Path) -> None:
    rows = different(small_run, 2)
    mine = tmp_path / "mine.txt"
    mine.write_text(rows[1]["query"] + "\n")
    settings = {"decontamination": {"against": [str(mine)]}}
    manifest = built(tmp_path, rows, settings=settings)
    assert manifest.removed["decontamination"]["whole"][0].detail == "mine:line 1"


def test_the_row_of_the_lowest_draft_stays_across_shards(
    small_run: SmallRun, tmp_path: Path
) -> None:
    one, two, three = different(small_run, 3)
    again = asked(one, one["query"] + " Thanks", id="ff" * 16)
    copy = asked(two, two["query"].upper(), id="ee" * 16)
    manifest = built(tmp_path, [one, two, three, again, copy])
    assert manifest.funnel.rejected == {"dedup": {"exact_duplicate": 1, "near_duplicate": 1}}
    assert manifest.funnel.balanced()
    assert manifest.statistics == count_rows([one, two, three])
    near = manifest.removed["dedup"]["near_duplicate"][0]
    assert near.like == one["query"][:300]
    assert near.detail.startswith(f"repeats {one['id']}, similarity 0.")
    assert {
        place: found[:2] for place, found in read_removals(tmp_path / "removed.parquet").items()
    } == {
        3: ("dedup", "near_duplicate"),
        4: ("dedup", "exact_duplicate"),
    }


def test_rows_on_two_sides_of_a_split_are_left_out(small_run: SmallRun, tmp_path: Path) -> None:
    one, two, three = different(small_run, 3)
    crossing = asked(two, two["query"], provenance={"split": "test"}, group=one["group"])
    tool = json.loads(three["tools"])[0]["name"]
    manifest = built(tmp_path, [one, crossing, three], held_out={"unseen_api": (tool,)})
    assert manifest.funnel.rejected["split"]["group_crosses"] == 1
    assert manifest.funnel.rejected["split"]["held_out_tool"] >= 1
    details = [item.detail for item in manifest.removed["split"]["held_out_tool"]]
    assert f"`{tool}` is held out, this row is in `train`" in details


def test_a_renamed_tool_is_still_the_one_held_out(small_run: SmallRun, tmp_path: Path) -> None:
    [one] = different(small_run, 1)
    tool = json.loads(one["tools"])[0]["name"]
    renamed = asked(one, one["query"], provenance={"renamed": {tool: "secret_api"}})
    manifest = built(tmp_path, [renamed], held_out={"unseen_api": ("secret_api",)})
    assert manifest.funnel.rejected == {"split": {"held_out_tool": 1}}


def test_a_run_has_nothing_across_its_splits(small_run: SmallRun) -> None:
    manifest = small_run.result.manifest
    assert "split" not in manifest.funnel.rejected
    assert set(manifest.held_out) == {"unseen_api", "unseen_category"}


def test_other_settings_make_the_data_set_anew_and_no_shard(tmp_path: Path) -> None:
    first = make_run(tmp_path, samples=100, name="mine")
    other = make_run(tmp_path, samples=100, name="mine", dataset={"dedup": {"threshold": 0.5}})
    assert other.made == 0
    assert other.manifest.settings.dedup.threshold == 0.5
    assert other.manifest.shards == first.manifest.shards


@pytest.mark.parametrize("stage", ["dedup", "decontamination", "split"])
def test_each_stage_after_the_shards_explains_its_reasons(stage: str) -> None:
    assert all(len(meaning) > 20 for meaning in REASONS[stage].values())


def test_what_workers_find_out_of_parts_selects_the_same_rows_as_one_process(
    small_run: SmallRun,
) -> None:
    some = small_run.kept[:120]
    near = [asked(row, f"{row['query']} Thank you.") for row in some[:20]]
    moved = [row | {"provenance": json.dumps({"split": "test"})} for row in some[20:25]]
    rows = [*some, *near, asked(some[0], BFCL_QUESTION), *moved, *some[40:50]]
    settings = DatasetConfig()
    alone = select(lambda columns: rows, settings)
    looked = [look_at(rows[start : start + 50], settings) for start in range(0, len(rows), 50)]
    assert select(lambda columns: rows, settings, looked=looked) == alone
    assert {removal.stage for removal in alone.values()} == {"dedup", "decontamination"}
    assert {removal.reason for removal in alone.values()} >= {"exact_duplicate", "near_duplicate"}
