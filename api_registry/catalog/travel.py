"""Distances, durations and costs of journeys."""

import math
from datetime import UTC, date, time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from api_registry.catalog._cities import City, local_moment, zone_of
from api_registry.decorator import api

Latitude = Annotated[float, Field(ge=-60, le=70)]
Longitude = Annotated[float, Field(ge=-175, le=175)]

_EARTH_RADIUS_KM = 6371.0088
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@api(
    category="travel",
    examples=[
        {
            "origin_latitude": 52.52,
            "origin_longitude": 13.405,
            "destination_latitude": 48.8566,
            "destination_longitude": 2.3522,
        },
        {
            "origin_latitude": 40.7,
            "origin_longitude": -74,
            "destination_latitude": 51.5,
            "destination_longitude": -0.1,
            "unit": "mile",
        },
        {
            "origin_latitude": -33.9,
            "origin_longitude": 151.2,
            "destination_latitude": 35.7,
            "destination_longitude": 139.7,
            "unit": "nautical mile",
        },
    ],
    phrasings=[
        "[calculate|work out|find] the [straight-line|great-circle] distance from latitude "
        "{origin_latitude:digits}, longitude {origin_longitude:digits} to latitude "
        "{destination_latitude:digits}"
        "<, longitude {destination_longitude:digits}>< in {unit}>",
        "[measure|compute|find out] how far it is as the crow flies from {origin_latitude:digits}, "
        "{origin_longitude:digits} to< latitude {destination_latitude:digits} and> longitude "
        "{destination_longitude:digits}<, in {unit}>",
        "[get|give me] the [flight|air] distance between a place at< latitude "
        "{origin_latitude:digits},> "
        "longitude {origin_longitude:digits} and [one|another] at latitude "
        "{destination_latitude:digits}, "
        "longitude {destination_longitude:digits}",
        "how far is it[ as the crow flies| in a straight line|] from latitude "
        "{origin_latitude:digits}"
        "<, longitude {origin_longitude:digits}> to latitude {destination_latitude:digits}, "
        "longitude "
        "{destination_longitude:digits}< in {unit}>?",
        "[what's|what is] the distance[ in the air|] between {origin_latitude:digits}, "
        "{origin_longitude:digits} "
        "and {destination_latitude:digits}, {destination_longitude:digits}< measured in {unit}>?",
        "[we sail|i fly|the drone goes] from {origin_latitude:digits}, {origin_longitude:digits} "
        "to "
        "{destination_latitude:digits}, {destination_longitude:digits} and i need the distance< "
        "in {unit}>.",
    ],
)
def great_circle_distance(
    origin_latitude: Latitude,
    origin_longitude: Longitude,
    destination_latitude: Latitude,
    destination_longitude: Longitude,
    unit: Literal["kilometre", "mile", "nautical mile"] = "kilometre",
) -> float:
    """Calculate the great-circle distance between two points on Earth.

    Args:
        origin_latitude: Latitude of the first point in degrees, north positive.
        origin_longitude: Longitude of the first point in degrees, east positive.
        destination_latitude: Latitude of the second point in degrees, north positive.
        destination_longitude: Longitude of the second point in degrees, east positive.
        unit: Unit of the distance.
    """
    first, second = math.radians(origin_latitude), math.radians(destination_latitude)
    turn = math.radians(destination_longitude - origin_longitude)
    half = math.sin((second - first) / 2) ** 2
    half += math.cos(first) * math.cos(second) * math.sin(turn / 2) ** 2
    kilometres = 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(half, 1.0)))
    return round(kilometres / {"kilometre": 1, "mile": 1.609344, "nautical mile": 1.852}[unit], 2)


