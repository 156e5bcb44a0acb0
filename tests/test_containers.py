"""Image, compose file and Kubernetes example, as far as they can be checked without an engine."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.cli._app import _app as prefect_app

from flows.config import RunConfig
from flows.deploying import prepare
from flows.deploying.up import POOL
from generators.vllm_server.settings import read_preset

ROOT = Path(__file__).parent.parent
KUBERNETES = ROOT / "examples" / "kubernetes"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DEPLOYMENTS = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))


def dockerfile() -> list[list[str]]:
    """The instructions, split into words."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [shlex.split(line) for line in text.splitlines() if line and not line.startswith("#")]


def prefect_commands() -> Iterator[list[str]]:
    """Every `prefect …` of the compose file and of the Kubernetes page, without its first word."""
    texts = [str(service.get("command", "")) for service in SERVICES.values()]
    page = (KUBERNETES / "README.md").read_text(encoding="utf-8")
    texts += [line for block in re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
              for line in block.splitlines()]  # fmt: skip
    for text in texts:
        inner = shlex.split(text)[-1] if text.startswith("sh -c") else text
        for command in inner.split("&&"):
            words = shlex.split(command)
            if words[:1] == ["prefect"]:
                yield [word for word in words[1:] if word != "--no-prompt"]


def test_everything_that_the_image_copies_is_there_and_all_packages_are_copied() -> None:
    copied = {word for name, *words in dockerfile() if name == "COPY" for word in words[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    assert {"api_registry", "data", "generators", "verifiers", "flows"} <= copied
    [run] = [words for name, *words in dockerfile() if name == "RUN" and "pip" in words]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [extras] = [re.findall(r"\w+", word) for word in run if word.startswith(".[")]
    assert all(re.search(rf"^{extra} = \[", project, re.MULTILINE) for extra in extras)


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert [words for name, *words in dockerfile() if name == "USER"] == [["callforge"]]


def test_the_services_of_the_compose_file_fit_together() -> None:
    for name, service in SERVICES.items():
        assert "image" in service, name
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", ()):
            assert volume.split(":")[0] in COMPOSE["volumes"]
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "nothing is open to the network"
    url = SERVICES["worker"]["environment"]["PREFECT_API_URL"]
    assert url == "http://server:4200/api"
    assert (
        "postgresql+asyncpg://prefect:"
        in (SERVICES["server"]["environment"]["PREFECT_API_DATABASE_CONNECTION_URL"])
    )


@pytest.mark.parametrize(
    "path", ["Dockerfile", "compose.yaml", *(f"examples/kubernetes/{name}" for name in
             ("prefect.yaml", "dask.yaml"))]
)  # fmt: skip
def test_no_secret_stands_in_a_file(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    given = re.findall(r"^\s*\w*(?:KEY|TOKEN|PASSWORD)\w*:\s*(.+)$", text, re.MULTILINE)
    assert all(value.startswith("${") for value in given)
    assert not re.search(r"://[^\s:/]+:(?!\$\{)[^\s@]+@", text)


def test_every_prefect_command_exists_with_its_options() -> None:
    commands = list(prefect_commands())
    assert len(commands) >= 5
    for command in commands:
        # Raises where a command, an option or a value is unknown; runs nothing.
        prefect_app.parse_args(command, exit_on_error=False, print_error=False)


def test_the_compose_file_deploys_as_callforge_up_does() -> None:
    python, option, module, pool, file = shlex.split(SERVICES["deploy"]["command"])
    assert (python, option, module) == ("python", "-m", prepare.__name__)
    assert (pool, (ROOT / file).exists()) == (POOL, True)
    frequency = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY"
    assert frequency in SERVICES["worker"]["environment"], "the automation waits for heartbeats"


def test_the_work_pool_of_the_compose_file_is_that_of_the_deployments() -> None:
    pools = {deployment["work_pool"]["name"] for deployment in DEPLOYMENTS["deployments"]}
    given = {command[command.index("--pool") + 1]
             for command in prefect_commands() if "--pool" in command}  # fmt: skip
    assert pools == {"callforge"}
    assert given == {"callforge", "callforge-kubernetes"}


def test_the_model_of_the_compose_file_is_that_of_the_small_preset() -> None:
    words = shlex.split(SERVICES["vllm"]["command"])
    preset = read_preset("small")
    assert words[words.index("--model") + 1] == preset["model"]
    assert words[words.index("--quantization") + 1] == preset["quantization"]


def test_the_kubernetes_deployment_has_settings_that_a_run_takes() -> None:
    content = yaml.safe_load((KUBERNETES / "prefect.yaml").read_text(encoding="utf-8"))
    [deployment] = content["deployments"]
    config = RunConfig.model_validate(deployment["parameters"]["config"])
    assert config.runner.name == "dask" and config.output.url
    [known] = [one for one in DEPLOYMENTS["deployments"] if one["name"] == deployment["name"]]
    assert deployment["entrypoint"] == known["entrypoint"]
    assert f"prefect work-pool create {deployment['work_pool']['name']} --type kubernetes" in (
        (KUBERNETES / "README.md").read_text(encoding="utf-8")
    )


def test_the_kubernetes_workers_find_their_scheduler_and_dask_has_these_options() -> None:
    scheduler_cli = pytest.importorskip("distributed.cli.dask_scheduler").main
    worker_cli = pytest.importorskip("distributed.cli.dask_worker").main
    text = (KUBERNETES / "dask.yaml").read_text(encoding="utf-8")
    service, scheduler, worker = yaml.safe_load_all(text)
    [port] = service["spec"]["ports"]
    assert service["spec"]["selector"] == scheduler["spec"]["template"]["metadata"]["labels"]
    for deployment, cli in ((scheduler, scheduler_cli), (worker, worker_cli)):
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        cli.make_context("dask", container["command"][2:])
    address = f"tcp://{service['metadata']['name']}:{port['port']}"
    assert address in worker["spec"]["template"]["spec"]["containers"][0]["command"]
