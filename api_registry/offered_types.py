"""Hints brought into a form that pydantic can read and JSON arguments can fill.

Abstract types become the concrete one that JSON gives (`Iterable[int]` a list, `SupportsFloat` a
float), and of a union only those alternatives stay that JSON can hold: a function that takes text
or an open file can be called with text.
"""

import collections.abc
import numbers
import sys
import types
import typing
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import typing_extensions
from pydantic import AfterValidator, PlainSerializer, TypeAdapter, WithJsonSchema

from api_registry.attrs_classes import attrs_hint, is_attrs

_LISTS = (
    collections.abc.Iterable,
    collections.abc.Collection,
    collections.abc.Container,
    collections.abc.Reversible,
)
"""Pydantic reads them as iterators, which are empty the second time, or not at all."""
_CONCRETE: dict[Any, Any] = {
    typing.SupportsFloat: float,
    typing.SupportsComplex: float,
    typing.SupportsAbs: float,
    typing.SupportsRound: float,
    typing.SupportsInt: int,
    typing.SupportsIndex: int,
    numbers.Number: float,
    numbers.Complex: float,
    numbers.Real: float,
    numbers.Rational: int,
    numbers.Integral: int,
    typing.LiteralString: str,
    collections.abc.Sized: list[Any],
    complex: Annotated[complex, WithJsonSchema({"type": "string", "format": "complex"})],
    # Pydantic promises anything for a class and then takes no JSON value: it is a callable.
    type: collections.abc.Callable,
}
_BINARY = (bytes, bytearray, memoryview)
_NUMBERS = (int, Decimal, Fraction)
_NOTHING = (None, type(None))
_SCALARS = (str, int, float, bool, type(None))
_MARKS: dict[Any, bool | None] = {
    typing.Required: True,
    typing.NotRequired: False,
    typing_extensions.Required: True,
    typing_extensions.NotRequired: False,
    typing_extensions.ReadOnly: None,
}
"""What marks a key of a typed dictionary, and whether it is required then, if that says so."""


def offered_type(hint: Any) -> Any:
    """Return the hint that stands for one in a schema; what cannot be offered stays as it is."""
    if isinstance(hint, type | TypeVar) or not get_args(hint):
        return _single(hint)
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return Annotated[(offered_type(args[0]), *args[1:])]
    if origin in (Union, types.UnionType):
        return _union(args)
    if origin in (Literal, collections.abc.Callable):
        return hint
    if origin in _LISTS:
        return types.GenericAlias(list, (offered_type(args[0]),))
    if origin in _CONCRETE:
        return _CONCRETE[origin]
    replaced = tuple(offered_type(arg) for arg in args)
    # Compared one by one: `[1] == [True]` also holds of types' arguments.
    if all(new is old for new, old in zip(replaced, args, strict=True)):
        return hint
    return types.GenericAlias(origin, replaced) if isinstance(origin, type) else hint


def can_be_offered(hint: Any) -> bool:
    """Whether pydantic can read a hint and JSON hold its values."""
    try:
        TypeAdapter(hint).json_schema()
    except Exception:  # pydantic raises several kinds, and hints may run code of their authors
        return False
    return True


def _single(hint: Any) -> Any:
    if hint in (typing.Self, typing_extensions.Self):
        # Pydantic would take it for the model of all arguments.
        raise TypeError("`Self` is the class of the method, which JSON cannot hold")
    if hint in _LISTS or get_origin(hint) in _LISTS:
        return list[Any]
    try:
        concrete = _CONCRETE.get(hint)
    except TypeError:  # not hashable
        return hint
    if concrete is not None:
        return concrete
    if isinstance(hint, TypeVar):
        if hint.__constraints__:
            return _union(hint.__constraints__)
        return offered_type(hint.__bound__) if hint.__bound__ is not None else Any
    if is_attrs(hint):
        return attrs_hint(hint, offered_type)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint)
    if sys.version_info < (3, 12) and type(hint) is typing._TypedDictMeta:  # type: ignore[attr-defined]
        return _same_typed_dict(hint)
    return hint


def _union(given: tuple[Any, ...]) -> Any:
    """The alternatives that JSON can hold; binary data only where text is no alternative."""
    kinds = list(dict.fromkeys(offered_type(kind) for kind in given))
    if str in kinds:
        kinds = [kind for kind in kinds if kind not in _BINARY]
    if float in kinds:
        # `SupportsFloat | SupportsIndex` and such mean any number, and a float is the plain one.
        kinds = [kind for kind in kinds if kind not in _NUMBERS or kind in given]
        kinds = [kind for kind in kinds if kind not in (Decimal, Fraction)]
    fitting = [kind for kind in kinds if kind in _NOTHING or can_be_offered(kind)]
    alternatives = tuple(kinds if all(kind in _NOTHING for kind in fitting) else fitting)
    return Union[alternatives]  # noqa: UP007


def _enum(kind: type[Enum]) -> Any:
    """An enum by its values, or by its names where JSON has no such values."""
    if all(type(member.value) in _SCALARS or isinstance(member.value, str) for member in kind):
        return kind
    if any(isinstance(member.value, int) for member in kind):
        return kind
    names: Any = Literal[tuple(kind.__members__)]
    return Annotated[names, AfterValidator(kind.__getitem__), PlainSerializer(_name_of)]


def _name_of(value: Any) -> Any:
    return value.name if isinstance(value, Enum) else value


def typed_dict_fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """The keys of a typed dictionary, each with its hint and whether it is required.

    Under `from __future__ import annotations` a class does not know which of its own keys are:
    `NotRequired` stands in a string then, so that the resolved hint counts.
    """
    fields: dict[str, tuple[Any, bool]] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        required = name in kind.__required_keys__
        while (origin := get_origin(hint)) in _MARKS:
            said = _MARKS[origin]
            required = required if said is None else said
            hint = get_args(hint)[0]
        fields[name] = (hint, required)
    return fields


def _same_typed_dict(kind: Any) -> Any:
    """Write a `typing.TypedDict`, which pydantic refuses before Python 3.12, again as it wants."""
    fields: dict[str, Any] = {}
    for name, (hint, required) in typed_dict_fields(kind).items():
        wrapper: Any = typing_extensions.Required if required else typing_extensions.NotRequired
        fields[name] = wrapper[offered_type(hint)]
    return typing_extensions.TypedDict(kind.__name__, fields)  # type: ignore[operator]
