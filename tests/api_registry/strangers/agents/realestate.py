"""Real estate and money."""
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Sequence
import datetime as dt
import math

def mortgage_payment(principal: float, annual_rate: float, years: int = 30) -> float:
    """Compute the fixed monthly payment of a mortgage.

    Args:
        principal: Loan amount in dollars.
        annual_rate: Annual interest rate in percent.
        years: Term of the loan in years.
    """
    r = annual_rate/1200; n = years*12
    return principal*r/(1-(1+r)**-n)

def compound_interest(principal: float, rate: float, times_per_year: int, years: float) -> float:
    """Calculate compound interest."""
    return principal*(1+rate/times_per_year)**(times_per_year*years)

def search_listings(city: str, min_price: int | None = None, max_price: int | None = None, bedrooms: int | None = None, property_type: Literal["house", "apartment", "condo"] | None = None, sort_by: Literal["price", "date", "size"] = "date") -> list:
    """Search for property listings in a city."""
    return []

def roi(gain: float, cost: float) -> float:
    """Return on investment."""
    return (gain-cost)/cost

def rent_vs_buy(monthly_rent: float, home_price: float, down_payment_pct: float = 20, horizon_years: int = 7) -> dict:
    """Compare renting with buying a home."""
    return {}

def split_bill(total: float, people: list[str], tip_percent: float = 0) -> dict[str, float]:
    """Split a bill evenly among a group of people."""
    return {p: total/len(people) for p in people}

def days_on_market(listed: dt.date, sold: dt.date) -> int:
    """Number of days a property was on the market."""
    return (sold-listed).days

def price_per_sqm(price: float, area_sqm: float) -> float:
    """Price per square metre."""
    return price/area_sqm

def schedule_viewing(listing_id: str, visitor_name: str, visitor_phone: str, when: dt.datetime) -> str:
    """Schedule a viewing of a listing."""
    return listing_id

def irr(cash_flows: Sequence[float], guess: float = 0.1) -> float:
    """Internal rate of return of a series of cash flows."""
    return guess

def format_price(amount: Decimal, currency: str = "EUR", locale: str = "de_DE") -> str:
    """Format a price for display."""
    return str(amount)

def tax(income: float, status: Literal["single", "married"] = "single", deductions: list[float] | None = None) -> float:
    """Computes the income tax owed."""
    return income*0.2

def paint_needed(wall_width_m: float, wall_height_m: float, coats: int = 2, coverage: float = 10.0) -> float:
    """How many litres of paint are needed for a wall.

    Args:
        wall_width_m: Width of the wall in metres.
        wall_height_m: Height of the wall in metres.
        coats: Number of coats of paint.
        coverage: Square metres covered by one litre.
    """
    return wall_width_m*wall_height_m*coats/coverage

def energy_cost(power_watts: float, hours_per_day: float, price_per_kwh: float = 0.3) -> float:
    """Estimates the daily cost of running an electrical appliance."""
    return power_watts/1000*hours_per_day*price_per_kwh
