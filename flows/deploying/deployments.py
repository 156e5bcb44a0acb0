"""`prefect.yaml` as `callforge up` deploys it: for this folder, with the chain asked for."""

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import yaml

from api_registry.errors import UsageError

SHIPPED = Path(__file__).parent.parent.parent / "prefect.yaml"
_REPO = re.compile(r"[\w.-]+/[\w.-]+")


def read_deployments() -> dict[str, Any]:
    """`prefect.yaml` of the working directory, or the shipped one where there is none.

    Raises `UsageError` where it is not YAML with a list of deployments.
    """
    own = Path("prefect.yaml")
    path = own if own.exists() else SHIPPED
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UsageError(f"`{path}` cannot be read: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("deployments"), list):
        raise UsageError(f"`{path}`: expected a list under `deployments`")
    return content


def chained(
    content: dict[str, Any], *, publish_to: str | None, finetune: str | None
) -> dict[str, Any]:
    """The deployments with those triggers on that a place or a model is given for.

    Args:
        content: What `prefect.yaml` says; triggers are off there.
        publish_to: USER/NAME on the Hub, or any place that fsspec knows.
        finetune: Model to fine-tune on what was published, and to evaluate then.
    """
    changes: dict[str, dict[str, Any]] = {}
    if publish_to:
        key = "repo" if _REPO.fullmatch(publish_to) else "to"
        changes["publish-fc"] = {"repo": None, "to": None} | {key: publish_to}
    if finetune:
        changes["finetune-fc"] = {"model": finetune}
        changes["evaluate-fc"] = {}
    known = {deployment.get("name") for deployment in content["deployments"]}
    if lacking := changes.keys() - known:
        raise UsageError(f"`prefect.yaml` has no deployment {', '.join(sorted(lacking))}")
    deployments = [
        _switched_on(deployment, changes[deployment["name"]])
        if deployment.get("name") in changes
        else deployment
        for deployment in content["deployments"]
    ]
    return content | {"deployments": deployments}


def on_this_machine(content: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The deployments with runs that work in a folder, each in one process of this Python.

    Without a command of their own, Prefect puts two more processes before each run, which take
    longer to start than a small run takes.
    """
    engine = shlex.join([sys.executable, "-m", "prefect.engine"])
    local = {"working_dir": str(folder), "command": engine}
    deployments = []
    for deployment in content["deployments"]:
        pool = deployment.get("work_pool", {})
        variables = local | pool.get("job_variables", {})
        deployments.append(
            deployment | {"pull": [], "work_pool": pool | {"job_variables": variables}}
        )
    return content | {"deployments": deployments}


def _switched_on(deployment: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    triggers = []
    for trigger in deployment.get("triggers", []):
        parameters = trigger.get("parameters", {})
        told = parameters.get("config", {}) | config
        kept = {key: value for key, value in told.items() if value is not None}
        triggers.append(trigger | {"enabled": True, "parameters": parameters | {"config": kept}})
    return deployment | {"triggers": triggers}
