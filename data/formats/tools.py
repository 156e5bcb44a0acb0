"""Tool definitions as data sets carry them, in any dialect, as `Tool`s with a JSON Schema."""

from typing import Any

from api_registry.types import JsonSchema, Tool
from data.formats.dialects import as_json_schema, from_flat
from data.formats.imported import BadRow, shown
from data.identity import compact_json

_CACHED = 8_000
MAX_TOOLS = 2000
_tools: dict[str, Tool] = {}
"""Equal definitions are one object: the checks cache their compiled schemas by it."""


def read_tools(value: Any) -> tuple[Tool, ...]:
    """Return the tools of a row. Raises `BadRow`.

    Read are OpenAI's `{"type": "function", "function": …}` and the function alone; parameters as a
    JSON Schema, in BFCL's words (`dict`, `float`), or flat with types in Python's.
    """
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise BadRow("bad_tools", f"expected a list of tools, got {shown(value)}")
    if len(value) > MAX_TOOLS:
        raise BadRow("bad_tools", f"{len(value)} tools, at most {MAX_TOOLS} are read")
    tools: dict[str, Tool] = {}
    for index, definition in enumerate(value):
        tool = read_tool(index, definition)
        same = tools.setdefault(tool.name, tool) is tool
        if not same and not _stands_in(value[:index], definition):
            raise BadRow("bad_tools", f"two different tools are named `{tool.name}`"[:200])
    return tuple(tools.values())


def _stands_in(definitions: list[Any], wanted: Any) -> bool:
    text = compact_json(wanted)
    return any(compact_json(definition) == text for definition in definitions)


def read_tool(index: int, definition: Any) -> Tool:
    """Return one tool, the same object for equal definitions. Raises `BadRow`."""
    try:
        key = compact_json(definition)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadRow("bad_tools", f"tool {index}: {error}"[:200]) from None
    tool = _tools.get(key)
    if tool is None:
        tool = _read(index, definition)
        if len(_tools) >= _CACHED:
            _tools.clear()
        _tools[key] = tool
    return tool


def _read(index: int, definition: Any) -> Tool:
    if isinstance(definition, dict) and isinstance(definition.get("function"), dict):
        definition = definition["function"]
    if not isinstance(definition, dict):
        raise BadRow("bad_tools", f"tool {index}: expected an object, got {shown(definition)}")
    name = definition.get("name")
    if not isinstance(name, str) or not name:
        raise BadRow("bad_tools", f"tool {index}.name: expected text, got {shown(name)}")
    description = definition.get("description")
    parameters: Any = next(
        (
            definition[key]
            for key in ("parameters", "input_schema", "inputSchema", "arguments")
            if definition.get(key) is not None
        ),
        {},
    )
    if not isinstance(parameters, dict):
        raise BadRow(
            "bad_tools", f"tool `{name}`.parameters: expected an object, got {shown(parameters)}"
        )
    return Tool(
        name=name,
        description=description if isinstance(description, str) else "",
        parameters=_closed(_schema(parameters, definition.get("required"))),
        api=name,
    )


def _schema(parameters: dict[str, Any], required: Any) -> JsonSchema:
    if not is_json_schema(parameters):
        return from_flat(parameters, required)
    schema: JsonSchema = as_json_schema(parameters)
    schema["type"] = "object"
    if "required" not in schema and isinstance(required, list):
        schema["required"] = required
    return schema


def is_json_schema(parameters: dict[str, Any]) -> bool:
    """Tell an object schema from a flat mapping of parameters, one of which may be called `type`.

    In a mapping every value describes a parameter, so `type` and `properties` are objects that
    say what they are; in a schema `type` is a word and `properties` maps names to objects.
    """
    kind, properties = parameters.get("type"), parameters.get("properties")
    if isinstance(kind, str | list):
        return True
    if isinstance(properties, dict):
        return not isinstance(properties.get("type"), str)
    return any(key.startswith("$") or key in ("anyOf", "allOf", "oneOf") for key in parameters)


def _closed(schema: JsonSchema) -> JsonSchema:
    """Refuse unknown arguments where the schema does not speak of them: nobody could serve one."""
    speaks = ("additionalProperties", "unevaluatedProperties", "patternProperties")
    combined = ("$ref", "allOf", "anyOf", "oneOf", "if")
    if any(key in schema for key in (*speaks, *combined)):
        return schema
    return {**schema, "additionalProperties": False}
