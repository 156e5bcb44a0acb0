"""Function documents, in JSON Schema or in BFCL's dialect of it, as matching needs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api_registry.types import Tool

_TYPES = {
    "object": "dict",
    "number": "float",
    "double": "float",
    "int": "integer",
    "bool": "boolean",
    "str": "string",
    "list": "array",
}
"""JSON Schema's and other names of types → BFCL's."""
_KNOWN = frozenset(("string", "integer", "float", "boolean", "array", "tuple", "dict", "any"))


@dataclass(frozen=True)
class Parameter:
    """One parameter; types are named as BFCL does."""

    kind: str
    """`string`, `integer`, `float`, `boolean`, `array`, `tuple`, `dict` or `any`."""
    item: str
    """The type of the items of an array or tuple."""


@dataclass(frozen=True)
class Function:
    """What can be called."""

    name: str
    parameters: Mapping[str, Parameter]
    required: tuple[str, ...]


def read_functions(tools: Sequence[Any]) -> dict[str, Function]:
    """Functions by name, in order. Raises `ValueError` for what is no function document."""
    functions = (_function(tool) for tool in tools)
    return {function.name: function for function in functions}


def _function(tool: Any) -> Function:
    if isinstance(tool, Tool):
        name, schema = tool.name, tool.parameters
    else:
        document = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if not isinstance(document, Mapping) or not isinstance(document.get("name"), str):
            raise ValueError(f"`tools`: a function document with a `name`, got {str(tool)[:100]}")
        name, schema = document["name"], document.get("parameters") or {}
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        properties = {}
    required = schema.get("required") if isinstance(schema, Mapping) else None
    parameters = {key: _parameter(part) for key, part in properties.items()}
    return Function(name, parameters, tuple(required) if isinstance(required, Sequence) else ())


def _parameter(schema: Any) -> Parameter:
    items = schema.get("items") if isinstance(schema, Mapping) else None
    return Parameter(_kind(schema), _kind(items))


def _kind(schema: Any) -> str:
    named = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(named, list):  # ["string", "null"]
        named = next((kind for kind in named if kind != "null"), None)
    kind = _TYPES.get(str(named).lower(), str(named).lower())
    return kind if kind in _KNOWN else "any"
