"""Values out of a JSON schema: how the fake endpoint answers what it knows nothing else about."""

import random
from typing import Any

_YES = 0.9
"""Chance of `true`, and of the first choice: judges mostly approve."""
_MAX_DEPTH = 12


def instance_of(schema: Any, rng: random.Random, root: Any = None, depth: int = 0) -> Any:
    """A value that fits a schema of the kind that structured output is asked for with."""
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return None
    root = schema if root is None else root
    if isinstance(reference := schema.get("$ref"), str):
        target = root.get("$defs", {}).get(reference.rpartition("/")[2])
        return instance_of(target, rng, root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if choices := schema.get("enum"):
        return choices[0] if rng.random() < _YES else rng.choice(choices)
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return instance_of(rng.choice(branches), rng, root, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    if kind == "object" or "properties" in schema:
        required = schema.get("required", ())
        return {
            name: instance_of(inner, rng, root, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if name in required
        }
    if kind == "array":
        return _array(schema, rng, root, depth)
    return _scalar(kind, schema, rng)


def _array(schema: dict[str, Any], rng: random.Random, root: Any, depth: int) -> list[Any]:
    fixed = [instance_of(item, rng, root, depth + 1) for item in schema.get("prefixItems", ())]
    rest = schema.get("items")
    missing = max(schema.get("minItems", 0) - len(fixed), 0)
    return fixed + [instance_of(rest, rng, root, depth + 1) for _ in range(missing)]


def _scalar(kind: Any, schema: dict[str, Any], rng: random.Random) -> Any:
    if kind == "boolean":
        return rng.random() < _YES
    if kind in ("integer", "number"):
        low = schema.get("minimum", 0)
        return min(max(low, rng.randint(0, 9)), schema.get("maximum", 9))
    if kind == "null":
        return None
    return "It fits what was asked for."
