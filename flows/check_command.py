"""What `callforge apis check` does: every API on its examples, and what its results depend on."""

import asyncio
import json
from collections.abc import Sequence
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
        unsteady = declared(apis) | await find_unsteady(apis, sample_arguments(apis), pool)
        environments = await broken_environments(apis, pool)
        failing = await _failing(apis, pool)
        return {
            "sandbox": pool.tier,
            "checks": [check.model_dump() for check in checks],
            "unsteady": unsteady,
            "environments": environments,
            "failing": failing,
            "skipped": [item.model_dump() for item in (*loaded.skipped, *refused)],
        }


async def _failing(apis: Sequence[Api], pool: RunnerPool) -> dict[str, str]:
    """APIs without examples of which no call drawn for them worked, with the error of the first."""
    drawn = sample_arguments([api for api in apis if not api.examples])
    calls = [
        ApiCall(id=str(number), api=name, arguments=arguments)
        for name, tries in drawn.items()
        for number, arguments in enumerate(tries)
    ]
    errors: dict[str, str] = {}
    worked = set()
    for call, result in zip(calls, await pool.run(calls), strict=True):
        if result.outcome == "ok":
            worked.add(call.api)
        said = ": ".join(part for part in (result.error_type, result.error) if part)
        errors.setdefault(call.api, said or result.outcome)
    return {name: error for name, error in errors.items() if name not in worked}


def _print(found: dict[str, Any], failed: int) -> None:
    for check in found["checks"]:
        mark = "ok    " if check["passed"] else "failed"
        note = found["unsteady"].get(check["api"])
        told = f"; {note}: {_WORDS[note]}" if note else ""
        if error := found["failing"].get(check["api"]):
            told += f"; no call drawn for it worked ({error}): give it examples"
        typer.echo(f"{mark} {check['api']}: {check['detail']}{told}")
    for name, problem in found["environments"].items():
        typer.echo(f"failed environment {name}: {problem}")
    for item in found["skipped"]:
        typer.echo(f"skipped: {item['where']}: {item['reason']}")
    total = len(found["checks"])
    typer.echo(f"{total - failed} of {total} APIs work on their examples")
    typer.echo(f"calls run in the sandbox `{found['sandbox']}`")
