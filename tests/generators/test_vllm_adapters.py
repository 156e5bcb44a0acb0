"""Adapters are looked at before a server is started that could not serve them."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from api_registry.errors import ServerError
from flows.serve_command import parse_adapters
from generators.vllm_server.adapters import read_adapter, same_model
from generators.vllm_server.server import serving
from generators.vllm_server.settings import ServeConfig


def adapter(folder: Path, **config: Any) -> Path:
    """A folder as peft saves it, without the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"peft_type": "LORA", "r": 16, "base_model_name_or_path": "org/base"} | config
    (folder / "adapter_config.json").write_text(json.dumps(said))
    return folder


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"peft_type": "IA3"}, "`mine`: vLLM serves LoRA adapters, and this is IA3"),
        ({"use_dora": True}, "`mine` has DoRA"),
        ({"modules_to_save": ["lm_head"]}, "`modules_to_save` in its adapter_config.json"),
        ({"r": None}, "`mine`: its adapter_config.json says no rank"),
    ],
)
def test_adapters_that_vllm_does_not_serve_are_named(
    config: dict[str, Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(ServerError, match=told):
        read_adapter("mine", str(adapter(tmp_path, **config)))


@pytest.mark.parametrize(
    ("text", "told"), [(None, "there is no adapter_config.json in"), ("{", "cannot be read")]
)
def test_a_folder_that_holds_no_adapter_is_named(
    text: str | None, told: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "adapter_config.json").write_text(text)
    with pytest.raises(ServerError, match=told):
        read_adapter("mine", str(tmp_path))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B", True),
        ("Qwen/Qwen3-8B", "/models/Qwen3-8B", True),
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B-FP8", True),
        ("Qwen/Qwen3-8B", "someone/Qwen3-8B-bnb-4bit", True),
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B-Base", False),
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-4B", False),
    ],
)
def test_models_are_the_same_by_name_wherever_they_lie(one: str, other: str, same: bool) -> None:
    assert same_model(one, other) is same_model(other, one) is same


def test_one_folder_is_one_model_by_whatever_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base").mkdir()
    Path("link").symlink_to("base")
    assert same_model("./base", str(tmp_path / "link"))


def test_an_adapter_of_another_model_is_refused_before_anything_starts(tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    (environment / "lib/python3.11/site-packages/vllm-0.32.0.dist-info").mkdir(parents=True)
    (environment / "bin").mkdir()
    (environment / "bin/python").symlink_to(sys.executable)
    adapter(tmp_path / "tuned" / "adapter")
    config = ServeConfig(
        model="org/other", adapters={"mine": str(tmp_path / "tuned")},
        python=str(environment / "bin/python"),
    )  # fmt: skip

    async def body() -> None:
        async with serving(config, tmp_path / "log"):
            raise AssertionError("it was started")

    with pytest.raises(ServerError, match="was trained on `org/base`, and `org/other` is to be"):
        asyncio.run(body())
    assert not (tmp_path / "log").exists()


def test_adapters_are_called_by_their_folders_unless_somebody_says(tmp_path: Path) -> None:
    inner = adapter(tmp_path / "tuned" / "adapter")
    given = [str(inner), "other=org/x", "org/y", str(adapter(tmp_path / "plain"))]
    assert parse_adapters(given) == {
        "tuned": str(inner), "other": "org/x", "y": "org/y", "plain": str(tmp_path / "plain"),
    }  # fmt: skip