@api(
    category="travel",
    examples=[
        {
            "start_latitude": 47.4,
            "start_longitude": 8.5,
            "target_latitude": 45.8,
            "target_longitude": 9.1,
        },
        {
            "start_latitude": 60.2,
            "start_longitude": 24.9,
            "target_latitude": 59.4,
            "target_longitude": 24.7,
        },
        {
            "start_latitude": -12,
            "start_longitude": -77,
            "target_latitude": 10.5,
            "target_longitude": -66.9,
        },
    ],
    phrasings=[
        "[find|work out|calculate] the compass [heading|bearing] from latitude "
        "{start_latitude:digits}"
        "<, longitude {start_longitude:digits}> to latitude {target_latitude:digits}, longitude "
        "{target_longitude:digits}",
        "[tell me|figure out] which way to [head|steer] from {start_latitude:digits}, "
        "{start_longitude:digits} "
        "to reach< latitude {target_latitude:digits},> longitude {target_longitude:digits}",
        "[get|compute] the initial [bearing|course] from< latitude {start_latitude:digits},> "
        "longitude "
        "{start_longitude:digits} [towards|to] latitude {target_latitude:digits}, longitude "
        "{target_longitude:digits}",
        "in which [direction|compass direction] [is|lies] latitude {target_latitude:digits}"
        "<, longitude {target_longitude:digits}> from latitude {start_latitude:digits}, longitude "
        "{start_longitude:digits}?",
        "what [bearing|heading] [takes me|leads] from {start_latitude:digits}, "
        "{start_longitude:digits} to "
        "{target_latitude:digits}, {target_longitude:digits}?",
        "[i'm|we're] at {start_latitude:digits}, {start_longitude:digits} and [need|want] "
        "the heading to {target_latitude:digits}, {target_longitude:digits}.",
    ],
)
def compass_bearing(
    start_latitude: Latitude,
    start_longitude: Longitude,
    target_latitude: Latitude,
    target_longitude: Longitude,
) -> dict[str, float | str]:
    """Find the compass direction in which a place lies.

    Args:
        start_latitude: Latitude of the starting point in degrees, north positive.
        start_longitude: Longitude of the starting point in degrees, east positive.
        target_latitude: Latitude of the place to reach in degrees, north positive.
        target_longitude: Longitude of the place to reach in degrees, east positive.
    """
    first, second = math.radians(start_latitude), math.radians(target_latitude)
    turn = math.radians(target_longitude - start_longitude)
    east = math.sin(turn) * math.cos(second)
    north = math.cos(first) * math.sin(second) - math.sin(first) * math.cos(second) * math.cos(turn)
    degrees = math.degrees(math.atan2(east, north)) % 360
    return {"degrees": round(degrees, 1), "direction": _COMPASS[round(degrees / 45) % 8]}


@api(
    category="travel",
    examples=[
        {"distance_km": 420, "average_speed_kmh": 100},
        {"distance_km": 18, "average_speed_kmh": 22.5, "break_minutes": 20},
        {"distance_km": 900, "average_speed_kmh": 90, "break_minutes": 45},
    ],
    phrasings=[
        "[estimate|work out|calculate] how long {distance_km} [km|kilometres] take"
        "< at an average of {average_speed_kmh} km/h>< with {break_minutes:minutes} of breaks>",
        "[tell me|find] the [driving|travel] time for a trip< of {distance_km} kilometres> at "
        "{average_speed_kmh} km/h<, breaks of {break_minutes:minutes} included>",
        "[figure out|compute] the duration of a {distance_km} km [ride|drive|journey] at "
        "{average_speed_kmh} km/h<, stopping for {break_minutes:minutes} in all>",
        "how long does it take to [cover|travel|drive] {distance_km} km"
        "< at {average_speed_kmh} km/h>< with {break_minutes:minutes} for breaks on the way>?",
        "how many hours [is|are] {distance_km} [kilometres|km] at {average_speed_kmh} km/h?",
        "[my route is|we have to drive|the tour covers] {distance_km} km and we do about "
        "{average_speed_kmh} km/h< with {break_minutes:minutes} of rest>, so i need the total "
        "time.",
    ],
)
def trip_duration(
    distance_km: Annotated[float, Field(ge=5, le=1500)],
    average_speed_kmh: Annotated[float, Field(ge=15, le=130)],
    break_minutes: Annotated[int, Field(ge=10, le=120, multiple_of=5)] | None = None,
) -> dict[str, float | str]:
    """Estimate how long a trip takes at an average speed.

    Args:
        distance_km: Distance of the trip in kilometres.
        average_speed_kmh: Average speed in kilometres per hour.
        break_minutes: Minutes of breaks on the way, none unless given.
    """
    if average_speed_kmh <= 0 or distance_km < 0:
        raise ValueError("`average_speed_kmh` must be positive and `distance_km` not negative")
    minutes = distance_km / average_speed_kmh * 60 + (break_minutes or 0)
    hours, rest = divmod(round(minutes), 60)
    return {"total_minutes": round(minutes, 1), "duration": f"{hours} h {rest} min"}


