"""An adapter's card: made of records alone, valid for the Hub, silent about this machine."""

from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard

from data.dataset_manifest import DatasetManifest
from flows.evaluation.comparison import Change, Comparison
from flows.training.card import adapter_card, public_name, public_record
from flows.training.dress import dress, model_license
from flows.training.record import (
    DataRecord,
    Point,
    PreparedRecord,
    StageRecord,
    TrainingRecord,
)
from tests.conftest import SmallRun


def stage(kind: str = "sft") -> StageRecord:
    used = PreparedRecord(rows=1000, examples=990, left_out={"too_long": 10}, used=990, tokens=5000)
    return StageRecord(
        kind=kind, train=used, held_out=PreparedRecord(), steps=60, epochs=3.0, rows_seen=2970,
        tokens_seen=15000, losses=(Point(step=1, loss=2.0),), held_out_losses=(), chosen_step=54,
        chosen_loss=0.1234, parameters=1_000_000, trainable=9000, seconds=12.0, device="cpu",
        processes=1,
    )  # fmt: skip


def record(**changes: Any) -> TrainingRecord:
    said: dict[str, Any] = {
        "identity": "ab" * 32,
        "command": "callforge finetune /home/me/runs/mine --model /home/me/models/tiny-base",
        "config": {"method": "lora", "lora": {"r": 16, "alpha": 32}, "seed": 0, "max_steps": None},
        "model": "/home/me/models/tiny-base",
        "data": (DataRecord(path="runs/mine", weight=1.0, digest="c" * 64, run="runs/mine"),),
        "versions": {"torch": "2.13.0", "trl": "1.16.0"},
        "preflight": {},
        "stages": (stage(),),
        "result": "adapter",
        "seconds": 15.0,
    }
    return TrainingRecord.model_validate(said | changes)


COMPARED = Comparison(
    identity="x", split="test", questions=200,
    scores={"plain": {"exact": Change(
        before=0.01, after=0.475, difference=0.465, low=0.39, high=0.54, n=200)}},
)  # fmt: skip


@pytest.fixture
def manifest(small_run: SmallRun) -> DatasetManifest:
    return small_run.result.manifest


def header(card: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(card[4:].partition("\n---")[0])
    return found


def test_the_card_says_what_was_trained_on_what_and_what_it_brought(
    manifest: DatasetManifest,
) -> None:
    card = adapter_card(
        record(), {"runs/mine": manifest}, comparison=COMPARED, base_license="apache-2.0",
        published="somebody/calls",
    )  # fmt: skip
    funnel = manifest.funnel
    for told in (
        "| plain | exact | 200 | 1.0% | 47.5% | +46.5 [+39.0, +54.0] |",
        f"| mine | 1 | {funnel.drafts:,} | {funnel.kept:,} (",
        "| 1: sft | 990 | 10 | 990 | 5,000 | 60 | 3 | 54 | 0.1234 | 9,000 of 1,000,000 |",
        "| lora | r 16, alpha 32 |",
        "callforge finetune mine --model tiny-base",
        "torch 2.13.0, trl 1.16.0",
        "none of which was trained on",
    ):
        assert told in card
    assert "/home/me" not in card
    assert header(card) == {
        "license": "apache-2.0",
        "library_name": "peft",
        "base_model": "tiny-base",
        "base_model_relation": "adapter",
        "datasets": ["somebody/calls"],
        "pipeline_tag": "text-generation",
        "tags": ["function-calling", "tool-use", "lora", "sft", "trl", "callforge"],
    }


def test_the_hubs_own_library_reads_the_header(manifest: DatasetManifest) -> None:
    card = ModelCard(adapter_card(record(model="Qwen/Qwen3-8B"), {"runs/mine": manifest}))
    assert card.data.base_model == "Qwen/Qwen3-8B"
    assert card.data.library_name == "peft"
    assert "# Function calling: an adapter for Qwen/Qwen3-8B" in card.text


@pytest.mark.parametrize(
    ("base", "licence"),
    [("cc-by-nc-4.0", "cc-by-nc-4.0"), ("mit", "apache-2.0"), (None, "other"), ("own", "other")],
)
def test_the_licence_is_the_most_restrictive_of_model_and_data(
    base: str | None, licence: str, manifest: DatasetManifest
) -> None:
    card = adapter_card(record(), {"runs/mine": manifest}, base_license=base)
    assert header(card)["license"] == licence
    assert ("Its licence is not known" in card) == (licence == "other")
    assert ("license_name" in header(card)) == (licence == "other")


def test_what_was_not_done_is_not_claimed() -> None:
    rows = DataRecord(path="rows.jsonl", weight=1.0, digest="d" * 64)
    hub = DataRecord(path="somebody/set", weight=0.5, digest="e" * 64, commit="f" * 40)
    card = adapter_card(record(data=(rows, hub), result="model", stages=(stage("dpo"),)), {})
    assert "It has not been evaluated." in card and "## Scores" not in card
    assert "were checked" not in card
    said = header(card)
    assert (said["library_name"], said["datasets"]) == ("transformers", ["somebody/set"])
    assert said["base_model_relation"] == "finetune"


def test_places_of_this_machine_are_left_out_of_what_others_get() -> None:
    said = str(public_record(record(config={"out": "/home/me/out", "data": [{"path": "../a/b"}]})))
    assert "/home" not in said and "'out'" in said and "'b'" in said
    assert "callforge finetune mine --model tiny-base" in said
    for place, name in (
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B"), ("./models/mine", "mine"), ("/a/b/c/", "c"),
        ("~/x", "x"), ("tiny", "tiny"), ("runs/of/mine", "mine"),
    ):  # fmt: skip
        assert public_name(place) == name


def test_a_models_own_card_says_its_licence(tmp_path: Any) -> None:
    assert model_license(str(tmp_path)) is None
    assert model_license("org/never-downloaded") is None
    for text, licence in (
        ("---\nlicense: gemma\n---\n", "gemma"), ("# No header", None), ("---\n[\n---\n", None),
    ):  # fmt: skip
        (tmp_path / "README.md").write_text(text)
        assert model_license(str(tmp_path)) == licence


def test_an_adapter_is_dressed_once_and_the_same_way(tmp_path: Any) -> None:
    (tmp_path / "adapter").mkdir()
    (tmp_path / "loss.png").write_bytes(b"png")
    (tmp_path / "comparison.json").write_text(COMPARED.model_dump_json())
    place = dress(tmp_path, record())
    files = {path.name: path.stat().st_mtime_ns for path in place.iterdir()}
    assert set(files) == {"README.md", "training.json", "comparison.json", "loss.png"}
    dress(tmp_path, record())
    assert {path.name: path.stat().st_mtime_ns for path in place.iterdir()} == files
    assert "47.5%" in (place / "README.md").read_text()
    # Once it is known where the data went, the card goes on saying so.
    dress(tmp_path, record(), published="somebody/calls")
    dress(tmp_path, record())
    assert header((place / "README.md").read_text())["datasets"] == ["somebody/calls"]
