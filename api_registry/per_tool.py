"""What is worked out of a tool once, and forgotten with it.

The plan's own tools are offered again and again and live as long as a run; a renamed, masked or
shuffled one is made for a single draft. So what hangs on a tool must end with it: kept by number,
it would fill memory with tools that nobody will see again, or throw out those that everybody does.
"""

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from api_registry.types import Tool

Made = TypeVar("Made")


class PerTool(Generic[Made]):
    """A function of a tool, called once for each: `PerTool(make)(tool)`.

    Tools are told apart as objects, as comparing their schemas would cost what is saved. What
    `make` returns must not refer to the tool itself, which then would live for ever.
    """

    def __init__(self, make: Callable[[Tool], Made]) -> None:
        self._make = make
        self._made: dict[int, tuple[weakref.ref[Tool], Made]] = {}

    def __call__(self, tool: Tool) -> Made:
        """Return what was made of a tool."""
        key = id(tool)
        entry = self._made.get(key)
        if entry is None:
            known = self._made
            # Called before the tool's memory, and so its id, can be another's.
            gone = weakref.ref(tool, lambda _: known.pop(key, None))
            entry = known[key] = (gone, self._make(tool))
        return entry[1]

    def __len__(self) -> int:
        """Count the living tools that it was called for."""
        return len(self._made)
