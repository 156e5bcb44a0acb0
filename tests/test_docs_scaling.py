"""What the page on scaling shows is what the command and the settings take."""

import shlex
import tomllib

import pytest
import typer

from flows.cli import app
from flows.config import RunConfig
from tests.test_docs import ROOT, snippets

PAGE = "docs/scaling.md"


def test_the_commands_of_the_page_on_scaling_parse() -> None:
    lines = [
        line.partition("#")[0] for text in snippets(PAGE, "bash") for line in text.splitlines()
    ]
    ours = [shlex.split(line)[1:] for line in lines if line.startswith("callforge ")]
    assert len(ours) == 3
    known = typer.main.get_group(app).commands
    for name, *arguments in ours:
        # Raises where an option is unknown or lacks its value; runs nothing.
        known[name].make_context(name, arguments)
    [install] = [line for line in lines if line.startswith("pip ")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"dask", "ray", "s3"} <= project["optional-dependencies"].keys()
    assert "'.[dask,s3]'" in install


def test_the_settings_of_the_page_on_scaling_are_taken() -> None:
    [settings] = snippets(PAGE, "toml")
    runner = RunConfig.model_validate(tomllib.loads(settings)).runner
    assert (runner.name, runner.workers, runner.shards_per_task) == ("dask", 2, 4)


@pytest.mark.parametrize("page", [PAGE, "examples/kubernetes/README.md"])
def test_links_of_the_page_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [part.split(")")[0] for part in text.split("](")[1:]]
    assert targets
    for target in targets:
        assert target.startswith("http") or (ROOT / page).parent.joinpath(target).exists()
