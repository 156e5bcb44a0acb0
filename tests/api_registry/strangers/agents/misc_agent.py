"""Mixed bag, many styles."""
import enum, uuid
from typing import *
from datetime import *

class Level(enum.Enum):
    EASY = 1
    MEDIUM = 2
    HARD = 3

def create_issue(repo: str, title: str, body: str = "", labels: List[str] = [], assignee: Optional[str] = None) -> int:
    """Creates an issue in a GitHub repository."""
    return 1

def merge_pull_request(repo: str, number: int, method: Literal["merge", "squash", "rebase"] = "merge") -> bool:
    """Merges a pull request."""
    return True

def run_query(sql: str, database: str = "analytics", timeout_s: int = 30) -> list:
    """Runs a SQL query against a database and returns the rows."""
    return []

def resize_image(path: str, width: int, height: int, keep_aspect_ratio: bool = True) -> str:
    """Resize an image to the given dimensions."""
    return path

def generate_password(length: int = 16, symbols: bool = True, digits: bool = True) -> str:
    """Generate a random password."""
    return "x"*length

def roll_dice(sides: int = 6, count: int = 1) -> list[int]:
    """Roll one or more dice."""
    return [1]*count

def new_quiz(topic: str, difficulty: Level, n_questions: int = 5) -> dict:
    """Make a quiz about a topic."""
    return {}

def find_nearby(lat: float, lon: float, category: Literal["cafe", "pharmacy", "atm"], radius_m: int = 500) -> list:
    """Find places of a category near a location."""
    return []

def subscribe(email: str, plan: Literal["free", "pro", "team"] = "free", coupon: str | None = None) -> dict:
    """Subscribe a user to a plan."""
    return {}

def countdown(to: date, today: date) -> int:
    """Days left until a date."""
    return (to - today).days

def recipe_search(ingredients: list[str], diet: Optional[Literal["vegan", "vegetarian", "keto"]] = None, max_minutes: Optional[int] = None) -> list:
    """Find recipes that use the given ingredients."""
    return []

def scale_recipe(ingredients: dict[str, float], from_servings: int, to_servings: int) -> dict[str, float]:
    """Scale the ingredients of a recipe to a different number of servings."""
    return {k: v*to_servings/from_servings for k, v in ingredients.items()}

def mark_attendance(student_id: int, present: bool, lesson_date: date) -> None:
    """Mark whether a student attended a lesson."""

def grade_to_gpa(grades: dict[str, str]) -> float:
    """Convert letter grades to a GPA."""
    return 3.0

def moon_phase(on: date) -> str:
    """Phase of the moon."""
    return "full"

def distance(city_a: str, city_b: str, unit: Literal["km", "mi"] = "km") -> float:
    """Distance between two cities."""
    return 1.0

def compare_versions(v1: str, v2: str) -> int:
    """Compares two version strings. Returns -1, 0 or 1."""
    return 0

def remove_background(image_url: str, output_format: Literal["png", "webp"] = "png") -> str:
    """Remove the background from an image."""
    return image_url

def get_exchange_rate(base: str, quote: str) -> float:
    """Gets the exchange rate between two currencies.

    Args:
        base: ISO code of the base currency, e.g. "USD".
        quote: ISO code of the quote currency.
    """
    return 1.0

def add_to_cart(user_id: str, sku: str, qty: int = 1) -> dict:
    """Add an item to a user's shopping cart."""
    return {}

def tip(bill: float, pct: float = 15.0) -> float:
    """tip amount for a bill"""
    return bill*pct/100

def water_plants(zones: Set[int], minutes: int, skip_if_rain: bool = True) -> str:
    """Water the garden."""
    return "ok"

def encode(data: str, encoding: Literal["base64", "hex", "rot13"] = "base64") -> str:
    """Encode a string."""
    return data

def rgb_to_hex(red: int, green: int, blue: int) -> str:
    """Convert RGB values to a hex color code."""
    return f"#{red:02x}{green:02x}{blue:02x}"

def sunrise(latitude: float, longitude: float, day: date) -> time:
    """Calculate the time of sunrise at a location on a given day."""
    return time(6)

def remind_me(what: str, in_minutes: int) -> str:
    """Reminds the user about something after a delay."""
    return what

def add_expense(amount: float, category: str, note: str = "", paid_by: str = "me") -> dict:
    """Record an expense."""
    return {}
