"""Tools for a personal assistant (LLM-agent style)."""
from datetime import date, datetime, time, timedelta
from typing import Literal, Optional, List, Dict, Annotated

def get_current_weather(location: str, unit: Literal["celsius", "fahrenheit"] = "celsius") -> dict:
    """Get the current weather in a given location"""
    return {"location": location, "temp": 20, "unit": unit}

def set_alarm(at: time, label: str = "Alarm", repeat: Optional[List[Literal["mon","tue","wed","thu","fri","sat","sun"]]] = None) -> str:
    """Sets an alarm for the user.

    Args:
        at: The time of day when the alarm should go off.
        label: A short label for the alarm.
        repeat: Days of the week on which to repeat the alarm.
    """
    return f"{label} {at}"

def book_table(restaurant_name: str, party_size: int, date: date, time: time, special_requests: Optional[str] = None) -> dict:
    """Book a table at a restaurant."""
    return {"restaurant": restaurant_name, "n": party_size}

def book_flight(origin: str, destination: str, departure_date: date, return_date: Optional[date] = None,
                passengers: int = 1, cabin_class: Literal["economy", "premium_economy", "business", "first"] = "economy") -> dict:
    """Search for flights between two cities and book the cheapest one.

    Args:
        origin: City or airport code of departure.
        destination: City or airport code of arrival.
        departure_date: Date of departure.
        return_date: Date of return, for round trips.
        passengers: Number of passengers.
        cabin_class: Cabin class to book.
    """
    return {"o": origin, "d": destination}

def send_message(to: str, body: str, send_at: Optional[datetime] = None) -> bool:
    """Sends a text message to a contact."""
    return True

def play_music(song: Optional[str] = None, artist: Optional[str] = None, playlist: Optional[str] = None, shuffle: bool = False) -> str:
    """Play a song, an artist or a playlist."""
    return "ok"

def create_reminder(text: str, due: datetime, priority: int = 0) -> dict:
    """Create a reminder.

    text: what to be reminded of
    due: when
    """
    return {"text": text, "due": due.isoformat()}

def translate(text: str, target_language: str, source_language: str = "auto") -> str:
    """Translate text into another language."""
    return text

def search_web(query: str, num_results: int = 10, safe_search: bool = True) -> list[str]:
    """Search the web and return the top results."""
    return [query]*num_results

def turn_on_light(room: str, brightness: Annotated[int, "Brightness in percent"] = 100, color: str = "#ffffff") -> None:
    """Turn on the light in a room."""

def set_thermostat(temperature: float, room: str = "living room", mode: Literal["heat", "cool", "auto"] = "auto") -> str:
    """Set the thermostat to a target temperature."""
    return f"{room} {temperature} {mode}"

def start_timer(duration: timedelta, name: str = "") -> str:
    """Start a countdown timer."""
    return str(duration)

def get_directions(start: str, end: str, mode: Literal["driving", "walking", "transit", "cycling"] = "driving", avoid: list[str] = []) -> dict:
    """Get directions from one place to another."""
    return {"start": start, "end": end}

def get_stock_price(symbol: str, exchange: str = "NASDAQ") -> float:
    """Retrieve the latest stock price for a ticker symbol."""
    return 1.0

def add_calendar_event(title: str, start: datetime, end: datetime, attendees: list[str] | None = None, location: str | None = None) -> dict:
    """Add an event to the user's calendar."""
    if end <= start: raise ValueError("end before start")
    return {"title": title}

def calculate_tip(bill_amount: float, tip_percentage: float = 15, split_between: int = 1) -> float:
    """Calculates the tip for a restaurant bill, optionally split between several people."""
    return bill_amount*tip_percentage/100/split_between

def define_word(word: str, language: str = "en") -> str:
    """Gives the dictionary definition of a word."""
    return word

def time_in(timezone: str) -> str:
    """Tells what time it is in a timezone."""
    return timezone

def order_pizza(size: Literal["S", "M", "L"], toppings: List[str], address: str, quantity: int = 1) -> Dict[str, object]:
    """Order a pizza for delivery."""
    return {}

def log_workout(activity: str, duration_minutes: int, calories: Optional[int] = None, date: Optional[date] = None) -> dict:
    """Log a workout session."""
    return {}
