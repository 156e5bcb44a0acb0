"""What training reads: sources, their splits, weights and held-out rows, every row accounted for.

The tokenizer gives each row a token per word, so that nothing needs a model.
"""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from api_registry.errors import StorageError, UsageError
from data.export import export_rows
from data.funnel import split_of
from flows.training.config import FinetuneConfig, Source
from flows.training.prepare import prepare
from flows.training.record import PreparedRecord
from flows.training.rendering import NO_LOSS, Renderer
from flows.training.sources import find_source
from tests.conftest import SmallRun

HELD_OUT = ("test", "unseen_api", "unseen_category", "unseen_phrasing")


class WordTokenizer:
    """A token for each word and what is between; a conversation is its contents with their ends."""

    eos_token_id = 0

    def __init__(self) -> None:
        self.known = {"END": self.eos_token_id}

    def get_added_vocab(self) -> dict[str, int]:
        return {}

    def apply_chat_template(
        self, messages: list[dict[str, Any]], *, add_generation_prompt: bool, **_: Any
    ) -> str:
        said = [
            f"{message['role']}: {json.dumps(message.get('tool_calls') or message['content'])} END "
            for message in messages
        ]
        return "".join(said) + ("assistant: " if add_generation_prompt else "")

    def __call__(self, text: str, **_: Any) -> dict[str, Any]:
        found = list(re.finditer(r"\s+|\S+", text))
        return {
            "input_ids": [self.known.setdefault(m.group(), len(self.known)) for m in found],
            "offset_mapping": [m.span() for m in found],
        }

    def decode(self, ids: list[int], **_: Any) -> str:
        words = list(self.known)
        return "".join(words[number] for number in ids)


def prepared(folder: Path, *data: Any, **settings: Any) -> tuple[PreparedRecord, PreparedRecord]:
    """Prepare a stage of some sources below `folder`."""
    config = FinetuneConfig.model_validate({"model": "m", "data": data, **settings})
    sources = tuple(find_source(source) for source in config.data)
    return prepare(config, sources, Renderer(WordTokenizer()), folder / "prepared")


def train_rows(run: SmallRun) -> list[dict[str, Any]]:
    return [row for row in run.kept if split_of(row) == "train"]


def tokens(folder: Path, name: str = "train") -> list[dict[str, Any]]:
    return pq.read_table(folder / "prepared" / f"{name}.parquet").to_pylist()


def test_a_run_gives_its_train_and_validation_rows_and_no_others(
    small_run: SmallRun, tmp_path: Path
) -> None:
    run = small_run.result.folder
    splits = {
        split: sum(record.rows for record in files.values())
        for split, files in small_run.result.manifest.splits.items()
    }
    assert splits.keys() & set(HELD_OUT)
    found = find_source(Source(path=str(run.path)))
    read = {path.name for paths in found.parts.values() for path in paths}
    assert read and not any(name.startswith(HELD_OUT) for name in read)
    train, held_out = prepared(tmp_path, str(run.path))
    assert (train.rows, train.examples) == (splits["train"], splits["train"])
    assert held_out.rows == splits["validation"]
    assert len(tokens(tmp_path)) == splits["train"]
    # The run's folder, its data set and copies of the files are the same rows.
    again, _ = prepared(tmp_path / "again", str(run.dataset))
    assert again == train


def test_a_row_of_another_split_among_those_to_train_on_ends_it(
    small_run: SmallRun, tmp_path: Path
) -> None:
    dataset = small_run.result.folder.dataset
    [test] = dataset.glob("test-*.parquet")
    (tmp_path / "train-00000-of-00001.parquet").write_bytes(test.read_bytes())
    with pytest.raises(StorageError, match="is of the split `test` and stands among those of"):
        prepared(tmp_path, str(tmp_path))


def test_a_turn_that_is_not_to_be_trained_on_has_no_loss(tmp_path: Path) -> None:
    def message(role: str, content: str, train: bool) -> dict[str, Any]:
        return {"role": role, "content": content, "train": train}

    row = {
        "messages": [
            message("user", "one", False), message("assistant", "two", False),
            message("user", "three", False), message("assistant", "four", True),
        ],
        "tools": "[]",
    }  # fmt: skip
    silent = {**row, "messages": [*row["messages"][:3], message("assistant", "four", False)]}
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, [row, silent])))
    train, _ = prepared(tmp_path, str(tmp_path / "rows.jsonl"), validation=0, max_left_out=0.5)
    assert (train.rows, train.used, train.left_out) == (2, 1, {"no_loss": 1})
    [example] = tokens(tmp_path)
    loss = [label for label in example["labels"] if label != NO_LOSS]
    assert loss == example["input_ids"][-4:-1]  # the word, a space and its end
    assert train.loss_tokens == {"chat": 3}


@pytest.mark.parametrize(("row_format", "suffix"), [("openai", "jsonl"), ("trl", "parquet")])
def test_exported_rows_train_as_those_of_the_run(
    row_format: str,
    suffix: str,
    small_run: SmallRun,
    tmp_path: Path,
) -> None:
    run, out = small_run.result.folder, tmp_path / f"train.{suffix}"
    export_rows(
        run.dataset, small_run.result.manifest, row_format=row_format, splits=["train"], out=out
    )
    theirs, _ = prepared(tmp_path, str(out), validation=0)
    ours, _ = prepared(tmp_path / "ours", str(run.path))
    assert theirs == ours


