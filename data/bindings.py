"""Which API stands behind each tool of a row, where the row shows it under other names.

A stored tool is what a model sees: name, description, parameters. What runs when it is called is
written in the row's provenance, for those tools alone whose names or parameters differ from the
API's, so that an audit and an evaluation can run their calls as the run itself did.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api_registry.types import Tool
from data import strict_json
from data.identity import canonical_json
from data.strict_json import BadJson

APIS, ARGUMENTS = "renamed", "argument_names"
"""Keys of the provenance: tool → API, and tool → its parameter → the API's parameter."""
_CACHED = 8_000
_bound: dict[tuple[int, str, str], tuple[Tool, Tool]] = {}
"""Equal tools are one object: the checks cache their compiled schemas by it."""


def bindings_of(tools: Sequence[Tool]) -> dict[str, dict[str, Any]]:
    """What goes into the provenance: both keys, or none where all tools go by their own names."""
    apis = {tool.name: tool.api for tool in tools if tool.name != tool.api}
    arguments = {tool.name: dict(tool.argument_names) for tool in tools if tool.argument_names}
    return {APIS: apis, ARGUMENTS: arguments} if apis or arguments else {}


def bound(tools: tuple[Tool, ...], provenance: Any) -> tuple[Tool, ...]:
    """Tools that name their APIs, as the provenance of their row says; else as they are.

    Rows made before parameters were written down have the first key alone: their calls cannot be
    run, as it is not known which parameters were renamed.
    """
    if isinstance(provenance, str):
        # Most rows bind nothing, and need not be decoded to see it.
        provenance = _decoded(provenance) if f'"{ARGUMENTS}"' in provenance else None
    if not isinstance(provenance, Mapping):
        return tools
    apis, arguments = provenance.get(APIS), provenance.get(ARGUMENTS)
    if not isinstance(apis, Mapping) or not isinstance(arguments, Mapping):
        return tools
    return tuple(_bind(tool, apis.get(tool.name), arguments.get(tool.name)) for tool in tools)


def _bind(tool: Tool, api: Any, names: Any) -> Tool:
    api = api if isinstance(api, str) else tool.api
    names = names if isinstance(names, Mapping) else {}
    if (api == tool.api and not names) or not all(isinstance(own, str) for own in names.values()):
        return tool
    key = (id(tool), api, canonical_json(dict(names)))
    entry = _bound.get(key)
    if entry is None or entry[0] is not tool:
        if len(_bound) >= _CACHED:
            _bound.clear()
        entry = (tool, tool.model_copy(update={"api": api, "argument_names": dict(names)}))
        _bound[key] = entry
    return entry[1]


def _decoded(text: str) -> Any:
    try:
        return strict_json.loads(text)
    except BadJson:
        return None
