"""An adapter goes to a model repository as one commit, with its card, and without secrets."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from api_registry.errors import StorageError, UsageError
from data.publishing.config import PublishConfig, Published
from flows.publishing import publish_any
from tests.data.hub_stand_in import HubStandIn
from tests.flows.test_adapter_card import record

REPO = "somebody/adapter"
FILES = {"README.md", "adapter_config.json", "adapter_model.safetensors", "loss.png",
         "training.json"}  # fmt: skip


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubStandIn]:
    hub = HubStandIn()
    monkeypatch.setenv("HF_TOKEN", "stand-in")
    # Read from the environment when the library was imported, which other tests may have done.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    with hub.serving() as url:
        monkeypatch.setenv("HF_ENDPOINT", url)
        yield hub


@pytest.fixture
def tuned(tmp_path: Path) -> Path:
    """The folder of a training that is finished."""
    folder = tmp_path / "tuned"
    (folder / "adapter").mkdir(parents=True)
    (folder / "adapter/adapter_config.json").write_text('{"peft_type": "LORA", "r": 16}')
    # Weights are bytes, and may look like anything.
    (folder / "adapter/adapter_model.safetensors").write_bytes(b"\0\xff sk-proj-" + b"Ab1_" * 12)
    (folder / "adapter/.cache").write_text("x")
    (folder / "loss.png").write_bytes(b"\x89PNG")
    (folder / "training.json").write_text(record().model_dump_json())
    return folder


def published(place: Path) -> Published:
    return publish_any(PublishConfig(run=str(place), repo=REPO, private=True))


def test_a_trained_adapter_is_sent_once_with_its_card(tuned: Path, hub: HubStandIn) -> None:
    first = published(tuned)
    repo = hub.repos[REPO]
    assert repo.private
    files = repo.commits[-1][2]
    assert set(files) == FILES
    assert (first.sent, first.place) == (5, f"{hub.url}/{REPO}")
    assert files["adapter_model.safetensors"].startswith(b"\0\xff")
    assert json.loads(files["training.json"])["model"] == "tiny-base"
    card = files["README.md"].decode()
    assert yaml.safe_load(card[4:].partition("\n---")[0])["base_model"] == "tiny-base"
    assert first.tag is not None and first.tag.startswith("tuned-")
    for again in (tuned, tuned / "adapter"):
        assert published(again) == first.model_copy(update={"sent": 0})
    assert len(repo.commits) == 2


def test_what_others_have_put_beside_it_stays(tuned: Path, hub: HubStandIn) -> None:
    published(tuned)
    hub.repos[REPO].commits[-1][2]["EXAMPLES.md"] = b"somebody's own"
    (tuned / "loss.png").write_bytes(b"\x89PNG another")
    assert published(tuned).sent == 5
    assert set(hub.repos[REPO].commits[-1][2]) == FILES | {"EXAMPLES.md"}


def test_a_planted_secret_stops_everything(tuned: Path, hub: HubStandIn) -> None:
    secret = "hf_" + "aBcDeFgHiJ" * 4
    (tuned / "adapter/adapter_config.json").write_text(json.dumps({"token": secret}))
    with pytest.raises(StorageError, match=r"`adapter_config\.json`, line 1, .*Hugging Face token"):
        published(tuned)
    assert not hub.repos


def test_somebody_elses_adapter_needs_a_card_and_goes_to_the_hub_alone(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(UsageError, match=r"has no README\.md"):
        published(tmp_path)
    with pytest.raises(UsageError, match="goes to the Hub: name --repo"):
        publish_any(PublishConfig(run=str(tmp_path), to=str(tmp_path / "there")))