def test_weights_draw_and_repeat_rows_and_held_out_ones_are_seen_once(
    small_run: SmallRun, tmp_path: Path
) -> None:
    run = str(small_run.result.folder.path)
    alone, held_out = prepared(tmp_path / "alone", run)
    mixed, both = prepared(
        tmp_path / "mixed",
        {"path": run, "weight": 2},
        {"path": run, "weight": 0.25},
    )
    drawn = mixed.rows - 2 * alone.rows
    assert 0.15 * alone.rows < drawn < 0.35 * alone.rows
    assert mixed.examples == mixed.rows == len(tokens(tmp_path / "mixed"))
    assert both.rows == 2 * held_out.rows
    same, _ = prepared(
        tmp_path / "same",
        {"path": run, "weight": 2},
        {"path": run, "weight": 0.25},
    )
    assert tokens(tmp_path / "same") == tokens(tmp_path / "mixed")
    assert same == mixed


def test_rows_without_a_validation_split_hold_out_whole_groups(
    small_run: SmallRun, tmp_path: Path
) -> None:
    rows = train_rows(small_run)
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    train, held_out = prepared(tmp_path, str(tmp_path / "rows.jsonl"), validation=0.3)
    assert train.rows + held_out.rows == len(rows)
    assert 0.15 * len(rows) < held_out.rows < 0.45 * len(rows)


def test_rows_that_cannot_be_used_are_counted_by_reason_and_too_many_are_refused(
    small_run: SmallRun, tmp_path: Path
) -> None:
    good = [json.dumps(row) for row in train_rows(small_run)[:8]]
    (tmp_path / "rows.jsonl").write_text("\n".join([*good, "{broken", '{"messages": 5}']))
    source = str(tmp_path / "rows.jsonl")
    with pytest.raises(UsageError, match=r"2 of 10 training rows cannot be used.*malformed row"):
        prepared(tmp_path / "a", source, validation=0)
    train, _ = prepared(tmp_path / "b", source, validation=0, max_left_out=0.2)
    assert train.left_out == {"malformed_row": 1, "bad_field": 1}
    assert (train.rows, train.used) == (10, 8)
    assert "5" in train.reasons["bad_field"]


def test_long_examples_are_left_out_or_cut_as_asked_and_counted(
    small_run: SmallRun, tmp_path: Path
) -> None:
    run = str(small_run.result.folder.path)
    whole, _ = prepared(tmp_path / "whole", run)
    most = whole.lengths.median
    out, _ = prepared(tmp_path / "out", run, max_length=most, max_left_out=1)
    cut, _ = prepared(tmp_path / "cut", run, max_length=most, max_left_out=1, overlong="cut")
    assert out.left_out["too_long"] == out.rows - out.examples > 0
    assert out.lengths.longest <= most == cut.lengths.longest
    assert cut.cut + cut.left_out.get("loss_cut", 0) == out.left_out["too_long"]


def test_pairs_come_of_a_run_or_of_a_file_of_them(small_run: SmallRun, tmp_path: Path) -> None:
    run, out = small_run.result.folder, tmp_path / "train.jsonl"
    count = export_rows(
        run.dataset, small_run.result.manifest, row_format="trl-preference",
        splits=["train"], out=out,
    )  # fmt: skip
    ours, _ = prepared(tmp_path / "ours", str(run.path), kind="dpo")
    theirs, _ = prepared(tmp_path / "theirs", str(out), kind="dpo", validation=0)
    assert ours.rows == theirs.rows == count
    assert tokens(tmp_path / "ours") == tokens(tmp_path / "theirs")
    assert set(tokens(tmp_path / "ours")[0]) == {"prompt_ids", "chosen_ids", "rejected_ids"}
    with pytest.raises(UsageError, match="dpo needs pairs"):
        prepared(tmp_path / "no", str(run.dataset), kind="dpo")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere", "expected a run, a folder or file of rows, or USER/NAME on the Hub"),
        (".", "holds no rows"),
    ],
)
def test_sources_that_hold_nothing_are_named(path: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        find_source(Source(path=path if path == "nowhere" else str(tmp_path)))


def test_stages_take_what_they_do_not_say_from_the_rest() -> None:
    config = FinetuneConfig.model_validate(
        {
            "model": "m",
            "data": "all",
            "epochs": 2,
            "stages": [{"data": ["a", "b"], "epochs": 5}, {"kind": "dpo", "learning_rate": 3e-6}],
        }
    )
    first, second = config.whole_stages()
    assert ([source.path for source in first.data], first.epochs, first.rate) == (
        ["a", "b"],
        5,
        1e-4,
    )
    assert ([source.path for source in second.data], second.epochs) == (["all"], 2)
    assert (second.kind, second.rate) == ("dpo", 3e-6)
    assert FinetuneConfig(kind="dpo").rate == 1e-5
    assert FinetuneConfig(method="full").rate == 1e-5


def test_the_same_rows_elsewhere_are_the_same_training() -> None:
    one, other = (FinetuneConfig(model="m", data=path, out=path) for path in ("a", "b/c"))  # type: ignore[arg-type]
    assert one.facts() == other.facts()
    assert one.facts() != one.model_copy(update={"epochs": 4.0}).facts()
