"""Rows that somebody else made become a data set, and what does not belong in it is counted."""

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data.dataset import SPLITS
from data.shards import shard_path
from data.split_check import offered_apis
from flows.cli import main
from flows.importing import ImportConfig, import_rows

NOUNS = "kite lamp harbour violin glacier pepper sonnet turbine walnut ferry".split()
VERBS = "rent paint weigh insure".split()
PLACES = "Oslo Lima Cairo Quito Hanoi Perth Accra Minsk Turin Davao Porto Sucre".split()


def tool(name: str) -> dict[str, Any]:
    verb, noun = name.split("_")
    return {
        "name": name,
        "description": f"{verb.capitalize()} a {noun} in a town.",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string", "description": f"Where the {noun} is."}},
            "required": ["town"],
        },
    }


NAMES = [f"{verb}_{noun}" for noun in NOUNS for verb in VERBS]


def row(name: str, place: str, *others: str, called: tuple[str, ...] = ()) -> dict[str, Any]:
    """A row in xLAM's format that offers tools and calls the first, or those named."""
    calls = [{"name": each, "arguments": {"town": place}} for each in called or (name,)]
    wish = " and ".join(each.replace("_", " a ") for each in called or (name,))
    return {
        "query": f"I am in {place} and must {wish} before the evening, where do I go?",
        "tools": json.dumps([tool(each) for each in (name, *others)]),
        "answers": json.dumps(calls),
    }


def write(folder: Path, rows: list[Any]) -> Path:
    path = folder / "theirs.jsonl"
    lines = [line if isinstance(line, str) else json.dumps(line) for line in rows]
    path.write_text("\n".join(lines))
    return path


