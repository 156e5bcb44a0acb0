"""Trip planning: distances, driving, fuel, flights and luggage."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api_registry.decorator import api

City = Literal[
    "Amsterdam",
    "Athens",
    "Berlin",
    "Cairo",
    "Chicago",
    "Dublin",
    "Lisbon",
    "London",
    "Madrid",
    "Mumbai",
    "New York",
    "Paris",
    "Rome",
    "Sydney",
    "Tokyo",
    "Vienna",
]
Season = Literal["spring", "summer", "autumn", "winter"]

# Latitude, longitude, and hours ahead of UTC in standard time.
_CITIES: dict[City, tuple[float, float, float]] = {
    "Amsterdam": (52.37, 4.9, 1),
    "Athens": (37.98, 23.73, 2),
    "Berlin": (52.52, 13.4, 1),
    "Cairo": (30.04, 31.24, 2),
    "Chicago": (41.88, -87.63, -6),
    "Dublin": (53.35, -6.26, 0),
    "Lisbon": (38.72, -9.14, 0),
    "London": (51.51, -0.13, 0),
    "Madrid": (40.42, -3.7, 1),
    "Mumbai": (19.08, 72.88, 5.5),
    "New York": (40.71, -74.01, -5),
    "Paris": (48.86, 2.35, 1),
    "Rome": (41.9, 12.5, 1),
    "Sydney": (-33.87, 151.21, 10),
    "Tokyo": (35.68, 139.69, 9),
    "Vienna": (48.21, 16.37, 1),
}


def _distance_km(origin: City, destination: City) -> float:
    lat1, lon1 = (math.radians(value) for value in _CITIES[origin][:2])
    lat2, lon2 = (math.radians(value) for value in _CITIES[destination][:2])
    part = math.sin((lat2 - lat1) / 2) ** 2
    part += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(part))


@api(
    category="travel",
    examples=[
        {"from_city": "London", "to_city": "Rome"},
        {"from_city": "New York", "to_city": "Tokyo", "unit": "miles"},
        {"from_city": "Berlin", "to_city": "Lisbon", "unit": "nautical miles"},
    ],
    phrasings=[
        "[measure|work out] the distance by air< from {from_city}>< to {to_city}>< in {unit}>",
        "find out how far [it is|one flies]< from {from_city}>< to {to_city}>< in {unit}>",
        "calculate the length of a direct flight< out of {from_city}>< into {to_city}>",
        "how far [is it|is the flight]< from {from_city}>< to {to_city}>< in {unit}>?",
        "what is the straight-line distance< from {from_city}>< to {to_city}>< in {unit}>?",
        "i'm [flying|travelling]< from {from_city}>< to {to_city}> and would like to know how far "
        "that is< in {unit}>.",
    ],
)
def city_distance(
    from_city: City,
    to_city: City,
    unit: Literal["kilometres", "miles", "nautical miles"] = "kilometres",
) -> dict[str, float | str]:
    """Measure the distance by air between two cities.

    Args:
        from_city: City of departure.
        to_city: City of arrival.
        unit: Unit of the distance.

    Returns:
        The great-circle distance and its unit.
    """
    factor = {"kilometres": 1.0, "miles": 0.621371, "nautical miles": 0.539957}[unit]
    return {"distance": round(_distance_km(from_city, to_city) * factor, 1), "unit": unit}


@api(
    category="travel",
    examples=[
        {"distance_km": 420.0, "litres_per_100_km": 6.5, "price_per_litre": 1.75},
        {"distance_km": 980.0, "litres_per_100_km": 8.2, "price_per_litre": 1.62, "people": 4},
        {"distance_km": 150.0, "litres_per_100_km": 5.4, "price_per_litre": 1.9, "people": 2},
    ],
    phrasings=[
        "[calculate|work out] the fuel cost of a drive< of {distance_km} km>"
        "< in a car using {litres_per_100_km} litres per hundred kilometres>"
        "< at {price_per_litre:money} a litre>< for a group of {people}>",
        "tell me what the petrol will cost< for {distance_km} kilometres>"
        "< at {litres_per_100_km} litres per hundred km>"
        "< with fuel at {price_per_litre:money} per litre>",
        "split the petrol money for our road trip< of {distance_km} km>"
        "< with a consumption of {litres_per_100_km} litres per hundred kilometres>"
        "< at a price of {price_per_litre:money} per litre>< in a group of {people}>",
        "how much [will i pay|do i have to pay] for fuel on a trip< of {distance_km} km>"
        "< if the car needs {litres_per_100_km} litres per hundred km>"
        "< with petrol at {price_per_litre:money} a litre>?",
        "what does [the petrol|the fuel] cost< on a drive of {distance_km} kilometres>"
        "< with a consumption of {litres_per_100_km} litres per hundred kilometres>"
        "< at a pump price of {price_per_litre:money}>< shared in a group of {people}>?",
        "we are [planning|going on] a road trip< of {distance_km} km>"
        "< in a car that takes {litres_per_100_km} litres per hundred km>"
        "< with fuel costing {price_per_litre:money} a litre> and want to know the fuel bill"
        "< for each person in a group of {people}>.",
    ],
)
def fuel_cost(
    distance_km: Annotated[float, Field(ge=5, le=3000)],
    litres_per_100_km: Annotated[float, Field(ge=3, le=20)],
    price_per_litre: Annotated[float, Field(ge=0.5, le=3)],
    people: Annotated[int, Field(ge=1, le=8)] = 1,
) -> dict[str, float]:
    """Calculate the fuel cost of a drive.

    Args:
        distance_km: Distance in kilometres.
        litres_per_100_km: Fuel consumption in litres per 100 kilometres.
        price_per_litre: Fuel price per litre.
        people: Number of people sharing the cost.

    Returns:
        Litres used, total cost and cost per person.
    """
    litres = distance_km * litres_per_100_km / 100
    cost = litres * price_per_litre
    return {
        "litres": round(litres, 2),
        "cost": round(cost, 2),
        "cost_per_person": round(cost / people, 2),
    }


@api(
    category="travel",
    examples=[
        {"departure": "08:30:00", "distance_km": 350.0},
        {"departure": "14:00:00", "distance_km": 620.0, "speed_kmh": 110.0},
        {"departure": "06:15:00", "distance_km": 900.0, "speed_kmh": 95.0, "break_minutes": 60},
    ],
    phrasings=[
        "[estimate|work out] when i arrive after a drive< of {distance_km} km>"
        "< when leaving at {departure}>< at an average of {speed_kmh} km/h>",
        "calculate the arrival time for a road trip< of {distance_km} kilometres>"
        "< that starts at {departure}>< with {break_minutes:minutes} of breaks>",
        "tell me what time we'll get there by car< if we set off at {departure}>"
        "< with {distance_km} km to go>< at {speed_kmh} km/h>"
        "< with stops of {break_minutes:minutes}>",
        "when will i [arrive|be there]< if i leave at {departure}>"
        "< with {distance_km} kilometres to drive>< at about {speed_kmh} km/h>?",
        "what time does a car get in< after leaving at {departure}>"
        "< on a journey of {distance_km} km>< with {break_minutes:minutes} for rests>?",
        "we're [setting off|leaving] by car< at {departure}>< for a trip of {distance_km} km>"
        "< at an average speed of {speed_kmh} km/h> and want to know when we arrive.",
    ],
)
def arrival_time(
    departure: time,
    distance_km: Annotated[float, Field(ge=5, le=1500)],
    speed_kmh: Annotated[float, Field(ge=30, le=160)] = 90.0,
    break_minutes: Annotated[int, Field(ge=0, le=180)] = 0,
) -> dict[str, str | int]:
    """Estimate when a drive ends.

    Args:
        departure: Time of departure.
        distance_km: Distance in kilometres.
        speed_kmh: Average speed in kilometres per hour.
        break_minutes: Total of all breaks in minutes.

    Returns:
        Time of arrival, days later, and minutes on the way.
    """
    minutes = round(distance_km / speed_kmh * 60) + break_minutes
    start = datetime.combine(date(2000, 1, 1), departure)
    end = start + timedelta(minutes=minutes)
    return {
        "arrival": end.strftime("%H:%M"),
        "days_later": (end.date() - start.date()).days,
        "minutes_on_the_way": minutes,
    }


@api(
    category="travel",
    examples=[
        {"from_city": "London", "to_city": "New York", "local_time": "15:00:00"},
        {"from_city": "Tokyo", "to_city": "Berlin", "local_time": "09:30:00"},
        {"from_city": "Mumbai", "to_city": "Sydney", "local_time": "22:45:00"},
    ],
    phrasings=[
        "[convert|translate] a local time< of {local_time}>< from {from_city} time>"
        "< to {to_city} time>",
        "work out the [matching|corresponding] clock time< in {to_city}>"
        "< for {local_time} on the clock>< as seen from {from_city}>",
        "tell me what time it will be< in {to_city}>< when it is {local_time}>"
        "< according to {from_city} time>",
        "what time is it< in {to_city}> when the clock says {local_time} over in {from_city}?",
        "if a call is set [for|at] {local_time}< in {from_city} time>, when is that"
        "< for someone in {to_city}>?",
        "i have an online meeting< at {local_time}>< on {from_city} time> and need to know when "
        "that is< in {to_city}>.",
    ],
)
def time_in_city(from_city: City, to_city: City, local_time: time) -> dict[str, str | float]:
    """Convert a clock time of one city to another city, in standard time.

    Args:
        from_city: City of the given time.
        to_city: City to convert to.
        local_time: Clock time in the first city.

    Returns:
        The time there, the hours of difference and which day it is there.
    """
    hours = _CITIES[to_city][2] - _CITIES[from_city][2]
    minute = local_time.hour * 60 + local_time.minute + round(hours * 60)
    days, rest = divmod(minute, 1440)
    return {
        "time": f"{rest // 60:02d}:{rest % 60:02d}",
        "hours_difference": hours,
        "day": {-1: "previous day", 0: "same day", 1: "next day"}[days],
    }


@api(
    category="travel",
    examples=[
        {"days": 7, "season": "summer"},
        {"days": 4, "season": "winter", "laundry": False},
        {"days": 14, "season": "autumn", "laundry": True},
    ],
    phrasings=[
        "[make|write] a packing list for a trip< of {days} days>< in {season}>"
        "<{laundry=true:, with a washing machine there}{laundry=false:, without a chance to wash}>",
        "plan which clothes to pack< for {days} days>< in {season} weather>",
        "work out how much clothing i need for a holiday< of {days} days>< this {season}>"
        "<{laundry=true:, doing laundry on the way}{laundry=false:, doing no laundry}>",
        "what should i pack for a [holiday|journey]< of {days} days>< in {season}>?",
        "how many [shirts and socks|clothes] do i need for a vacation< lasting {days} days>"
        "< during {season}>"
        "<{laundry=true: if i can do laundry}{laundry=false: if i can't do laundry}>?",
        "i'm going away< for {days} days>< in {season}> and need a packing list"
        "<{laundry=true: with a washing machine there}{laundry=false: without any laundry}>.",
    ],
)
def packing_list(
    days: Annotated[int, Field(ge=2, le=30)],
    season: Season,
    laundry: bool = False,
) -> dict[str, int]:
    """Plan the clothes to pack for a trip.

    Args:
        days: Number of days away.
        season: Season at the destination.
        laundry: Whether clothes can be washed on the way.

    Returns:
        The number of pieces of each garment.
    """
    changes = min(days, 5) if laundry else days
    cold = season in ("autumn", "winter")
    return {
        "shirts": changes,
        "underwear": changes + 1,
        "pairs of socks": math.ceil(changes / 2) if season == "summer" else changes + 1,
        "long trousers": math.ceil(changes / (3 if cold else 6)),
        "shorts": math.ceil(changes / 3) if season == "summer" else 0,
        "pullovers": math.ceil(changes / 4) if cold else 1,
        "warm coats": int(season == "winter"),
    }
