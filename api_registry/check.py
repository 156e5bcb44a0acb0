"""Runs each API on its own examples: an API that fails there is not worth sampling."""

from collections.abc import Sequence

from api_registry.schema_check import check_arguments
from api_registry.types import Api, ApiCall, Executor, JsonSchema, Model, Tool, tool_of


class ExampleCheck(Model):
    """What came of one API's examples."""

    api: str
    passed: bool
    detail: str
    """`3 examples`, `no examples`, or what went wrong with the first that failed.

    After a semicolon: how a value differs from what the return hint promises; that is no failure.
    """


async def check_examples(apis: Sequence[Api], executor: Executor) -> list[ExampleCheck]:
    """Check every example against the schema and run it."""
    problems: dict[str, str] = {}
    lies: dict[str, str] = {}
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
            detail = f"{call.id.replace('_', ' ')}: {result.outcome}: {result.problem}"
            problems.setdefault(api.name, detail)
        elif api.returns is not None and (lie := _broken_promise(api.returns, result.value)):
            note = f"; {call.id.replace('_', ' ')}: the return hint is wrong: {lie}"
            lies.setdefault(api.name, note)
    return [
        ExampleCheck(
            api=api.name,
            passed=api.name not in problems,
            detail=problems.get(api.name) or _count(len(api.examples)) + lies.get(api.name, ""),
        )
        for api in apis
    ]


def _broken_promise(returns: JsonSchema, value: object) -> str | None:
    """How a value differs from what is promised, such as `expected string, got object {…}`."""
    schema = {"properties": {"value": returns}, "$defs": returns.get("$defs", {})}
    promise = Tool(name="returns", description="", parameters=schema, api="")
    problem = check_arguments(promise, {"value": value})
    return problem.message if problem else None


def _count(examples: int) -> str:
    return "no examples" if not examples else f"{examples} example{'s' * (examples > 1)}"
