"""From what a function returns to JSON, the same bytes for the same value on every run.

    dataclass, pydantic model, attrs object (a model by its aliases)
    Enum                             its value
    tuple, named tuple, deque        array
    set, frozenset                   array, sorted
    generator, iterator              array of what it yields, also when it is asynchronous
    date, time, datetime, timedelta  ISO 8601 string
    Decimal, UUID, Path, Fraction    string
    bytes                            string, if they are UTF-8
    numpy scalar, array              number, array

Anything else, NaN, infinity and values that hold themselves have no form.
"""

import asyncio
import dataclasses
import inspect
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Set
from enum import Enum
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

MAX_ITEMS = 100_000
"""Items taken from a generator or iterator."""

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class TooLarge(Exception):
    """The function yields more than `MAX_ITEMS`."""


def finished(value: Any) -> Any:
    """Wait for what is awaitable and collect what is yielded. Raises what that raises."""
    if inspect.isawaitable(value):
        value = asyncio.run(_awaited(value))
    if isinstance(value, AsyncIterator):
        return asyncio.run(_collected(value))
    if isinstance(value, Iterator):
        return _bounded(list(itertools.islice(value, MAX_ITEMS + 1)))
    return value


def to_json(value: Any) -> bytes:
    """Encode a value; raises some exception, of whatever kind, if it has no JSON form."""
    try:
        text = _encode(value)  # most values need no conversion, and this is ten times as fast
    except TypeError:
        text = _encode(_plain(value))
    return text.encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | deque):
        return [_plain(item) for item in value]
    if isinstance(value, Set):
        return _sorted([_plain(item) for item in value])
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(by_alias=True))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # Not `asdict`, which copies every value and fails where one cannot be copied.
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if described := getattr(type(value), "__attrs_attrs__", None):
        return {item.name: _plain(getattr(value, item.name)) for item in described}
    if callable(to_list := getattr(value, "tolist", None)):
        return _plain(to_list())
    return to_jsonable_python(value)


def _key(key: Any) -> Any:
    """JSON encodes keys that are numbers itself; of others pydantic makes strings."""
    if key is None or type(key) in (str, int, float, bool):
        return key
    return next(iter(to_jsonable_python({key: None})))


def _sorted(items: list[Any]) -> list[Any]:
    """Sort a set's items by value where they are of one kind, else by their JSON."""
    kinds = {bool if isinstance(item, bool) else type(item) for item in items}
    if kinds <= {int, float} or kinds == {str}:
        return sorted(items)
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def _bounded(items: list[Any]) -> list[Any]:
    if len(items) > MAX_ITEMS:
        # Not cut: a part of the answer would pass for the whole of it.
        raise TooLarge(f"more than {MAX_ITEMS} items are yielded")
    return items


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


async def _collected(values: AsyncIterator[Any]) -> list[Any]:
    items: list[Any] = []
    async for value in values:
        items.append(value)
        _bounded(items)
    return items
