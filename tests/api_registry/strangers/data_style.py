"""Data-heavy style: dataclasses, attrs, typed dictionaries, named tuples, enums of all kinds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum, auto
from fractions import Fraction
from typing import Any, Literal, NamedTuple, NotRequired, Required, TypedDict

import attrs


class Suit(StrEnum):
    HEARTS = auto()
    SPADES = auto()


class Level(IntEnum):
    LOW = 1
    HIGH = 5


class Access(Flag):
    READ = 1
    WRITE = 2


class Planet(Enum):
    EARTH = (5.97e24, 6.37e6)
    MARS = (6.42e23, 3.39e6)


@dataclass(frozen=True)
class LineItem:
    description: str
    quantity: int = 1
    unit_price: Decimal = Decimal("0")
    tags: list[str] = field(default_factory=list)


@dataclass
class Invoice:
    number: str
    items: list[LineItem]
    due: date | None = None


class Movie(TypedDict, total=False):
    title: Required[str]
    year: int
    rating: float


class Trip(TypedDict):
    start: date
    stops: list[str]
    notes: NotRequired[str | None]


class Point(NamedTuple):
    x: float
    y: float = 0.0


@attrs.define
class Address:
    street: str
    city: str
    postcode: str = attrs.field(converter=str.strip, default="")


@attrs.define
class Customer:
    name: str = attrs.field(validator=attrs.validators.min_len(2))
    addresses: list[Address] = attrs.field(factory=list)
    _tier: str = attrs.field(default="basic")


def invoice_total(invoice: Invoice, discount: Decimal = Decimal("0")) -> Decimal:
    """Total of an invoice after a discount."""
    return sum((i.quantity * i.unit_price for i in invoice.items), Decimal()) - discount


def best_movie(movies: list[Movie]) -> str:
    """Pick the movie with the highest rating."""
    return max(movies, key=lambda movie: movie.get("rating", 0))["title"]


def trip_length(trip: Trip) -> int:
    """How many stops a trip has."""
    return len(trip["stops"])


def distance(a: Point, b: Point = Point(0.0, 0.0)) -> float:
    """Distance between two points."""
    return ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5


def shipping_label(customer: Customer, express: bool = False) -> str:
    """Write a shipping label for a customer."""
    where = customer.addresses[0].city if customer.addresses else "unknown"
    return f"{customer.name} ({customer._tier}), {where}{' EXPRESS' if express else ''}"


def card_name(suit: Suit, level: Level = Level.LOW, access: Access = Access.READ) -> str:
    """Name a card."""
    return f"{suit.value}-{level.name}-{access.name}"


def surface_gravity(planet: Planet = Planet.EARTH) -> float:
    """Surface gravity of a planet."""
    mass, radius = planet.value
    return round(6.67e-11 * mass / radius**2, 1)


def meeting_end(start: datetime, length: timedelta, not_after: time | None = None) -> str:
    """When a meeting ends."""
    end = start + length
    return "too late" if not_after and end.time() > not_after else end.isoformat()


def mix(a: Fraction, b: complex = 1j, c: Literal[1, "one", True, None] = 1) -> str:
    """Mix unusual numbers."""
    return f"{a} {b} {c}"


def count_by(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str, int]:
    """Count rows by the value of one of their keys."""
    rows = list(rows)
    counts: dict[str, int] = {}
    for row in [*rows, *rows]:
        counts[str(row[key])] = counts.get(str(row[key]), 0) + 1
    return {value: number // 2 for value, number in counts.items()}


def unique_tags(tags: frozenset[str], extra: set[int] = frozenset()) -> list[str]:  # type: ignore[assignment]
    """Sort tags, without repeats."""
    return sorted(tags) + [str(number) for number in sorted(extra)]


def nested(config: dict[str, list[tuple[int, str]]]) -> int:
    """Count entries of a nested configuration."""
    return sum(len(entries) for entries in config.values())
