"""Applies the rules: a record is rejected only where what it says contradicts what was asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from api_registry.per_tool import PerTool
from api_registry.types import Api, JsonSchema, Tool
from data.identity import canonical_json
from data.types import Sample, Stage, Verdict
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.derivation import derive
from verifiers.semantic.findings import Parameter, Problem
from verifiers.semantic.missing import missing_request
from verifiers.semantic.other_units import wrong_unit
from verifiers.semantic.queries import leaked_identifier, prompt_injection, wrong_language
from verifiers.semantic.repetition import repeated_call
from verifiers.semantic.results import hidden_error
from verifiers.semantic.swapping import swapped_arguments

_SHOWN = 80
_DEEPEST = 10
_PASSED = Verdict(stage="semantic", passed=True)


class SemanticVerifier:
    """Rules on values, calls, results and query; each rejects what is decidable, else abstains."""

    stage: Stage = "semantic"
    REASONS = {
        "ungrounded_number": "a number that the query neither gives nor lets one work out",
        "ungrounded_date": "a date that the query does not name",
        "ungrounded_time": "a time of day that the query does not name",
        "ungrounded_identifier": "a code, address or e-mail that stands nowhere in the query",
        "ungrounded_text": "text of which the query holds not one word",
        "duplicate_call": "the same call twice",
        "extra_call": "a call for the same as another, in other words",
        "missing_request": "a part of the query that no call serves",
        "swapped_arguments": "two values of which the query says that they are the other way round",
        "wrong_unit": "a unit or currency other than the query's",
        "hidden_error": "a result that says that the call failed",
        "leaked_identifier": "the query speaks in parameter names or JSON",
        "wrong_language": "the query is not in the letters of its language",
        "prompt_injection": "the query gives orders to the model itself",
    }

    def __init__(self, apis: Mapping[str, Api] | None = None) -> None:
        """`apis` by name say whose calls have effects; without them names of tools are asked."""
        self.apis = apis or {}

    async def check(self, sample: Sample) -> Sample:
        """Add one verdict, the derivation of every argument, and how often rules abstained.

        `inferred` in the derivation means that no rule could decide on the value.
        """
        derivation: dict[str, str] = {}
        problem = next(self.problems(sample, derivation), None)
        annotations = sample.annotations
        if derivation:
            annotations = {**annotations, "derivation": derivation}
        verdict = (
            _PASSED
            if problem is None
            else Verdict(
                stage="semantic",
                passed=False,
                reason=problem.reason,
                detail=problem.detail,
                call=problem.call,
            )
        )
        return sample.with_verdict(verdict, annotations=annotations)

    def problems(self, sample: Sample, derivation: dict[str, str]) -> Iterator[Problem]:
        """Every contradiction, gravest first; fills `derivation` (`call.argument` → class)."""
        told = Conversation.of(sample)
        values = list(self._values(sample, told, derivation))
        found = (
            leaked_identifier(sample),
            wrong_language(sample),
            prompt_injection(sample),
            repeated_call(sample, self.apis, told),
            swapped_arguments(sample, told),
            wrong_unit(sample, told),
            *values,
            missing_request(sample, told),
            hidden_error(sample),
        )
        return (problem for problem in found if problem is not None)

    def _values(
        self, sample: Sample, told: Conversation, derivation: dict[str, str]
    ) -> Iterator[Problem]:
        tools = {tool.name: tool for tool in sample.tools}
        for call in sample.calls:
            tool = tools.get(call.name)
            if tool is None:
                continue  # the format check has rejected it, where it ran
            known = _parameters_of(tool)
            for name, value in call.arguments.items():
                parameter = known.get(name) or _parameter(name, tool, known)
                finding = derive(value, parameter, told)
                derivation[f"{call.id}.{name}"] = finding.kind
                if finding.reason:
                    shown = canonical_json(value)[:_SHOWN]
                    yield Problem(
                        finding.reason,
                        f"{call.id}.arguments.{name}: {shown} does not follow from the query",
                        call.id,
                    )


@PerTool
def _parameters_of(tool: Tool) -> dict[str, Parameter]:
    """The parameters of a tool that calls have used: filled as they are asked for."""
    return {}


def _parameter(name: str, tool: Tool, known: dict[str, Parameter]) -> Parameter:
    properties = _object(tool.parameters.get("properties"))
    schema = _inlined(properties.get(name, {}), _object(tool.parameters.get("$defs")))
    parameter = Parameter(name, schema, str(schema.get("description", "")), tool.description)
    if name in properties:  # others may be of any name and number
        known[name] = parameter
    return parameter


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _inlined(given: Any, definitions: JsonSchema, depth: int = 0) -> JsonSchema:
    """Follow a reference, and the one alternative of an optional value, one step each.

    A list's items are followed too; schemas that refer to themselves have no end.
    """
    if not isinstance(given, dict) or depth > _DEEPEST:
        return {}
    schema: JsonSchema = given
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = definitions.get(reference.rpartition("/")[2], {})
        schema = {**(target if isinstance(target, dict) else {}), **schema}
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list):
        real = [
            option
            for option in alternatives
            if isinstance(option, dict) and option.get("type") != "null"
        ]
        if len(real) == 1:
            kept = {k: v for k, v in schema.items() if k in ("default", "description")}
            inner = {k: v for k, v in real[0].items() if k != "anyOf"}
            return {
                **_inlined(inner, definitions, depth + 1),
                **kept,
            }
    items = schema.get("items")
    if isinstance(items, dict) and "$ref" in items:
        schema = {**schema, "items": _inlined(items, definitions, depth + 1)}
    return schema
