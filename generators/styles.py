"""Which styles a draft about an API can have, and what holds of some of them."""

from api_registry.types import Api
from data.types import Style

CALLING: frozenset[Style] = frozenset({"simple", "multiple", "parallel", "parallel_multiple"})
"""Styles whose rows call tools."""
CONTRASTABLE: frozenset[Style] = frozenset({"simple", "multiple", "parallel"})
"""Styles whose rows call one tool alone, so that without it nothing can be done."""
_VARIED = 4
"""Sets of arguments that an API needs for several calls of it to differ."""


def possible(style: Style, api: Api, *, apis: int, beside: int) -> Style:
    """The style itself, or the nearest one that drafts about an API can have.

    Args:
        style: What was drawn.
        api: What the draft is about.
        apis: APIs of the run.
        beside: Those of them that rows about this one may show, itself included.
    """
    if style == "parallel" and not varied(api):
        return "simple"
    if style == "missing_argument" and not api.required:
        return "simple"
    if style == "multiple" and apis < 2:
        return "simple"
    if style == "parallel_multiple" and beside < 2:
        return "parallel" if varied(api) else "simple"
    return style


def varied(api: Api) -> bool:
    """Whether an API can be called with enough different sets of arguments to be called again."""
    sets = 1
    for schema in api.parameters.get("properties", {}).values():
        if schema.get("type") == "boolean":
            sets *= 2
        elif "enum" in schema:
            sets *= len(schema["enum"])
        elif "const" not in schema:
            return True
    return sets >= _VARIED
