"""The documented forms of what functions return, and the words of what they raise."""

import dataclasses
import json
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from fractions import Fraction
from itertools import count
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pytest
from pydantic import BaseModel, Field

from api_registry.execution.results import TooLarge, finished, to_json
from api_registry.execution.runner import scrub


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 2


class Pair(NamedTuple):
    left: int
    right: Colour


class Model(BaseModel):
    tags: set[str]
    kind: Colour = Field(default=Colour.RED, serialization_alias="type")


@dataclasses.dataclass
class Record:
    day: date
    tags: frozenset[str]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, 2.5, True, None, "é"]}, {"a": [1, 2.5, True, None, "é"]}),
        ({3, 20, 1}, [1, 3, 20]),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({(2, 1), (1, 2)}), [[1, 2], [2, 1]]),
        ({"z", 1, None}, ["z", 1, None]),
        ((1, (2, 3)), [1, [2, 3]]),
        (deque([1, Colour.RED]), [1, "red"]),
        (Pair(1, Colour.RED), [1, "red"]),
        (OrderedDict(b=1, a={2, 1}), {"b": 1, "a": [1, 2]}),
        ({Colour.RED: 1, date(2027, 1, 2): 2, 3: 3}, {"red": 1, "2027-01-02": 2, "3": 3}),
        ([Colour.RED, Level.HIGH], ["red", 2]),
        (date(2027, 1, 2), "2027-01-02"),
        (datetime(2027, 1, 2, 3, 4, tzinfo=UTC), "2027-01-02T03:04:00Z"),
        (timedelta(seconds=90), "PT1M30S"),
        (Decimal("1.50"), "1.50"),
        (Fraction(1, 3), "1/3"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("a/b"), "a/b"),
        ("ü".encode(), "ü"),
        (Record(date(2027, 1, 2), frozenset("ba")), {"day": "2027-01-02", "tags": ["a", "b"]}),
        (Model(tags={"b", "a"}), {"tags": ["a", "b"], "type": "red"}),
        ([np.int64(3), np.float32(0.5), np.array([[1, 2]])], [3, 0.5, [[1, 2]]]),
        (10**400, 10**400),
    ],
)
def test_every_value_has_one_documented_form(value: Any, expected: Any) -> None:
    assert json.loads(to_json(value)) == expected


def circular() -> Any:
    loop: dict[str, Any] = {"set": {1}}
    loop["self"] = loop
    return loop


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        [float("-inf")],
        np.float32("nan"),
        circular(),
        b"\xff",
        "\ud800",
        object(),
        int,
        10**5000,
        lambda: 1,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_hold_has_no_form(value: Any) -> None:
    with pytest.raises(Exception, match=r".*"):
        to_json(value)


def generated() -> Iterator[int]:
    yield from (1, 2)


async def streamed() -> AsyncIterator[int]:
    yield 1
    yield 2


async def awaited() -> int:
    return 3


async def awaited_generator() -> Iterator[int]:
    return generated()


@pytest.mark.parametrize(
    ("start", "value"),
    [
        (generated, [1, 2]),
        (streamed, [1, 2]),
        (awaited, 3),
        (awaited_generator, [1, 2]),
        (lambda: map(abs, (-1, 2)), [1, 2]),
        (lambda: 5, 5),
    ],
)
def test_what_is_awaitable_is_awaited_and_what_yields_is_collected(
    start: Callable[[], Any], value: Any
) -> None:
    assert finished(start()) == value


def test_an_endless_generator_is_refused_rather_than_cut() -> None:
    async def endless() -> AsyncIterator[int]:
        for number in count():
            yield number

    for values in (count(), endless()):
        with pytest.raises(TooLarge, match="more than 100000 items are yielded"):
            finished(values)


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("no file /home/ann/tools/data.csv", "no file data.csv"),
        ("'/tmp/callforge-a1b2/out.txt' is gone", "'~/out.txt' is gone"),
        ("in /var/folders/x/callforge-a_9z", "in ~"),
        ("<Thing object at 0x7f9744a2e1a0>", "<Thing object at 0x…>"),
        ("0xFF is no colour", "0xFF is no colour"),
        ("12/11/2026 and km/h", "12/11/2026 and km/h"),
        ("see https://example.com/a/b", "see https://example.com/a/b"),
        ("two\n  lines", "two lines"),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_error_texts_lose_what_differs_from_machine_to_machine(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed
