"""`docs/training.md` is true: its commands parse, its settings are the defaults.

Its code runs in `tests/flows/test_finetune.py`, where there is a model.
"""

import shlex
import tomllib
from pathlib import Path

import typer

from flows.cli import app
from flows.config import RunConfig, read_config
from flows.training.config import FinetuneConfig
from tests.test_docs import ROOT, snippets

PAGE = "docs/training.md"


def test_the_commands_of_the_page_parse() -> None:
    commands = [
        shlex.split(line) for block in snippets(PAGE, "bash") for line in block.splitlines()
    ]
    known = typer.main.get_group(app).commands
    assert len(commands) == 4
    for command, name, *arguments in commands:
        assert command == "callforge"
        # Raises where an option is unknown or lacks its value; runs nothing.
        known[name].make_context(name, arguments)


def test_the_settings_of_the_page_are_the_defaults_and_its_stages_are_stages(
    tmp_path: Path,
) -> None:
    defaults, stages = snippets(PAGE, "toml")
    assert RunConfig.model_validate(tomllib.loads(defaults)).finetune == FinetuneConfig()
    (tmp_path / "stages.toml").write_text(stages)
    whole = read_config(tmp_path / "stages.toml", {}).finetune.whole_stages()
    assert [stage.kind for stage in whole] == ["sft", "sft", "dpo"]
    assert [source.weight for source in whole[1].data] == [1.0, 0.5]
    assert [stage.rate for stage in whole] == [1e-4, 1e-4, 5e-6]


def test_the_table_of_methods_says_the_rates_that_are() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    for method, rate in (("lora", "1e-4"), ("qlora", "1e-4"), ("full", "1e-5")):
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{method}` |")]
        assert row.endswith(f"| {rate} |")
        assert FinetuneConfig.model_validate({"method": method}).rate == float(rate)
