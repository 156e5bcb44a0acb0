"""Type hints of a function, resolved and brought into a form that pydantic can read."""

import inspect
import sys
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typing_extensions

_STREAMS = (Iterator, Iterable, Generator, AsyncIterator, AsyncIterable, AsyncGenerator)


def resolve_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the hints by parameter name, and `return`, which is left out if it is unresolvable.

    Raises whatever the parameters' hints raise: a hint in quotes is code.
    """
    inner: Any = inspect.unwrap(function)
    if not inspect.isroutine(inner):
        inner = type(inner).__call__  # an object that can be called
    inner = getattr(inner, "__func__", inner)
    try:
        hints = get_type_hints(inner, include_extras=True)
    except Exception:
        annotations = dict(getattr(inner, "__annotations__", {}))
        if "return" not in annotations:
            raise
        del annotations["return"]
        hints = get_type_hints(
            types.SimpleNamespace(__annotations__=annotations),
            globalns=getattr(inner, "__globals__", {}),
            include_extras=True,
        )
    return {name: _readable(hint) for name, hint in hints.items()}


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


def _readable(hint: Any) -> Any:
    """Replace `typing.TypedDict` classes, which pydantic refuses before Python 3.12."""
    if sys.version_info >= (3, 12):
        return hint
    if type(hint) is typing._TypedDictMeta:  # type: ignore[attr-defined]
        return _same_typed_dict(hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(_readable(args[0]), *args[1:])]
    if not any(isinstance(arg, type | types.GenericAlias) or get_origin(arg) for arg in args):
        return hint
    replaced = tuple(_readable(arg) for arg in args)
    if replaced == args:
        return hint
    if origin in (Union, types.UnionType):
        return Union[replaced]  # noqa: UP007
    return types.GenericAlias(origin, replaced) if isinstance(origin, type) else hint


def _same_typed_dict(kind: Any) -> Any:
    """Write a typed dictionary again as pydantic wants it; both are plain dictionaries."""
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if get_origin(hint) in (typing.Required, typing.NotRequired):
            hint = get_args(hint)[0]
        required = name in kind.__required_keys__
        wrapper: Any = typing_extensions.Required if required else typing_extensions.NotRequired
        fields[name] = wrapper[_readable(hint)]
    return typing_extensions.TypedDict(kind.__name__, fields)  # type: ignore[operator]