@api(
    category="travel",
    examples=[
        {"distance_km": 300, "litres_per_100_km": 6.5, "price_per_litre": 1.8},
        {
            "distance_km": 120,
            "litres_per_100_km": 8,
            "price_per_litre": 1.65,
            "round_trip": True,
            "travelers": 4,
        },
        {"distance_km": 75, "litres_per_100_km": 5, "price_per_litre": 2.05, "travelers": 2},
    ],
    phrasings=[
        "[work out|estimate|calculate] the fuel cost of {distance_km} [km|kilometres]"
        "{round_trip=true: [there and back|each way]} at {litres_per_100_km} litres per 100 km"
        "< and {price_per_litre:money} per litre>< for each of {travelers} people>",
        "[figure out|tell me|work out] what the petrol costs for a {round_trip=true:round }trip"
        "< of {distance_km} km one way> when the car uses {litres_per_100_km} litres per 100 km "
        "and a litre is {price_per_litre:money}",
        "[split|share|work out] the fuel bill of a {distance_km} km drive<, {litres_per_100_km} "
        "litres per "
        "hundred,> at {price_per_litre:money} a litre< between {travelers} people>",
        "how much [will|would|does] fuel cost for {distance_km} km{round_trip=true: and back} with "
        "{litres_per_100_km} l/100 km at {price_per_litre:money} per litre"
        "<, shared by {travelers}>?",
        "what do we [pay|spend] on petrol over {distance_km} km if the van [burns|uses] "
        "{litres_per_100_km} litres per 100 km and petrol is {price_per_litre:money} a litre?",
        "[we're driving|the trip is|it's] {distance_km} km{round_trip=true: one way and we come "
        "back too}, the car takes {litres_per_100_km} litres per 100 km, petrol costs "
        "{price_per_litre:money} a litre, and i need the fuel cost< per person for {travelers}>.",
    ],
)
def fuel_cost(
    distance_km: Annotated[float, Field(ge=20, le=1200)],
    litres_per_100_km: Annotated[float, Field(ge=4, le=15)],
    price_per_litre: Annotated[float, Field(ge=1.2, le=2.4)],
    round_trip: bool = False,
    travelers: Annotated[int, Field(ge=2, le=7)] | None = None,
) -> dict[str, float]:
    """Calculate what the fuel of a car trip costs.

    Args:
        distance_km: One-way distance in kilometres.
        litres_per_100_km: Fuel consumption in litres per 100 kilometres.
        price_per_litre: Price of a litre of fuel.
        round_trip: Whether the same way is driven back.
        travelers: Number of people who share the cost, one unless given.
    """
    if min(distance_km, litres_per_100_km, price_per_litre) < 0:
        raise ValueError("neither distance, consumption nor price may be negative")
    litres = distance_km * (2 if round_trip else 1) * litres_per_100_km / 100
    cost = litres * price_per_litre
    return {
        "litres": round(litres, 2),
        "total_cost": round(cost, 2),
        "cost_per_person": round(cost / (travelers or 1), 2),
    }


