"""Finds out which APIs do not give the same result for the same call, by repeating a sample.

All calls run once, then again in reverse order, in one process; then once more in a fresh process.
A result that is another in the fresh process, under the same calls before it, comes of chance, time
or the outside world: the API is `random`. One that is another only in the repetition depends on the
calls before it: `stateful`. Both are marked among the API's effects, which rules about repeated
calls go by. What changes by the day, or after more calls than are tried, is not found.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from api_registry.types import MARKS, Api, ApiCall, Executor

Unsteady = Literal["stateful", "random"]


async def find_unsteady(
    apis: Sequence[Api], arguments: Mapping[str, Sequence[dict[str, Any]]], executor: Executor
) -> dict[str, Unsteady]:
    """Repeat calls and return the APIs whose results differ.

    Args:
        apis: Those with effects or an environment are left out: they say so themselves.
        arguments: What to call them with, by name.
        executor: Runs the calls, in processes of its own.
    """
    calls = [
        ApiCall(id=f"{api.name} {index}", api=api.name, arguments=given)
        for api in apis
        if not api.effects and not api.environment
        for index, given in enumerate(arguments.get(api.name, ()))
    ]
    results = await executor.run(calls)
    # One that hangs or crashes would only take the process of the others with it.
    calls = [call for call, result in zip(calls, results, strict=True) if result.outcome == "ok"]
    if not calls:
        return {}
    async with await executor.open() as session:
        first = await session.run(calls)
        again = (await session.run(calls[::-1]))[::-1]
    async with await executor.open() as session:
        fresh = await session.run(calls)
    found: dict[str, Unsteady] = {}
    for call, once, twice, anew in zip(calls, first, again, fresh, strict=True):
        if once != anew:
            found[call.api] = "random"
        elif once != twice:
            found.setdefault(call.api, "stateful")
    return dict(sorted(found.items()))


def marked(apis: Sequence[Api], unsteady: Mapping[str, Unsteady]) -> tuple[Api, ...]:
    """The APIs, with what was found among the effects of each."""
    return tuple(
        api.model_copy(update={"effects": tuple(sorted({*api.effects, unsteady[api.name]}))})
        if api.name in unsteady
        else api
        for api in apis
    )


def declared(apis: Sequence[Api]) -> dict[str, Unsteady]:
    """What APIs say of themselves: by `@api(effects=…)`, or as methods of an environment."""
    found: dict[str, Unsteady] = {}
    for api in apis:
        if "random" in api.effects:
            found[api.name] = "random"
        elif "stateful" in api.effects or api.environment:
            found[api.name] = "stateful"
    return found


async def broken_environments(apis: Sequence[Api], executor: Executor) -> dict[str, str]:
    """Environments that do not come back from their own state, and how that shows.

    Such a one serves for calls; a session on it cannot be given a state, or be restored.
    """
    problems: dict[str, str] = {}
    for name in sorted({api.environment for api in apis if api.environment}):
        async with await executor.open(name) as session:
            snapshot = await session.snapshot()
        if snapshot.outcome != "ok":
            problems[name] = f"its state cannot be taken: {snapshot.error}"
            continue
        async with await executor.open(name, snapshot.state) as session:
            if session.failure:
                problems[name] = f"it cannot be made from its state: {session.failure}"
    return problems


def needing(api: Api, allowed: Collection[str]) -> tuple[str, ...]:
    """Effects of an API that have to be allowed and are not."""
    return tuple(sorted(set(api.effects) - MARKS - set(allowed)))
