"""Configurations for other trainers: documented keys, and rows in the form that each reads."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from api_registry.errors import UsageError
from data.rows import row_calls, sample_row, training_view
from data.trainer_export import export_for_trainer
from data.trainers import TRAINERS
from data.trainers.settings import Misfit, TrainerSettings
from data.types import Sample, Turn
from flows.cli import main
from tests.conftest import SmallRun

KEYS = Path(__file__).parent / "trainer_keys"
MODEL = "Qwen/Qwen3-8B"


def exported(run: SmallRun, trainer: str, out: Path) -> dict[str, Any]:
    """What stands in the configuration."""
    folder, manifest = run.result.folder.dataset, run.result.manifest
    made = export_for_trainer(folder, manifest, trainer, TrainerSettings(model=MODEL), out)
    assert {path.name for path in out.iterdir()} == set(made.files)
    assert made.left_out == {}
    assert made.rows == {s: manifest.funnel.splits[s] for s in ("train", "validation")}
    said: dict[str, Any] = yaml.safe_load((out / made.files[0]).read_text())
    return said


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def stored(run: SmallRun, split: str) -> list[dict[str, Any]]:
    folder = run.result.folder.dataset
    return [
        row
        for name in run.result.manifest.splits[split]
        for row in pq.read_table(folder / name).to_pylist()
    ]


def paths(value: Any, before: str = "") -> Iterator[str]:
    """Every key, with those that it stands in; entries of lists stand in the list itself."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield before + key
            yield from paths(inner, f"{before}{key}.")
    for item in value if isinstance(value, list) else ():
        yield from paths(item, before)


def documented(trainer: str) -> set[str]:
    text = (KEYS / f"{trainer}.txt").read_text(encoding="utf-8")
    assert "read on 20" in text and "https://" in text
    return {line for line in text.splitlines() if not line.startswith("#")}


def named(trainer: str, key: str) -> str:
    """A key as the lists name it, where it may stand in several places."""
    if trainer == "axolotl":
        return key.replace("test_datasets.", "datasets.")
    return f"datasets.{key.partition('.datasets.')[2]}" if ".datasets." in key else key


@pytest.mark.parametrize("trainer", TRAINERS)
def test_every_key_that_is_written_is_documented(
    trainer: str, small_run: SmallRun, tmp_path: Path
) -> None:
    said = exported(small_run, trainer, tmp_path / "out")
    free = ("message_property_mappings.", "model", "data", "training", "peft")
    found = {
        named(trainer, key)
        for key in paths(said)
        if key not in free and "message_property_mappings." not in key
    }
    assert found - documented(trainer) == set()
    assert len(found) > 20


def test_the_list_of_keys_would_find_a_wrong_one() -> None:
    assert "lora_rank" not in documented("axolotl")
    assert "lora_r" not in documented("llamafactory")


def test_axolotl_reads_arguments_and_parameters_as_text(
    small_run: SmallRun, tmp_path: Path
) -> None:
    said = exported(small_run, "axolotl", tmp_path / "out")
    [train], [held_out] = said["datasets"], said["test_datasets"]
    assert (train["path"], held_out["path"]) == ("train.jsonl", "validation.jsonl")
    for row, source in zip(
        lines(tmp_path / "out/train.jsonl"), stored(small_run, "train"), strict=True
    ):
        assert list(row) == [train["field_messages"], train["field_tools"]]
        for tool in row["tools"]:
            tool["function"]["parameters"] = json.loads(tool["function"]["parameters"])
        for message in row["messages"]:
            for call in message.get("tool_calls", ()):
                call["function"]["arguments"] = json.loads(call["function"]["arguments"])
        assert row == training_view(source)


def test_llama_factory_reads_alternating_turns_and_calls_as_text(
    small_run: SmallRun, tmp_path: Path
) -> None:
    said = exported(small_run, "llamafactory", tmp_path / "out")
    info = json.loads((tmp_path / "out/dataset_info.json").read_text())
    keys = {f"info.{key}" for entry in info.values() for key in paths(entry)}
    assert keys <= documented("llamafactory")
    assert (said["template"], said["dataset_dir"]) == ("qwen3", ".")
    entry = info[said["dataset"]]
    assert (entry["file_name"], info[said["eval_dataset"]]["file_name"]) == (
        "train.jsonl", "validation.jsonl",
    )  # fmt: skip
    columns = entry["columns"]
    systems = 0
    for row, source in zip(
        lines(tmp_path / "out/train.jsonl"), stored(small_run, "train"), strict=True
    ):
        assert set(row) == set(columns.values())
        turns = row[columns["messages"]]
        assert [turn["from"] for turn in turns[::2]] == ["human"]
        assert [turn["from"] for turn in turns[1::2]] in (["gpt"], ["function_call"])
        assert json.loads(row[columns["tools"]]) == json.loads(source["tools"])
        if turns[1]["from"] == "function_call":
            calls = json.loads(turns[1]["value"])
            assert (calls if isinstance(calls, list) else [calls]) == row_calls(source)
        else:
            assert turns[1]["value"] == source["messages"][-1]["content"]
        systems += bool(row[columns["system"]])
    assert systems


