"""`docs/after_training.md` is true: its commands parse or run, its settings are settings."""

import shlex
from pathlib import Path

import pytest
import typer

from data.trainers.settings import TrainerSettings
from flows.cli import app
from flows.config import read_config
from flows.training.config import FinetuneConfig
from tests.conftest import SmallRun
from tests.test_docs import callforge, snippets

PAGE = "docs/after_training.md"


def commands() -> list[list[str]]:
    lines = [line for block in snippets(PAGE, "bash") for line in block.splitlines()]
    return [shlex.split(line.partition("#")[0])[1:] for line in lines]


def test_every_command_of_the_page_is_one() -> None:
    known = typer.main.get_group(app).commands
    assert {arguments[0] for arguments in commands()} == {
        "generate", "finetune", "serve", "evaluate", "publish", "export",
    }  # fmt: skip
    for name, *arguments in commands():
        # Raises where an option is unknown or lacks its value; runs nothing.
        known[name].make_context(name, arguments)


def test_the_exports_of_the_page_run(small_run: SmallRun, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/my-run").symlink_to(small_run.result.folder.path)
    exports = [arguments for arguments in commands() if arguments[0] == "export"]
    assert len(exports) == 3
    for arguments in exports[:1]:
        callforge(tmp_path, *arguments)
    assert (tmp_path / "for-axolotl/axolotl.yaml").exists()


def test_the_settings_of_the_page_are_settings(tmp_path: Path) -> None:
    [text] = snippets(PAGE, "toml")
    (tmp_path / "final.toml").write_text(text)
    config = read_config(tmp_path / "final.toml", {})
    assert config.goes_on
    assert (config.publish.adapter, config.finetune.epochs) == ("USER/NAME-adapter", 2)
    assert config.comparison.variants == ("plain", "renamed")


def test_other_trainers_get_the_recipe_of_our_own() -> None:
    ours, theirs = FinetuneConfig(), TrainerSettings(model="m")
    assert {name: getattr(theirs, name) for name in TrainerSettings.model_fields} == {
        "model": "m", "template": None, "out": "output",
        "r": ours.lora.r, "alpha": ours.lora.alpha, "dropout": ours.lora.dropout,
        "learning_rate": ours.rate, "warmup": ours.warmup, "epochs": ours.epochs,
        "batch_size": ours.batch_size, "gradient_accumulation": ours.gradient_accumulation,
        "max_length": ours.max_length, "seed": ours.seed,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["training.md", "models.md", "evaluation.md"])
def test_the_page_links_to_pages_that_are_there(name: str) -> None:
    assert f"]({name})" in (Path(__file__).parents[1] / PAGE).read_text(encoding="utf-8")
    assert (Path(__file__).parents[1] / "docs" / name).exists()
