from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypedDict, Union
from uuid import UUID

class Dimensions(TypedDict):
    length_cm: float
    width_cm: float
    height_cm: float

@dataclass
class Address:
    """A postal address."""
    street: str
    city: str
    postal_code: str
    country: str = "DE"

def track_parcel(tracking_number: str, carrier: str | None = None) -> dict:
    """Look up where a parcel is."""
    return {"s": 1}

def quote_shipment(origin: str, destination: str, weight_kg: float, dimensions: Dimensions | None = None, service: Literal["economy", "standard", "express"] = "standard") -> dict:
    """Quote the price of a shipment.

    Parameters
    ----------
    origin : str
        Origin city.
    destination : str
        Destination city.
    weight_kg : float
        Weight of the parcel in kilograms.
    dimensions : Dimensions
        Size of the parcel.
    service : str
        Service level.
    """
    return {"p": 1}

def book_pickup(address: Address, pickup_date: date, parcels: int = 1, instructions: str | None = None) -> dict:
    """Book a courier pickup.

    Args:
        address: Where to pick the parcels up.
        pickup_date: Day of the pickup.
        parcels: Number of parcels.
        instructions: Special instructions for the driver.
    """
    return {"p": 1}

def volumetric_weight(length_cm: float, width_cm: float, height_cm: float, divisor: int = 5000) -> float:
    """Volumetric weight of a box in kilograms."""
    return length_cm * width_cm * height_cm / divisor

def reroute(shipment_id: UUID, new_destination: str, reason: str = ""):
    """Reroute a shipment to a new destination."""
    return {"p": 1}

def eta(distance_km: float, avg_speed_kmh: float = 70, breaks: int = 0) -> float:
    """Estimate the time of arrival of a truck, in hours."""
    return distance_km / avg_speed_kmh + breaks

def list_shipments(status: Literal["in_transit", "delivered", "returned", "lost"] | None = None, warehouse: str | None = None, shipped_after: date | None = None, max_results: int = 50) -> list:
    """List shipments, optionally filtered by status, warehouse or date."""
    return []

def customs_duty(declared_value: Decimal, country: str, hs_code: str, gift: bool = False) -> float:
    """Computes the customs duty for an import.

    Args:
        declared_value: Declared value in EUR.
        country: Destination country (ISO 3166 alpha-2 code).
        hs_code: Harmonised System code of the goods, e.g. 6109.10
        gift: Whether the parcel is a gift.
    """
    return 1.0

def stock_level(sku: str, warehouse: str) -> int:
    """How many units of an article are in stock at a warehouse."""
    return 1

def assign_driver(route_id: int, driver: str, vehicle: str | None = None, fragile: bool = False) -> dict:
    """Assign a driver (and optionally a vehicle) to a route."""
    return {"p": 1}

def file_claim(shipment_id: UUID, kind: Literal["damage", "loss", "delay"], amount: Decimal, description: str) -> dict:
    """File a claim for a damaged, lost or late shipment."""
    return {"p": 1}

def optimize_route(stops: list[str], start: str, end: str | None = None, avoid_tolls: bool = False) -> list[str]:
    """Find the best order in which to visit a list of stops."""
    return stops

def split_load(weights: list[float], max_payload: float) -> list:
    """Split a list of parcel weights into truck loads none of which exceeds a maximum payload."""
    return []