def test_oumi_reads_openais_form_with_words_in_every_message(
    small_run: SmallRun, tmp_path: Path
) -> None:
    said = exported(small_run, "oumi", tmp_path / "out")
    [entry] = said["data"]["train"]["datasets"]
    assert (entry["dataset_name"], entry["dataset_path"]) == ("text_sft", "train.jsonl")
    for row, source in zip(
        lines(tmp_path / "out/train.jsonl"), stored(small_run, "train"), strict=True
    ):
        assert row["conversation_id"] == source["id"]
        assert all(isinstance(message["content"], str) for message in row["messages"])
        calls = [c["function"] for m in row["messages"] for c in m.get("tool_calls", ())]
        decoded = [call | {"arguments": json.loads(call["arguments"])} for call in calls]
        assert decoded == row_calls(source)
        assert [tool["function"] for tool in row["tools"]] == json.loads(source["tools"])


def closed(*turns: Turn) -> dict[str, Any]:
    return sample_row(
        Sample(id="x", group="", turns=turns, tools=(), style="simple", category="general")
    )


def test_results_of_parallel_calls_are_one_turn_of_llama_factory() -> None:
    row = closed(
        Turn(role="user", content="Two?"),
        Turn.model_validate(
            {"role": "assistant", "calls": [
                {"id": f"call_{n}", "name": "f", "arguments": {"n": n}} for n in (0, 1)]}
        ),
        Turn(role="tool", content="1", call="call_0"),
        Turn(role="tool", content="2", call="call_1"),
        Turn(role="assistant", content="One and two."),
    )  # fmt: skip
    turns = TRAINERS["llamafactory"].row(row)["conversations"]
    assert [turn["from"] for turn in turns] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(turns[2]["value"]) == ["1", "2"]
    # Each result has a message of its own elsewhere.
    for trainer in ("axolotl", "oumi"):
        messages = TRAINERS[trainer].row(row)["messages"]
        assert [m["tool_call_id"] for m in messages if m["role"] == "tool"] == ["call_0", "call_1"]


def test_rows_that_a_trainer_would_pass_over_in_silence_are_refused() -> None:
    user, answer = Turn(role="user", content="A?"), Turn(role="assistant", content="B.")
    with pytest.raises(Misfit, match="do not alternate"):
        TRAINERS["llamafactory"].row(closed(user, user, answer))
    with pytest.raises(Misfit, match="neither words nor calls"):
        TRAINERS["oumi"].row(closed(user, Turn(role="assistant", content="")))
    assert TRAINERS["llamafactory"].row(closed(user, answer))["system"] == ""


@pytest.mark.parametrize(
    ("model", "template"),
    [
        ("Qwen/Qwen3-8B", "qwen3"),
        ("Qwen/Qwen3-4B-Instruct-2507", "qwen3_nothink"),
        ("Qwen/Qwen2.5-7B-Instruct", "qwen"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3"),
        ("meta-llama/Meta-Llama-3-8B-Instruct", "llama3"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "mistral"),
        ("meta-llama/Llama-2-13b-chat-hf", None),
        ("./my-model", None),
    ],
)
def test_llama_factorys_templates_are_known_for_some_families(
    model: str, template: str | None
) -> None:
    make = TRAINERS["llamafactory"].config
    files = {"train": "train.jsonl"}
    if template is None:
        with pytest.raises(UsageError, match="as in --template llama3"):
            make(TrainerSettings(model=model), files)
        template = "mine"
    said = yaml.safe_load(
        make(TrainerSettings(model=model, template=template), files)["llamafactory.yaml"]
    )
    assert said["template"] == template
    assert "eval_dataset" not in said


def callforge(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["callforge", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_command_writes_a_folder_and_says_how_to_train(
    small_run: SmallRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = str(small_run.result.folder.path)
    out = tmp_path / "axolotl"
    code = callforge(
        monkeypatch, "export", run, "--config-for", "axolotl", "--model", MODEL, "--out", str(out)
    )
    assert code == 0
    assert f"Train with: cd {out} && axolotl train axolotl.yaml" in capsys.readouterr().out
    for arguments, told in (
        (["--config-for", "axolotl"], "name the --model"),
        (["--config-for", "tune", "--model", "m"], "expected one of axolotl, llamafactory, oumi"),
        (["--config-for", "oumi", "--model", "m", "--template", "x"], "--template is LLaMA"),
        (["--config-for", "oumi", "--model", "m", "--format", "trl"], "--format means nothing"),
        (["--format", "trl", "--model", "m"], "--model means nothing beside --format"),
        ([], "name --format for rows, or --config-for"),
    ):
        assert callforge(monkeypatch, "export", run, *arguments, "--out", str(out / "x")) == 2
        said = capsys.readouterr().err
        assert told in said and said.count("\n") == 1
