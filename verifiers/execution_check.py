"""The execution stage: does every call run, and does it give back an answer?"""

from collections.abc import Mapping
from typing import Any

from api_registry.types import Api, ApiCall, Call, CallResult, Executor, Tool
from data.types import Sample, Stage, Verdict
from verifiers.scenes import Scene, play

_PARALLEL = ("parallel", "parallel_multiple")


class ExecutionVerifier:
    """Runs the calls of a sample through an executor and keeps their results."""

    stage: Stage = "execution"
    REASONS = {
        "raised": "the call raised an error",
        "timeout": "the call gave no result in time",
        "out_of_memory": "the call used more memory than is allowed",
        "crashed": "the call ended its process",
        "output_too_large": "the call returned more than is taken",
        "not_serialisable": "the call returned what JSON cannot hold",
        "denied": "the API needs something that calls are not allowed",
        "unregistered": "no API of that name is registered",
        "state_lost": "the state that the call needs was lost with an earlier call",
        "bad_environment": "the environment of the record cannot be read or holds no such state",
        "order_matters": "parallel calls that give other results or another state in another order",
        "http_error": "the call returned an HTTP status of 400 or above",
        "error_result": "the call returned an object whose `error` is set",
        "null_result": "the call returned null where a value is promised",
    }

    def __init__(
        self, executor: Executor, apis: Mapping[str, Api], *, skip_unregistered: bool = False
    ) -> None:
        """Run calls on `executor`; `apis` by name say what a call promises to return.

        With `skip_unregistered`, a call to anything else is passed over instead of failed.
        """
        self.executor = executor
        self.apis = apis
        self.skip_unregistered = skip_unregistered

    async def check(self, sample: Sample) -> Sample:
        """Add the results of all calls and one verdict."""
        tools = {tool.name: tool for tool in sample.tools}
        calls = sample.calls
        if not calls:
            return sample.with_verdict(Verdict(stage="execution", passed=True))
        try:
            results, annotations = await self._results(sample, tools)
        except ValueError as error:
            return self._failed(sample, "bad_environment", f"environment: {error}")
        for call, result in zip(calls, results, strict=True):
            problem = self._problem(result, tools[call.name])
            if problem is not None:
                reason, message = problem
                detail = f"{call.id} {call.name}: {message}"
                return self._failed(sample, reason, detail, call=call.id, results=results)
        changes: dict[str, Any] = {
            "results": results,
            "annotations": {**sample.annotations, **annotations},
        }
        disagreement = annotations.get("order_matters")
        if disagreement and sample.style in _PARALLEL:
            return self._failed(sample, "order_matters", disagreement, **changes)
        return sample.with_verdict(Verdict(stage="execution", passed=True), **changes)

    def _failed(
        self, sample: Sample, reason: str, detail: str, call: str | None = None, **changes: Any
    ) -> Sample:
        verdict = Verdict(stage="execution", passed=False, reason=reason, detail=detail, call=call)
        return sample.with_verdict(verdict, **changes)

    async def _results(
        self, sample: Sample, tools: Mapping[str, Tool]
    ) -> tuple[tuple[CallResult, ...], dict[str, Any]]:
        """Run everything; also what is to be noted of states and orders.

        Raises `ValueError` when the sample's environment cannot be read.
        """
        calls = [resolve(call, tools[call.name]) for call in sample.calls]
        names = {call.id: self._environment(call) for call in calls}
        stateful = sorted({name for name in names.values() if name})
        if not stateful:
            return await self._run(calls), {}
        scene = Scene.read(sample.environment) if sample.environment else None
        alone = [call for call in calls if not names[call.id]]
        found = {result.call: result for result in await self._run(alone)}
        states: dict[str, str] = {}
        annotations: dict[str, Any] = {"states": states}
        by_id = {call.id: call for call in calls}
        for name in stateful:
            sets = [
                [by_id[call.id] for call in turn.calls if names[call.id] == name]
                for turn in sample.turns
            ]
            played = await play(
                self.executor,
                scene if scene and scene.name == name else Scene(name),
                [calls for calls in sets if calls],
            )
            found |= {result.call: result for result in played.results}
            if played.final.digest:
                states[name] = played.final.digest
            if played.disagreement:
                annotations["order_matters"] = played.disagreement
        return tuple(found[call.id] for call in calls), annotations

    def _environment(self, call: ApiCall) -> str | None:
        api = self.apis.get(call.api)
        return api.environment if api else None

    async def _run(self, calls: list[ApiCall]) -> tuple[CallResult, ...]:
        if not self.skip_unregistered:
            return tuple(await self.executor.run(calls))
        known = [call for call in calls if call.api in self.apis]
        results = {result.call: result for result in await self.executor.run(known)}
        return tuple(
            results.get(call.id)
            or CallResult(
                call=call.id, outcome="unregistered", error=f"no API `{call.api}` is registered"
            )
            for call in calls
        )

    def _problem(self, result: CallResult, tool: Tool) -> tuple[str, str] | None:
        """What keeps a result from being an answer: `False`, `0`, `""` and `[]` are answers."""
        if result.outcome == "unregistered" and self.skip_unregistered:
            return None
        if result.outcome != "ok":
            return result.outcome, result.problem
        value = result.value
        if value is None:
            api = self.apis.get(tool.api)
            if api is not None and api.returns is not None and not allows_null(api.returns):
                return "null_result", "returned null"
            return None
        if isinstance(value, dict):
            status = value.get("status_code", value.get("status"))
            if isinstance(status, int) and not isinstance(status, bool) and 400 <= status < 600:
                return "http_error", f"HTTP status {status}"
            if value.get("error") is not None:
                return "error_result", f"error: {value['error']}"[:200]
        return None


def resolve(call: Call, tool: Tool) -> ApiCall:
    """Say what a call runs: the tool's API, arguments by the API's own names."""
    if not tool.argument_names:
        return ApiCall(id=call.id, api=tool.api, arguments=call.arguments)
    names = tool.argument_names
    arguments = {names.get(name, name): value for name, value in call.arguments.items()}
    return ApiCall(id=call.id, api=tool.api, arguments=arguments)


def allows_null(schema: dict[str, Any]) -> bool:
    """Whether a return schema admits null; one that says nothing of types does."""
    kind = schema.get("type")
    if kind is not None:
        return kind == "null" or (isinstance(kind, list) and "null" in kind)
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return any(allows_null(alternative) for alternative in alternatives)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return None in values if values is not None else "$ref" not in schema
