"""Where and when conversations take place: the system turns of a data set."""

import random
from datetime import date, timedelta

from api_registry.types import Api
from generators.types import Context

PLACES: tuple[tuple[str, str], ...] = (
    ("Lisbon, Portugal", "Europe/Lisbon"),
    ("Austin, Texas", "America/Chicago"),
    ("Nairobi, Kenya", "Africa/Nairobi"),
    ("Osaka, Japan", "Asia/Tokyo"),
    ("Toronto, Canada", "America/Toronto"),
    ("Wellington, New Zealand", "Pacific/Auckland"),
    ("Pune, India", "Asia/Kolkata"),
    ("Leeds, United Kingdom", "Europe/London"),
    ("Santiago, Chile", "America/Santiago"),
    ("Gdańsk, Poland", "Europe/Warsaw"),
    ("Accra, Ghana", "Africa/Accra"),
    ("Seattle, Washington", "America/Los_Angeles"),
    ("Busan, South Korea", "Asia/Seoul"),
    ("Valencia, Spain", "Europe/Madrid"),
    ("Hanoi, Vietnam", "Asia/Ho_Chi_Minh"),
    ("Recife, Brazil", "America/Recife"),
)
_FIRST_DAY = date(2024, 1, 1)
_DAYS = 1460


def sample_context(rng: random.Random) -> Context:
    """Draw a place and a day."""
    place, timezone = rng.choice(PLACES)
    return Context(
        today=_FIRST_DAY + timedelta(days=rng.randrange(_DAYS)), timezone=timezone, place=place
    )


def takes_date(api: Api) -> bool:
    """Whether any parameter of an API is a date or a point in time."""
    return "'format': 'date" in str(api.parameters)


def wants_context(rng: random.Random, *, dated: bool) -> bool:
    """Give half of the rows about dates a system turn, and an eighth of all others."""
    return rng.random() < (0.5 if dated else 0.125)
