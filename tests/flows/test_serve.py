"""`callforge serve` and `generate --serve`, with the fake endpoint in the place of vLLM."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import main
from flows.config import RunConfig
from generators.build import GeneratorConfig

ROOT = Path(__file__).parents[2]
FAKE = """
import sys
from generators.fake_server.__main__ import main

given = dict(zip(sys.argv, sys.argv[1:]))
if given["--served-model-name"] == "broken":
    sys.exit("ValueError: no such weights")
main(port=int(given["--port"]), model=[given["--served-model-name"]])
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings that name a Python for which vLLM seems to be installed."""
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "lib/python3.11/site-packages/vllm-0.32.0.dist-info").mkdir(parents=True)
    (folder / "fake.py").write_text(FAKE)
    wrapper = folder / "bin/python"
    fake = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" "{folder / "fake.py"}" "$@"'
    wrapper.write_text(f"#!/bin/sh\n{fake}\n")
    wrapper.chmod(0o755)
    (tmp_path / "serve.toml").write_text(f'[serve]\npython = "{wrapper}"\nstop_seconds = 2\n')
    return tmp_path / "serve.toml"


def callforge(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_starts_its_own_server_and_asks_nobody_when_it_is_finished(
    config: Path, tmp_path: Path
) -> None:
    command = ["generate", "--serve", "org/model", "--config", str(config)]
    command += ["--samples", "16", "--shard-size", "8", "--name", "mine"]
    done = callforge(tmp_path, *command)
    assert done.returncode == 0, done.stderr
    assert "Loading org/model with vLLM 0.32.0" in done.stderr
    assert "Endpoint: " in done.stdout
    facts = json.loads((tmp_path / "runs/mine/run.json").read_text())
    assert "org/model" in json.dumps(facts)
    assert (tmp_path / "runs/mine/vllm.log").exists()
    again = callforge(tmp_path, *command)
    assert (again.returncode, again.stderr) == (0, "")
    assert "is complete: nothing to make" in again.stdout


def test_a_server_that_cannot_start_ends_the_run_in_a_few_lines(
    config: Path, tmp_path: Path
) -> None:
    done = callforge(tmp_path, "generate", "--serve", "broken", "--config", str(config))
    assert done.returncode == 1
    assert "error: the server ended before it answered (exit code 1)" in done.stderr
    assert done.stderr.splitlines()[-1] == "most likely: ValueError: no such weights"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_where_it_serves_and_stops_when_it_is_told_to(
    number: signal.Signals, config: Path, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "serve", "--model", "m", "--config", str(config)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stderr
        said = process.stdout.readline()
        assert (found := re.search(r"Serving m at (http://127\.0\.0\.1:\d+/v1) until", said))
        assert process.stdout.readline() == (
            f"  callforge generate --model m --base-url {found[1]}\n"
        )
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert "stopped" in process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "no model to serve: add --model NAME or --preset (small, medium, large)"),
        (["--preset", "huge"], "unknown preset `huge`; known: small, medium, large"),
        (["--model", "m", "--adapter", "x="], "--adapter `x=`: expected a folder, or NAME=PATH"),
        (["--model", "m", "--adapter", "a/x", "--adapter", "b/x"], "`a/x` is called `x` already"),
        (["--model", "m", "--gpu-memory", "3"], "setting `serve.gpu_memory`"),
        (["--model", "m", "--", "--api-key", "x"], "`--api-key` would stand in logs"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(
    arguments: list[str],
    problem: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["callforge", "serve", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    said = capsys.readouterr().err
    assert stop.value.code == 2
    assert problem in said and len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--base-url", "http://h:1/v1"], "`serve` starts a server, `endpoint.base_urls` names"),
        (["--model", "other"], "`generator.llm.model` is `other`, and the server has `m`"),
    ],
)
def test_a_server_that_would_not_be_asked_is_not_started(
    arguments: list[str],
    problem: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["callforge", "generate", "--serve", "m", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert problem in capsys.readouterr().err


def test_what_is_served_is_asked_unless_another_model_is_named() -> None:
    served = RunConfig.model_validate({"serve": {"model": "org/m"}})
    assert (served.generator.name, served.generator.llm.model) == ("llm", "org/m")
    adapted = {"preset": "small", "adapters": {"mine": "org/a"}}
    adapter = {"generator": {"llm": {"model": "mine"}}, "serve": adapted}
    assert RunConfig.model_validate(adapter).generator.llm.model == "mine"
    embedded = {"generator": {"name": "embedded"}, "serve": {"model": "judge"}}
    assert RunConfig.model_validate(embedded).generator.name == "embedded"
    assert RunConfig().generator == GeneratorConfig()
