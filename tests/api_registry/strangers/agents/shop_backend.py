"""Backend helpers for a small web shop."""
from __future__ import annotations
import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, IntEnum, Flag, auto
from typing import Annotated, Literal, NamedTuple, NewType, Optional, Union, TypedDict, Any

from pydantic import BaseModel, Field

CustomerId = NewType("CustomerId", int)
Sku = Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{4}$", description="Stock keeping unit")]

class Priority(IntEnum):
    LOW = 1
    NORMAL = 2
    HIGH = 3

class Channel(str, Enum):
    email = "email"
    sms = "sms"
    push = "push"

class Perm(Flag):
    READ = auto()
    WRITE = auto()

class Money(NamedTuple):
    amount: float
    currency: str = "EUR"

@dataclass(frozen=True)
class Address:
    street: str
    city: str
    zip_code: str
    country_code: str = "DE"

class LineItem(BaseModel):
    sku: Sku
    quantity: int = Field(1, ge=1, le=99)

def create_customer(email: str, first_name: str, last_name: str, phone: Optional[str] = None,
                    birth_date: dt.date | None = None, newsletter: bool = False) -> dict[str, Any]:
    """Create a new customer account.

    Args:
        email: E-mail address of the customer.
        first_name: Given name.
        last_name: Family name.
        phone: Phone number in international format.
        birth_date: Date of birth.
        newsletter: Whether to subscribe the customer to the newsletter.
    """
    return dict(email=email, name=f"{first_name} {last_name}", phone=phone, newsletter=newsletter)

def apply_discount(price: Decimal, percent: Annotated[float, Field(ge=0, le=100)]) -> Decimal:
    """Apply a percentage discount to a price."""
    return (price * (100 - Decimal(str(percent))) / 100).quantize(Decimal("0.01"))

def estimate_delivery(zip_code: str, country_code: str = "DE", express: bool = False) -> str:
    """Estimate the delivery date for a shipment to the given postal code."""
    return f"{zip_code}-{country_code}: {1 if express else 3} days"

def place_order(customer_id: CustomerId, items: list[LineItem], ship_to: Address,
                priority: Priority = Priority.NORMAL, note: str | None = None) -> dict:
    """Place an order for a customer."""
    return {"customer": customer_id, "n": sum(i.quantity for i in items), "city": ship_to.city, "prio": priority.name}

def notify(customer_id: CustomerId, message: str, channels: set[Channel] = {Channel.email}) -> int:
    """Send a notification to a customer over one or more channels."""
    return len(channels)

def refund(order_id: str, amount: Optional[float] = None, reason: Literal["damaged", "late", "wrong_item", "other"] = "other") -> dict:
    """Issue a refund for an order.

    If no amount is given, the full order value is refunded.
    """
    return {"order": order_id, "amount": amount, "reason": reason}

def convert_currency(amount: float, from_currency: str, to_currency: str, on: dt.date | None = None) -> float:
    """Convert an amount of money from one currency to another."""
    return round(amount * (1 + (len(from_currency) - len(to_currency))) , 2)

def list_orders(start_date: dt.date, end_date: dt.date, status: Literal["open", "shipped", "cancelled"] | None = None,
                limit: int = 20, offset: int = 0) -> list[dict]:
    """Return all orders placed between two dates."""
    if end_date < start_date: raise ValueError("end before start")
    return [{"from": start_date.isoformat(), "to": end_date.isoformat(), "status": status}]

def grant(user: str, perms: Perm) -> int:
    """Grant permissions to a user."""
    return perms.value

def total(items: list[Money], vat_rate: float = 0.19) -> float:
    """Sum up the prices of items including VAT."""
    return round(sum(m.amount for m in items) * (1 + vat_rate), 2)

def on_paid(callback: "Callable[[str], None]") -> None:
    """Register a callback that runs after each payment."""

def validate_iban(iban: str) -> bool:
    """Validate an International Bank Account Number (IBAN)."""
    s = iban.replace(" ", "")
    s = s[4:] + s[:4]
    return int("".join(str(int(c, 36)) for c in s)) % 97 == 1

def track_parcel(tracking_number: str, carrier: Literal["dhl", "ups", "fedex"] = "dhl") -> dict[str, str]:
    """Look up where a parcel currently is."""
    return {"parcel": tracking_number, "carrier": carrier, "state": "in transit"}
