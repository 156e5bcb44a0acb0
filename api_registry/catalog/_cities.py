"""Cities whose local time the catalogue knows."""

from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

City = Literal[
    "London", "Paris", "Berlin", "Lisbon", "New York", "Chicago", "Los Angeles", "São Paulo",
    "Nairobi", "Dubai", "Mumbai", "Singapore", "Tokyo", "Sydney",
]  # fmt: skip

_ZONES: dict[City, str] = {
    "London": "Europe/London",
    "Paris": "Europe/Paris",
    "Berlin": "Europe/Berlin",
    "Lisbon": "Europe/Lisbon",
    "New York": "America/New_York",
    "Chicago": "America/Chicago",
    "Los Angeles": "America/Los_Angeles",
    "São Paulo": "America/Sao_Paulo",
    "Nairobi": "Africa/Nairobi",
    "Dubai": "Asia/Dubai",
    "Mumbai": "Asia/Kolkata",
    "Singapore": "Asia/Singapore",
    "Tokyo": "Asia/Tokyo",
    "Sydney": "Australia/Sydney",
}


def zone_of(city: City) -> ZoneInfo:
    """Return the time zone of a city."""
    return ZoneInfo(_ZONES[city])


def local_moment(day: date, clock: time, city: City) -> datetime:
    """Return the moment at which the clocks of a city show a time on a day."""
    # A UTC offset sent along with the time is ignored: the city says which zone is meant.
    return datetime.combine(day, clock.replace(tzinfo=None), zone_of(city))
