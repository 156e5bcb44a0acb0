"""The page on deployments: what it shows can be typed, and what it names is there.

What needs a server is in `test_up.py`, which takes it from the page.
"""

import json
import re
import shlex
from pathlib import Path

import typer
import yaml
from pydantic import BaseModel

from data.publishing.config import PublishConfig
from flows.audit import AuditConfig
from flows.cli import app
from flows.config import RunConfig
from flows.deploying.prepare import WATCH
from flows.evaluation.config import EvaluateConfig
from flows.training.config import FinetuneConfig
from tests.test_docs import ROOT, snippets

PAGE = "docs/deploy.md"
CONFIGS: dict[str, type[BaseModel]] = {
    "generate-fc": RunConfig,
    "verify-fc": AuditConfig,
    "publish-fc": PublishConfig,
    "finetune-fc": FinetuneConfig,
    "evaluate-fc": EvaluateConfig,
}


def commands(program: str) -> list[list[str]]:
    lines = [line for text in snippets(PAGE, "bash") for line in text.splitlines()]
    return [words[1:] for words in map(shlex.split, lines) if words[0] == program]


def deployments() -> list[dict[str, object]]:
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    return list(content["deployments"])


def test_our_commands_parse() -> None:
    known = typer.main.get_group(app).commands
    ours = commands("callforge")
    assert len(ours) == 4
    for name, *arguments in ours:
        known[name].make_context(name, arguments)


def test_each_deployment_is_named_and_what_it_is_told_is_valid() -> None:
    assert [one["name"] for one in deployments()] == list(CONFIGS)
    runs = [words for words in commands("prefect") if words[:2] == ["deployment", "run"]]
    assert {words[2] for words in runs} == CONFIGS.keys() - {"verify-fc"}
    for words in runs:
        told = words[words.index("-p") + 1] if "-p" in words else "config={}"
        CONFIGS[words[2]].model_validate(json.loads(told.removeprefix("config=")))


def test_the_automations_of_the_page_are_those_of_prefect_yaml_and_are_off() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| `([a-z-]+)` \| `(callforge\.run\.\w+)` \| `([a-z-]+)` \|$", text, re.M
    )
    triggers = [
        (trigger["name"], trigger["expect"][0], deployment["name"])
        for deployment in deployments()
        for trigger in deployment.get("triggers", [])  # type: ignore[attr-defined]
        if trigger["enabled"] is False
    ]
    assert listed == triggers
    assert f"`{WATCH}`" in text


def test_the_page_shows_the_switches_in_the_help() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    [up] = [command for name, command in typer.main.get_group(app).commands.items() if name == "up"]
    options = {option for parameter in up.params for option in parameter.opts}
    assert all(f"{option} " in text for option in options - {"--help"})
    assert Path(ROOT / "docs" / "deploy.png").stat().st_size < 300_000
