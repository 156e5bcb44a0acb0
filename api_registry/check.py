"""Runs each API on its own examples: an API that fails there is not worth sampling."""

from collections.abc import Sequence

from api_registry.schema_check import check_arguments
from api_registry.types import Api, ApiCall, Executor, Model, tool_of


class ExampleCheck(Model):
    """What came of one API's examples."""

    api: str
    passed: bool
    detail: str
    """`3 examples`, `no examples`, or what went wrong with the first that failed."""


async def check_examples(apis: Sequence[Api], executor: Executor) -> list[ExampleCheck]:
    """Check every example against the schema and run it."""
    problems: dict[str, str] = {}
    calls: list[tuple[Api, ApiCall]] = []
    for api in apis:
        tool = tool_of(api)
        for index, arguments in enumerate(api.examples):
            if problem := check_arguments(tool, arguments):
                detail = (
                    f"example {index + 1}: {problem.path[1:] or 'arguments'}: {problem.message}"
                )
                problems.setdefault(api.name, detail)
            call = ApiCall(id=f"example_{index + 1}", api=api.name, arguments=arguments)
            calls.append((api, call))
    results = await executor.run([call for _, call in calls])
    for (api, call), result in zip(calls, results, strict=True):
        if result.outcome != "ok":
            what = ": ".join(part for part in (result.error_type, result.error) if part)
            detail = f"{call.id.replace('_', ' ')}: {result.outcome}: {what}"
            problems.setdefault(api.name, detail)
    return [
        ExampleCheck(
            api=api.name,
            passed=api.name not in problems,
            detail=problems.get(api.name) or _count(len(api.examples)),
        )
        for api in apis
    ]


def _count(examples: int) -> str:
    return "no examples" if not examples else f"{examples} example{'s' * (examples > 1)}"
