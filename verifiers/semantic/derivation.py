"""How an argument comes out of the conversation, or that it contradicts it.

Classes: `verbatim` (stands there as it is), `formatted` (the same value written another way),
`converted` (another unit or scale), `dated` (by the system turn's date), `enum_mapped` (one of the
schema's values, paraphrased), `inferred` (not decidable by rules), `default` (the schema's own).
"""

import itertools
from typing import Any

from verifiers.semantic.conversation import Conversation
from verifiers.semantic.derived_numbers import derive_number
from verifiers.semantic.derived_texts import derive_text
from verifiers.semantic.findings import Finding, Parameter

_LARGEST = 10**15


def derive(value: Any, parameter: Parameter, told: Conversation) -> Finding:
    """Say how a value follows from what was told."""
    schema = parameter.schema
    if "const" in schema or ("default" in schema and schema["default"] == value):
        return Finding("verbatim" if told.stands(value) else "default")
    if "enum" in schema:
        return Finding("verbatim" if told.stands(value) else "enum_mapped")
    if isinstance(value, bool) or value is None:
        return Finding("inferred")
    if isinstance(value, int | float):
        return derive_number(value, str(value), parameter, told)
    if isinstance(value, str):
        return derive_text(value, parameter, told)
    if isinstance(value, list):
        if len(value) > 3 and _is_progression(value):
            # `from 22 to 80 in steps of 2` gives the ends and leaves the rest to be counted out.
            value = [value[0], value[-1]]
        return _worst([derive(item, parameter.inner(schema.get("items")), told) for item in value])
    if isinstance(value, dict):
        properties = schema.get("properties") or {}
        return _worst(
            [
                derive(item, parameter.inner(properties.get(key), key), told)
                for key, item in value.items()
            ]
        )
    return Finding("inferred")


def _is_progression(values: list[Any]) -> bool:
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return False
    if max(map(abs, values)) > _LARGEST:
        return False
    step = values[1] - values[0]
    return all(
        abs(after - before - step) <= 1e-9 * max(1.0, abs(step))
        for before, after in itertools.pairwise(values)
    )


_ORDER = ("verbatim", "formatted", "default", "enum_mapped", "converted", "dated", "inferred")


def _worst(findings: list[Finding]) -> Finding:
    """One finding for a list or object: a contradiction, else the class furthest from verbatim."""
    for finding in findings:
        if finding.reason:
            return finding
    return max(findings, key=lambda f: _ORDER.index(f.kind), default=Finding("inferred"))