@api(
    category="travel",
    examples=[
        {
            "departure_date": "2026-04-02",
            "departure_time": "21:40:00",
            "flight_minutes": 455,
            "from_city": "New York",
            "to_city": "Paris",
        },
        {
            "departure_date": "2026-08-15",
            "departure_time": "10:00:00",
            "flight_minutes": 90,
            "from_city": "Berlin",
            "to_city": "London",
        },
        {
            "departure_date": "2025-12-30",
            "departure_time": "23:15:00",
            "flight_minutes": 560,
            "from_city": "Tokyo",
            "to_city": "Los Angeles",
        },
    ],
    phrasings=[
        "[work out|tell me] [when|at what local time] a flight from {from_city}< to {to_city}> "
        "lands if it leaves on {departure_date} at {departure_time} and takes "
        "{flight_minutes:minutes}",
        "[find|calculate|get] the local arrival time in {to_city} of a flight that departs "
        "{from_city} on {departure_date}< at {departure_time}> and lasts {flight_minutes:minutes}",
        "[figure out|compute] when i [land|arrive] in {to_city}, leaving {from_city}"
        "< on {departure_date}> at {departure_time} with {flight_minutes:minutes} in the air",
        "what [time is it|is the local time] [over |]in {to_city} when the plane that left "
        "{from_city} at {departure_time} on "
        "{departure_date} lands<, {flight_minutes:minutes} later>?",
        "when do we [touch down|arrive|land] in {to_city} if we take off< from {from_city}> on "
        "{departure_date} at {departure_time} and fly for {flight_minutes:minutes}?",
        "[my|our] [flight|plane] leaves {from_city} for {to_city} on {departure_date} at "
        "{departure_time}, it takes {flight_minutes:minutes}, and i need the local arrival time.",
    ],
)
def flight_arrival(
    departure_date: date,
    departure_time: time,
    flight_minutes: Annotated[int, Field(ge=60, le=900, multiple_of=5)],
    from_city: City,
    to_city: City,
) -> dict[str, str]:
    """Calculate the local arrival time of a flight across time zones.

    Args:
        departure_date: Date of departure.
        departure_time: Local time of departure.
        flight_minutes: Flight time in minutes.
        from_city: City of departure.
        to_city: City of arrival.
    """
    if flight_minutes <= 0:
        raise ValueError("`flight_minutes` must be positive")
    departure = local_moment(departure_date, departure_time, from_city)
    # Added in UTC: wall clocks jump where daylight saving begins or ends on the way.
    landing = departure.astimezone(UTC) + timedelta(minutes=flight_minutes)
    arrival = landing.astimezone(zone_of(to_city))
    return {
        "arrival_date": arrival.date().isoformat(),
        "arrival_time": arrival.strftime("%H:%M"),
        "utc_offset": arrival.strftime("%z"),
    }


@api(
    category="travel",
    examples=[
        {"check_in": "2026-06-12", "check_out": "2026-06-15", "nightly_rate": 120},
        {
            "check_in": "2026-12-24",
            "check_out": "2026-12-27",
            "nightly_rate": 89.5,
            "tax_percent": 7,
        },
        {
            "check_in": "2026-02-27",
            "check_out": "2026-03-02",
            "nightly_rate": 200,
            "weekend_surcharge_percent": 20,
        },
    ],
    phrasings=[
        "[work out|calculate|total] the hotel [bill|cost] from {check_in} [to|until] {check_out}"
        "< at {nightly_rate:money} a night>< plus {tax_percent:percent} tax>"
        "<, weekend nights costing {weekend_surcharge_percent:percent} more>",
        "[find|tell me|get] the price of a room at {nightly_rate:money} per night, checking in"
        "< on {check_in}> and checking out on {check_out}<, with {tax_percent:percent} tax on top>",
        "[add up|estimate|work out] what a stay from {check_in}< to {check_out}> comes to at "
        "{nightly_rate:money} a night",
        "how much [is|would be|will be] a room from {check_in} to {check_out} at "
        "{nightly_rate:money} per "
        "night< including {tax_percent:percent} tax>?",
        "what [do|will|would] i pay for a stay between {check_in} and {check_out} if a night costs "
        "{nightly_rate:money}< and weekends are {weekend_surcharge_percent:percent} dearer>?",
        "[i'm staying|we've booked a room|my parents are staying] from {check_in} to {check_out} "
        "for {nightly_rate:money} a night< plus {tax_percent:percent} tax> and need the total.",
    ],
)
def hotel_cost(
    check_in: date,
    check_out: date,
    nightly_rate: Annotated[float, Field(ge=40, le=400)],
    tax_percent: Annotated[float, Field(ge=3, le=20)] | None = None,
    weekend_surcharge_percent: Annotated[int, Field(ge=10, le=50, multiple_of=5)] | None = None,
) -> dict[str, float]:
    """Calculate what a hotel stay costs, night by night.

    Args:
        check_in: Date of arrival.
        check_out: Date of departure.
        nightly_rate: Price of a night.
        tax_percent: Percentage of tax on top.
        weekend_surcharge_percent: Percentage added to the nights of Friday and Saturday.
    """
    nights = (check_out - check_in).days
    if nights < 1:
        raise ValueError("`check_out` must be after `check_in`")
    evenings = ((check_in + timedelta(days=night)).weekday() for night in range(nights))
    weekend_nights = sum(evening in (4, 5) for evening in evenings)
    rooms = nightly_rate * (nights + weekend_nights * (weekend_surcharge_percent or 0) / 100)
    return {
        "nights": nights,
        "weekend_nights": weekend_nights,
        "total": round(rooms * (1 + (tax_percent or 0) / 100), 2),
    }
