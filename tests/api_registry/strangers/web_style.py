"""Web-framework style: endpoints called as plain functions, Query and Path as defaults."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Optional
from uuid import UUID

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field


class Status(str, Enum):
    open = "open"
    in_progress = "in-progress"
    done = "done"


class Priority(IntEnum):
    low = 1
    normal = 2
    urgent = 3


class Money(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: Decimal = Field(gt=0, decimal_places=2)
    currency: str = Field(min_length=3, max_length=3)


class OrderIn(BaseModel):
    from_: str = Field(alias="from", description="Warehouse it ships from")
    lines: dict[str, int] = Field(description="Article number to quantity")
    total: Money
    note: Optional[str] = None


def get_session() -> str:
    return "session"


async def list_tickets(
    status: Annotated[Status | None, Query(description="Only tickets in this state")] = None,
    page: int = Query(1, ge=1, description="Page number, starting at one"),
    per_page: int = Query(default=20, ge=1, le=100),
    q: str | None = Query(None, max_length=50),
) -> list[str]:
    """List support tickets."""
    return [f"{status.value if status else 'any'}:{page}:{per_page}:{q}"]


async def read_ticket(ticket_id: UUID = Path(..., description="The ticket's id")) -> str:
    """Fetch a single ticket by its id."""
    return str(ticket_id)


async def place_order(order: OrderIn, priority: Priority = Priority.normal) -> dict[str, str]:
    """Place an order."""
    return {"from": order.from_, "total": str(order.total.amount), "priority": priority.name}


async def bookings_between(since: date, until: datetime | None = None) -> int:
    """Count bookings between two moments."""
    return since.year + (until.hour if until else 0)


async def needs_session(item: int, session: str = Depends(get_session)) -> str:
    """Read an item through the session."""
    return f"{item}:{session}"
