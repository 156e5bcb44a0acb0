"""Systems style: networks, paths, patterns, bytes; sentinels and other odd defaults."""

import json as _json
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial, singledispatch, wraps
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import IO, Any, NewType, ParamSpec, Protocol, TypeVar, overload
from uuid import UUID
from zoneinfo import ZoneInfo

UserId = NewType("UserId", int)
T = TypeVar("T")
Text = TypeVar("Text", str, bytes)
P = ParamSpec("P")
_MISSING = object()


class Closeable(Protocol):
    def close(self) -> None: ...


def traced(function: Callable[P, T]) -> Callable[P, T]:
    """Trace calls of a function."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)

    return wrapper


@traced
def in_network(address: IPv4Address, network: IPv4Network) -> bool:
    """Check whether an address belongs to a network."""
    return address in network


@lru_cache(maxsize=None)
def fibonacci(n: int) -> int:
    """Return the n-th Fibonacci number."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def scale_by(value: float, factor: float) -> float:
    """Scale a value."""
    return value * factor


double = partial(scale_by, factor=2.0)


@singledispatch
def shorten(value: str, width: int = 5) -> str:
    """Shorten a value to a width."""
    return value[:width]


@overload
def find(text: str, what: str) -> int: ...
@overload
def find(text: str, what: str, default: int) -> int: ...
def find(text: str, what: str, default: Any = _MISSING) -> int:
    """Find the position of a piece of text."""
    position = text.find(what)
    if position < 0 and default is _MISSING:
        raise LookupError(f"{what!r} is not in the text")
    return default if position < 0 else position


def grep(pattern: re.Pattern[str], lines: list[str], flags: int = re.IGNORECASE) -> list[str]:
    """Keep the lines that match a pattern."""
    return [line for line in lines if pattern.search(line)]


def suffix(path: Path, *, lower: bool = True) -> str:
    """Extension of a file name."""
    return path.suffix.lower() if lower else path.suffix


def checksum(data: bytes, start: int = 0, /) -> int:
    """CRC-32 checksum of some data."""
    return zlib.crc32(data, start)


def first(items: list[T], default: T | None = None) -> T | None:
    """First item of a list."""
    return items[0] if items else default


def upper(text: Text) -> Text:
    """Convert text to upper case."""
    return text.upper()


def profile(user: UserId, token: UUID | None = None, zone: ZoneInfo = ZoneInfo("UTC")) -> str:
    """Profile of a user."""
    return f"{user} {token} {zone.key}"


def sort_words(
    words: list[str], key: Callable[[str], Any] | None = None, out: IO[str] | None = None
) -> list[str]:
    """Sort words."""
    return sorted(words, key=key)


def read_config(source: "str | IO[str]") -> Any:
    """Read a configuration from JSON."""
    return _json.loads(source)


def options(
    from_: str, type: str, format: dict[str, Any] = {}, *, properties: int = 0
) -> list[Any]:  # noqa: B006
    """Take names that clash with keywords."""
    return [from_, type, format, properties]


def tag(**labels: str) -> dict[str, str]:
    """Attach labels."""
    return labels


def add_all(first: int, *rest: int, negative: bool = False) -> int:
    """Add numbers."""
    total = first + sum(rest)
    return -total if negative else total


def countdown(start: int) -> Iterator[int]:
    """Count down to one."""
    yield from range(start, 0, -1)


async def stream(words: list[str]) -> AsyncIterator[str]:
    """Stream words one by one."""
    for word in words:
        yield word


@contextmanager
def opened(name: str) -> Iterator[str]:
    """Open something."""
    yield name


def close_all(things: list[Closeable]) -> None:
    """Close things."""


def apply(function: Callable[[int], int], value: int) -> int:
    """Apply a function."""
    return function(value)


def größe(länge: float, breite: float) -> float:
    """Fläche eines Rechtecks."""
    return länge * breite


def flaeche(länge: float, breite: float = 1.0) -> float:
    """Berechnet die Fläche eines Rechtecks.

    Args:
        länge: Länge in Metern.
        breite: Breite in Metern.
    """
    return länge * breite


def undocumented(a: int) -> int:
    return a


class Greeter:
    """A toolkit with methods."""

    def __init__(self, word: str) -> None:
        self.word = word

    def greet(self, name: str, *, loud: bool = False) -> str:
        """Greet somebody by name."""
        return f"{self.word} {name}{'!' if loud else ''}"

    def __call__(self, times: int) -> str:
        """Repeat the greeting."""
        return self.word * times


greeter = Greeter("Hi")
greet = greeter.greet
