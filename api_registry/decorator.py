"""The optional decorator `@api`: what a function's signature and docstring cannot say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

HINTS = "__callforge__"
"""Attribute under which a decorated function carries its hints."""


@dataclass(frozen=True)
class ApiHints:
    """What `@api` was told."""

    category: str | None = None
    examples: tuple[dict[str, Any], ...] = ()
    phrasings: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


def api(
    *,
    category: str | None = None,
    examples: Sequence[dict[str, Any]] = (),
    phrasings: Sequence[str] = (),
    effects: Sequence[str] = (),
) -> Callable[[Function], Function]:
    """Describe a function for Callforge; it stays the function it was.

    Args:
        category: Short topic such as `finance`; the module's name unless given.
        examples: Arguments in JSON form that are known to work.
        phrasings: How people ask for it, in the grammar of `docs/phrasings.md`.
        effects: What a call needs beyond computing: `network`, `files`.
    """
    hints = ApiHints(category, tuple(examples), tuple(phrasings), tuple(sorted(effects)))

    def mark(function: Function) -> Function:
        setattr(function, HINTS, hints)
        return function

    return mark


def hints_of(function: object) -> ApiHints:
    """Return the hints of a function, empty ones for a function without `@api`."""
    found = getattr(function, HINTS, None)
    return found if isinstance(found, ApiHints) else ApiHints()
