"""The commands, settings and snippets of docs/judges.md work as they stand."""

import re
import tomllib
from pathlib import Path

from typer import Typer
from typer.main import get_command

from data.judging import read_judging
from generators.fake_server import FakeSettings, running
from generators.fake_server.__main__ import main
from generators.prompts import prompt
from tests.test_docs import callforge, run_python, snippets
from verifiers.closing_answer import ClosingAnswer
from verifiers.judge.prompting import ANSWER, CALLS, NO_CALL
from verifiers.judge.settings import JudgeConfig

PAGE = "docs/judges.md"
MODELS = ("qwen3-32b", "mistral-small", "writer", "judge")


def commands() -> list[list[str]]:
    return [
        line.split()
        for block in snippets(PAGE, "bash")
        for line in block.splitlines()
        if line.startswith("callforge ")
    ]


def test_the_commands_work_where_there_is_an_endpoint(tmp_path: Path) -> None:
    with running(FakeSettings(models=MODELS)) as server:
        for command in commands():
            told = [re.sub(r"http://127\.0\.0\.1:\d+/v1", server.url, part) for part in command]
            small = ["--samples", "60", "--shard-size", "60"]
            callforge(tmp_path, *told[1:], *small)
    judging = read_judging(tmp_path / "runs" / "judged")
    assert judging is not None and judging.judges == ("mistral-small",)
    [code] = snippets(PAGE, "python")
    roles, answer = run_python(code, tmp_path).splitlines()
    assert "'assistant', 'tool'" in roles and roles.endswith("'assistant']")
    assert answer.startswith("[] ") and len(answer) > 10


def test_the_settings_are_valid_and_show_the_defaults_that_they_explain() -> None:
    [text] = snippets(PAGE, "toml")
    config = JudgeConfig.model_validate(tomllib.loads(text)["judge"])
    plain = JudgeConfig()
    assert len(config.judges) == 2 and config.auditor is not None
    assert (config.samples, config.retries, config.calibration) == (
        plain.samples,
        plain.retries,
        plain.calibration,
    )


def test_every_criterion_and_prompt_and_reason_is_named() -> None:
    text = (Path(__file__).parent.parent / PAGE).read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in (*CALLS, *NO_CALL, ANSWER))
    assert all(f"semantic/{reason}" in text for reason in ClosingAnswer.REASONS)
    for name in re.findall(r"`(\w+)\.md`", text):
        assert prompt(name)


def test_the_options_of_the_fake_endpoint_are_real() -> None:
    [line] = [
        line
        for block in snippets(PAGE, "bash")
        for line in block.splitlines()
        if "fake_server" in line
    ]
    app = Typer()
    app.command()(main)
    known = {option for parameter in get_command(app).params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", line)) <= known
