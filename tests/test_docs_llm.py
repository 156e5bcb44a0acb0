"""The commands and settings of docs/llm.md work as they stand, and its promises are kept."""

import re
import tomllib
from pathlib import Path

from typer import Typer
from typer.main import get_command

from data.run_folder import RunFolder
from flows.config import RunConfig
from generators.fake_server import FAULTS, FakeSettings, running
from generators.fake_server.__main__ import main
from generators.prompts import generator_prompt
from tests.test_docs import ROOT, callforge, snippets
from verifiers.reasons_page import REASONS

PAGE = "docs/llm.md"


def text() -> str:
    return (ROOT / PAGE).read_text(encoding="utf-8")


def test_the_commands_work_where_there_is_an_endpoint(tmp_path: Path) -> None:
    lines = [line for block in snippets(PAGE, "bash") for line in block.splitlines()]
    commands = [line.split() for line in lines if line.startswith("callforge ")]
    with running(FakeSettings(models=("fake-model", "qwen3-32b"))) as server:
        for command in commands:
            told = [re.sub(r"http://127\.0\.0\.1:\d+/v1", server.url, part) for part in command]
            # Ten times smaller than a reader's.
            callforge(
                tmp_path, *(str(int(part) // 10) if part.isdigit() else part for part in told[1:])
            )
    for name in ("tried", "real"):
        assert (RunFolder(tmp_path / "runs" / name).dataset / "manifest.json").exists()


def test_the_fake_endpoint_has_the_options_and_faults_shown() -> None:
    app = Typer()
    app.command()(main)
    known = {option for parameter in get_command(app).params for option in parameter.opts}
    [line] = [
        line
        for block in snippets(PAGE, "bash")
        for line in block.splitlines()
        if "-m generators" in line
    ]
    assert set(re.findall(r"--[a-z-]+", line)) | {"--limit", "--fault"} <= known
    assert set(re.findall(r"--fault (\w+)=", text())) <= set(FAULTS)


def test_the_settings_are_valid_and_show_the_defaults() -> None:
    [toml] = snippets(PAGE, "toml")
    values = tomllib.loads(toml)
    values["generator"]["name"] = "llm"
    shown, plain = RunConfig.model_validate(values), RunConfig()
    for name in ("concurrency", "attempts", "timeout", "longest_wait"):
        assert getattr(shown.endpoint, name) == getattr(plain.endpoint, name)
    for name in ("pairs", "examples", "structured"):
        assert getattr(shown.generator.llm, name) == getattr(plain.generator.llm, name)
    assert plain.plan.lag == 4


def test_the_reasons_named_are_reasons() -> None:
    for stage, reason in re.findall(r"`(generation|format|quota)/(\w+)`", text()):
        assert reason in REASONS[stage]


def test_the_prompt_is_as_long_as_said() -> None:
    assert 900 < len(generator_prompt()) / 4 < 1500
