"""Applies the rules: a record is rejected only where what it says contradicts what was asked."""

import re

from data.identity import canonical_json
from data.types import Sample, Stage, Verdict
from verifiers.semantic.conversation import Conversation
from verifiers.semantic.derivation import Parameter, derive

_SHOWN = 80


class SemanticVerifier:
    """Rules on values, calls and query; each rejects what is decidable and abstains otherwise."""

    stage: Stage = "semantic"
    REASONS = {
        "ungrounded_number": "a number that the query neither gives nor lets one work out",
        "ungrounded_date": "a date that the query does not name",
        "ungrounded_time": "a time of day that the query does not name",
        "ungrounded_identifier": "a code, address or e-mail that stands nowhere in the query",
        "ungrounded_text": "text of which the query holds not one word",
        "duplicate_call": "the same call twice",
        "leaked_identifier": "the query speaks in parameter names or JSON",
    }

    async def check(self, sample: Sample) -> Sample:
        """Add one verdict, the derivation of every argument, and the rules that abstained."""
        told = Conversation.of(sample)
        problem = _leak(sample) or _duplicate(sample)
        derivation: dict[str, str] = {}
        tools = {tool.name: tool for tool in sample.tools}
        for call in sample.calls:
            tool = tools[call.name]
            schema = tool.parameters
            properties = schema.get("properties", {})
            definitions = schema.get("$defs", {})
            for name, value in call.arguments.items():
                part = _inlined(properties.get(name, {}), definitions)
                described = f"{tool.description}\n{part.get('description', '')}"
                finding = derive(value, Parameter(name, part, described), told)
                derivation[f"{call.id}.{name}"] = finding.kind
                if finding.reason and problem is None:
                    shown = canonical_json(value)[:_SHOWN]
                    problem = (
                        finding.reason,
                        f"{call.id}.arguments.{name}: {shown} does not follow from the query",
                        call.id,
                    )
        annotations = {**sample.annotations}
        if derivation:
            annotations["derivation"] = derivation
        if problem is None:
            verdict = Verdict(stage="semantic", passed=True)
        else:
            reason, detail, culprit = problem
            verdict = Verdict(
                stage="semantic", passed=False, reason=reason, detail=detail, call=culprit
            )
        return sample.with_verdict(verdict, annotations=annotations)


Problem = tuple[str, str, str | None]


def _inlined(schema: dict[str, object], definitions: dict[str, object]) -> dict[str, object]:
    """Follow a reference, and the one alternative of an optional value, one step each."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = definitions.get(reference.rpartition("/")[2], {})
        schema = {**(target if isinstance(target, dict) else {}), **schema}
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list):
        real = [option for option in alternatives if option.get("type") != "null"]
        if len(real) == 1:
            inner = _inlined(real[0], definitions)
            return {**inner, **{k: v for k, v in schema.items() if k == "default"}}
    items = schema.get("items")
    if isinstance(items, dict) and "$ref" in items:
        schema = {**schema, "items": _inlined(items, definitions)}
    return schema


def _leak(sample: Sample) -> Problem | None:
    """A person does not write `from_unit`, nor braces around quoted keys."""
    query = sample.query
    if "_" in query or any(character.isupper() for character in query[1:]):
        for tool in sample.tools:
            for name in tool.parameters.get("properties", {}):
                multiword = "_" in name.strip("_") or re.search(r"[a-z][A-Z]", name)
                if multiword and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", query):
                    detail = f"the query holds the parameter name `{name}`"
                    return "leaked_identifier", detail, None
    if re.search(r'\{\s*"\w+"\s*:', query):
        return "leaked_identifier", "the query holds JSON", None
    return None


def _duplicate(sample: Sample) -> Problem | None:
    seen: set[str] = set()
    for call in sample.calls:
        key = f"{call.name} {canonical_json(call.arguments)}"
        if key in seen:
            return "duplicate_call", f"{call.id} repeats an earlier call to {call.name}", call.id
        seen.add(key)
    return None
