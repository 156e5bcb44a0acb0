"""Type hints of a function, resolved."""

import inspect
import types
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from typing import Annotated, Any, Union, get_args, get_origin, get_overloads, get_type_hints

from api_registry.typing_names import typing_names

_STREAMS = (Iterator, Iterable, Generator, AsyncIterator, AsyncIterable, AsyncGenerator)


def resolve_hints(function: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Exception]]:
    """Return the hints by parameter name (and `return`), and what is wrong with the others.

    A hint in quotes is code, so resolving it may raise anything.
    """
    inner = described(function)
    try:
        return _overloaded(inner) | get_type_hints(inner, include_extras=True), {}
    except Exception:
        hints, wrong = _one_by_one(inner)
    return _overloaded(inner) | hints, wrong


def described(function: Callable[..., Any]) -> Any:
    """The plain function behind what can be called: decorated, partial, bound, or an object."""
    inner: Any = inspect.unwrap(function)
    if hasattr(inner, "func") and not inspect.isroutine(inner):
        return described(inner.func)  # functools.partial
    if not inspect.isroutine(inner):
        inner = type(inner).__call__
    return getattr(inner, "__func__", inner)


def _one_by_one(inner: Any) -> tuple[dict[str, Any], dict[str, Exception]]:
    """Resolve what can be: a wrong hint of one parameter is no reason to lose the others."""
    namespace = typing_names(inner) | dict(getattr(inner, "__globals__", {}))
    hints: dict[str, Any] = {}
    wrong: dict[str, Exception] = {}
    for name, annotation in dict(getattr(inner, "__annotations__", {})).items():
        holder = types.SimpleNamespace(__annotations__={name: annotation})
        try:
            hints |= get_type_hints(holder, globalns=namespace, include_extras=True)
        except Exception as error:
            wrong[name] = error
    return hints, wrong


def _overloaded(inner: Any) -> dict[str, Any]:
    """What the overloads of a function say of its parameters, each a union of theirs."""
    told: dict[str, list[Any]] = {}
    for overload in get_overloads(inner) if hasattr(inner, "__qualname__") else ():
        try:
            hints = get_type_hints(overload, include_extras=True)
        except Exception:
            hints, _ = _one_by_one(overload)
        for name, hint in hints.items():
            told.setdefault(name, []).append(hint)
    own = getattr(inner, "__code__", None)
    names = {*own.co_varnames, "return"} if own is not None else set()
    return {
        name: Union[tuple(dict.fromkeys(kinds))]  # noqa: UP007
        for name, kinds in told.items()
        if name in names
    }


def or_none(annotation: Any) -> Any:
    """Admit None too; what is annotated to the type goes on to hold for the whole of it."""
    if get_origin(annotation) is Annotated:
        kind, *metadata = get_args(annotation)
        return Annotated[(or_none(kind), *metadata)]
    if annotation in (None, Any, object):
        return annotation
    return Union[annotation, None]  # noqa: UP007 - `|` is not defined for every hint


def collected(annotation: Any) -> Any:
    """The hint of what the caller gets in the end: a generator's values come as a list."""
    if get_origin(annotation) in _STREAMS:
        return types.GenericAlias(list, get_args(annotation)[:1])
    return list[Any] if annotation in _STREAMS else annotation