def imported(folder: Path, rows: list[Any], **settings: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Import rows; return the manifest, and the rows of the data set, each with its split."""
    config = {
        "file": str(write(folder, rows)),
        "name": "theirs",
        "output": {"out": str(folder / "runs"), "shard_size": 50},
        "splits": {"unseen_api": 0.2, "validation": 0.1, "test": 0.1},
    }
    run, manifest = import_rows(
        ImportConfig.model_validate(config | settings), lambda rows, kept: None
    )
    found = [
        {**item, "split": split}
        for split in SPLITS
        for path in sorted(run.dataset.glob(f"{split}-*.parquet"))
        for item in pq.read_table(path).to_pylist()
    ]
    return manifest, found


def plain_rows() -> list[dict[str, Any]]:
    """Each tool asked for alone, in four places."""
    return [
        row(name, PLACES[(index + 3 * turn) % len(PLACES)])
        for turn in range(4)
        for index, name in enumerate(NAMES)
    ]


def test_held_out_tools_stand_in_no_training_row_and_mixed_rows_are_counted(tmp_path: Path) -> None:
    manifest, _ = imported(tmp_path, plain_rows())
    held = manifest.held_out["unseen_api"]
    seen = [name for name in NAMES if name not in held]
    assert len(held) == 8
    mixed = [
        row(seen[0], "Tromso", held[0]),
        row(seen[1], "Malmo", held[1], called=(seen[1], held[1])),
    ]
    apart = [row(held[2], "Bergen", seen[2]), row(seen[3], "Odense", seen[4])]
    (tmp_path / "again").mkdir()
    manifest, found = imported(tmp_path / "again", plain_rows() + mixed + apart)
    assert manifest.held_out["unseen_api"] == held
    assert manifest.funnel.rejected["split"] == {"held_out_tool": 2}
    assert {item["split"] for item in found} == {"train", "validation", "test", "unseen_api"}
    for item in found:
        called = {call["name"] for call in json.loads(item["answers"])}
        if item["split"] == "unseen_api":
            assert called <= set(held)
        else:
            assert not offered_apis(item) & set(held)
    places = {item["query"].split()[3]: item["split"] for item in found}
    assert not {"Tromso", "Malmo"} & places.keys()
    assert places["Bergen"] == "unseen_api"
    assert places["Odense"] != "unseen_api"
    assert manifest.funnel.balanced()


def test_the_same_question_is_in_one_split_whatever_is_offered(tmp_path: Path) -> None:
    rows = []
    for index in range(0, len(NAMES), 2):
        first = row(NAMES[index], PLACES[index % len(PLACES)])
        other = row(NAMES[index + 1], PLACES[index % len(PLACES)])
        rows += [first, {**other, "query": first["query"].upper() + "!", "answers": "[]"}]
    settings = {"splits": {"unseen_api": 0, "validation": 0.3, "test": 0.3}}
    _, found = imported(tmp_path, rows, **settings)
    splits: dict[str, set[str]] = {}
    for item in found:
        splits.setdefault(item["group"], set()).add(item["split"])
    assert len(splits) == len(NAMES) / 2
    assert all(len(sides) == 1 for sides in splits.values())
    assert len({side for sides in splits.values() for side in sides}) == 3


def test_what_fails_is_kept_apart_with_its_reason(tmp_path: Path) -> None:
    good = plain_rows()[:60]
    bad = [
        "no json",
        {**good[0], "tools": "7"},
        {**good[1], "answers": '[{"name": "rent_kite", "arguments": {"town": 5}}]'},
        {"messages": [{"role": "user", "content": "Hello?"}], "tools": [tool("rent_kite")]},
    ]
    copy = {**good[2], "query": good[2]["query"].upper()}
    alike = {"dedup": {"near": False}}
    manifest, found = imported(
        tmp_path, [*good, *bad, copy], splits={"unseen_api": 0}, dataset=alike
    )
    assert manifest.funnel.drafts == 65
    assert {key: sum(v.values()) for key, v in manifest.funnel.rejected.items()} == {
        "dedup": 1,
        "format": 4,
    }
    assert manifest.funnel.balanced()
    assert len(found) == 60
    assert {item["origin"] for item in found} == {"theirs.jsonl"}
    assert {item["license"] for item in found} == {"unknown"}
    assert {item["verified_by"] for item in found} == {"not_executed,rules"}
    assert all(item["messages"][-1]["train"] for item in found)
    rejected = pq.read_table(shard_path(tmp_path / "runs/theirs/shards", "rejected", 1)).to_pylist()
    assert [json.loads(item["provenance"])["row"] for item in rejected] == [60, 61, 62, 63]


def test_the_card_says_that_others_made_the_rows_and_what_verified_them(tmp_path: Path) -> None:
    imported(tmp_path, plain_rows(), license="cc-by-4.0")
    card = (tmp_path / "runs/theirs/dataset/README.md").read_text()
    assert "**Imported: `theirs.jsonl` was made elsewhere" in card
    assert "license: cc-by-4.0" in card
    assert "Template-made" not in card
    assert "- synthetic" not in card
    assert "not_executed,rules" in card
    assert "No call was run here" in card


def test_the_same_command_again_checks_nothing_and_gives_the_same_set(tmp_path: Path) -> None:
    first, rows = imported(tmp_path, plain_rows())
    shard = tmp_path / "runs/theirs/shards/kept-00000.parquet"
    before = shard.stat().st_mtime_ns
    second, again = imported(tmp_path, plain_rows())
    assert shard.stat().st_mtime_ns == before
    assert (second, again) == (first, rows)


def test_other_rows_under_the_same_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(path: Path) -> None:
        words = ["callforge", "import", str(path), "--name", "x", "--out", str(tmp_path)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == (2 if refused else 0)

    refused = False
    run(write(tmp_path, plain_rows()))
    assert f"Data set: {tmp_path / 'x' / 'dataset'}" in capsys.readouterr().out.replace("\n", "")
    refused = True
    run(write(tmp_path, plain_rows()[:9]))
    assert "run `x` exists with another `file`" in capsys.readouterr().err
    run(tmp_path / "none.jsonl")
    assert "cannot be read" in capsys.readouterr().err
