"""Agent-tool style: a flat module of small typed functions, Annotated descriptions, JSON-ish results."""

from typing import Annotated, Any, Literal, Optional

from pydantic import BaseModel, Field


class Attendee(BaseModel):
    """Somebody who is invited."""

    name: str = Field(description="Full name of the attendee")
    email: str = Field(description="Email address", pattern=r"^[^@\s]+@[^@\s]+$")
    optional: bool = Field(default=False, description="Whether they may stay away")


def get_weather(
    location: Annotated[str, "The city and state, e.g. San Francisco, CA"],
    unit: Literal["celsius", "fahrenheit"] = "celsius",
) -> dict[str, Any]:
    """Get the current weather in a given location."""
    return {"location": location, "temperature": 21 if unit == "celsius" else 70, "unit": unit}


def multiply(a: Annotated[int, Field(description="first int")], b: int) -> int:
    """Multiply two integers together."""
    return a * b


def create_event(
    title: str,
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Day, YYYY-MM-DD")],
    attendees: list[Attendee],
    duration_minutes: Annotated[int, Field(ge=5, le=480)] = 30,
    location: Optional[str] = None,
) -> str:
    """Create a calendar event and invite people to it.

    The organiser is always invited. Use this when the user asks to schedule a meeting.

    Args:
        title: What the event is called.
        attendees: People to invite.
        duration_minutes: Length in minutes.
        location: Where it takes place, if anywhere.
    """
    names = ", ".join(person.name for person in attendees)
    return f"{title} on {date} for {duration_minutes} min with {names}"


def search_products(
    query: str,
    category: Optional[Literal["books", "music", "games"]] = None,
    max_price: Optional[float] = None,
    in_stock: bool = True,
    sort_by: Literal["price", "rating", "newest"] = "rating",
    limit: Annotated[int, Field(gt=0, le=50)] = 10,
) -> list[dict[str, Any]]:
    """Searches the product catalogue and returns matching items.

    Args:
        query: Search terms.
        category: Restrict to one category.
        max_price: Highest acceptable price in dollars.
        in_stock: Only return items that can be shipped now.
        sort_by: Order of the results.
        limit: Maximum number of results to return.
    """
    return [{"query": query, "category": category, "sort": sort_by}][:limit]


def send_email(to: list[str], subject: str, body: str, cc: list[str] | None = None) -> bool:
    """
    Send an email to one or more recipients.

    :param to: addresses of the recipients
    :param subject: the subject line
    :param body: plain text of the message
    :param cc: further addresses that get a copy
    """
    return bool(to)
