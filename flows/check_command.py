"""What `callforge apis check` does: every API on its examples, and what its results depend on."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from api_registry.check import check_examples
from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.steadiness import broken_environments, declared, find_unsteady, needing
from api_registry.types import Api, ApiCall, Loaded, Skipped
from flows.config import CATALOG, settings_of
from flows.offered import sample_arguments

_WORDS = {
    "random": "results differ by chance or time",
    "stateful": "results depend on earlier calls",
}


def check_apis(specs: Sequence[str], execution: dict[str, Any], *, as_json: bool) -> None:
    """Run every API on its examples; exits with 1 when one fails."""
    config = settings_of(ExecutionConfig, execution)
    loaded = load_apis(tuple(specs) or (CATALOG,))
    found = asyncio.run(_checked(loaded, config))
    failed = [check for check in found["checks"] if not check["passed"]]
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _print(found, len(failed))
    if failed or found["environments"]:
        raise typer.Exit(1)


async def _checked(loaded: Loaded, config: ExecutionConfig) -> dict[str, Any]:
    needed = {api.name: needing(api, config.allow_effects) for api in loaded.apis}
    refused = [
        Skipped(where=name, reason=f"it needs {', '.join(effects)}: `--allow {effects[0]}`")
        for name, effects in needed.items()
        if effects
    ]
    apis = [api for api in loaded.apis if not needed[api.name]]
    async with RunnerPool(loaded.apis, config) as pool:
        checks = await check_examples(apis, pool)
        arguments = sample_arguments(apis)
        unsteady = declared(apis) | await find_unsteady(apis, arguments, pool)
        environments = await broken_environments(apis, pool)
        failing = await _failing([api for api in apis if not api.examples], arguments, pool)
        return {
            "sandbox": pool.tier,
            "checks": [check.model_dump() for check in checks],
            "unsteady": unsteady,
            "environments": environments,
            "failing": failing,
            "skipped": [item.model_dump() for item in (*loaded.skipped, *refused)],
        }


async def _failing(
    apis: Sequence[Api], drawn: Mapping[str, Sequence[dict[str, Any]]], pool: RunnerPool
) -> dict[str, str]:
    """Those of some APIs of which no call drawn for them works, with the error of the first."""
    calls = [
        ApiCall(id=str(number), api=api.name, arguments=arguments)
        for api in apis
        for number, arguments in enumerate(drawn[api.name])
    ]
    errors: dict[str, str] = {}
    worked = set()
    for call, result in zip(calls, await pool.run(calls), strict=True):
        if result.outcome == "ok":
            worked.add(call.api)
        errors.setdefault(call.api, result.problem or result.outcome)
    return {name: error for name, error in errors.items() if name not in worked}


def _print(found: dict[str, Any], failed: int) -> None:
    for check in found["checks"]:
        error = found["failing"].get(check["api"])
        mark = ("unsure" if error else "ok    ") if check["passed"] else "failed"
        note = found["unsteady"].get(check["api"])
        told = f"; {note}: {_WORDS[note]}" if note else ""
        if error:
            told += f"; no call drawn for it worked ({error}): give it examples"
        typer.echo(f"{mark} {check['api']}: {check['detail']}{told}")
    for name, problem in found["environments"].items():
        typer.echo(f"failed environment {name}: {problem}")
    for item in found["skipped"]:
        typer.echo(f"skipped: {item['where']}: {item['reason']}")
    total, unsure = len(found["checks"]), len(found["failing"])
    typer.echo(f"{total - failed - unsure} of {total} APIs work on their examples")
    typer.echo(f"calls run in the sandbox `{found['sandbox']}`")
