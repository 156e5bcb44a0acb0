"""The optional decorators: `@api`, for what a signature cannot say, and `@environment`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

Function = TypeVar("Function", bound=Callable[..., Any])

Class = TypeVar("Class", bound=type)

HINTS = "__callforge__"
"""Attribute under which a decorated function carries its hints."""
_ENVIRONMENT = "__callforge_environment__"


@dataclass(frozen=True)
class ApiHints:
    """What `@api` was told."""

    category: str | None = None
    examples: tuple[dict[str, Any], ...] = ()
    phrasings: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()


@overload
def api(function: Function, /) -> Function: ...


@overload
def api(
    *,
    category: str | None = None,
    examples: Sequence[Mapping[str, Any]] = (),
    phrasings: Sequence[str] = (),
    effects: Sequence[str] | set[str] = (),
) -> Callable[[Function], Function]: ...


def api(
    function: Function | None = None,
    /,
    *,
    category: str | None = None,
    examples: Sequence[Mapping[str, Any]] = (),
    phrasings: Sequence[str] = (),
    effects: Sequence[str] | set[str] = (),
) -> Function | Callable[[Function], Function]:
    """Describe a function for Callforge; it stays the function it was.

    `@api` alone says nothing more than that the function is meant to be one.

    Args:
        function: The function, where the decorator is written without parentheses.
        category: Short topic such as `finance`; the module's name unless given.
        examples: Arguments in JSON form that are known to work.
        phrasings: How people ask for it, in the grammar of `docs/phrasings.md`.
        effects: What a call needs beyond computing, `network` or `files`, which has to be allowed;
            and what is known of its results: `stateful`, `random`.

    Raises:
        TypeError: One thing was given where a list of them is meant.
    """
    if isinstance(examples, Mapping) or not all(isinstance(item, Mapping) for item in examples):
        raise TypeError("@api: `examples` is a list of dictionaries of arguments")
    for name, texts in (("phrasings", phrasings), ("effects", effects)):
        # A string is a sequence of strings too: its letters would become the phrasings.
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise TypeError(f"@api: `{name}` is a list of strings")
    hints = ApiHints(
        category=category,
        examples=tuple(dict(example) for example in examples),
        phrasings=tuple(phrasings),
        effects=tuple(sorted(effects)),
    )

    def mark(function: Function) -> Function:
        setattr(function, HINTS, hints)
        return function

    return mark if function is None else mark(function)


def hints_of(function: object) -> ApiHints:
    """Return the hints of a function, empty ones for a function without `@api`."""
    found = getattr(function, HINTS, None)
    return found if isinstance(found, ApiHints) else ApiHints()


def environment(cls: Class) -> Class:
    """Offer the public methods of a class as APIs that share a state; it stays the class it was.

    `docs/execution.md` says what is asked of such a class.
    """
    setattr(cls, _ENVIRONMENT, cls)
    return cls


def is_environment(cls: type) -> bool:
    """Whether this very class is marked; its subclasses are classes of their own."""
    return getattr(cls, _ENVIRONMENT, None) is cls
