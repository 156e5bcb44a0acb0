"""Text and data utilities (pandas-ish)."""
from typing import Any, Union, Optional, TypeAlias, TypeVar, Generic, Literal
from dataclasses import dataclass
from collections import Counter
import datetime
import json

Scalar: TypeAlias = Union[str, int, float, bool, None]
Row = dict[str, Scalar]
T = TypeVar("T")

@dataclass
class Node:
    name: str
    children: list["Node"]

def tree_depth(root: Node) -> int:
    """Depth of a tree."""
    return 1 + max([tree_depth(c) for c in root.children], default=0)

def groupby_sum(rows: list[Row], key: str, value: str) -> dict[str, float]:
    """Group rows by a column and sum another column.

    Parameters
    ----------
    rows : list of dict
        Table as a list of records.
    key : str
        Column to group by.
    value : str
        Column to sum.
    """
    out = {}
    for r in rows: out[str(r.get(key))] = out.get(str(r.get(key)), 0) + float(r.get(value) or 0)
    return out

def fillna(values: list[Optional[float]], value: Optional[float] = None, method: Optional[Literal["ffill", "bfill"]] = None) -> list[Optional[float]]:
    """Fill missing values in a list.

    Parameters
    ----------
    values : list of float or None
        Values in which ``None`` marks a missing one.
    value : float, optional
        Value to use to fill holes.
    method : {'ffill', 'bfill'}, optional
        Method to use for filling holes.
    """
    return [value if v is None else v for v in values]

def truncate(s: str, length: int = 255, killwords: bool = False, end: str = "...") -> str:
    """Return a truncated copy of the string."""
    return s[:length] + end

def slugify(value: str, allow_unicode: bool = False) -> str:
    """
    Convert to ASCII if 'allow_unicode' is False. Convert spaces or repeated
    dashes to single dashes.
    """
    return value.lower().replace(" ", "-")

def naturaltime(value: datetime.datetime, future: bool = False, months: bool = True, minimum_unit: str = "seconds") -> str:
    """Return a natural representation of a time in a resolution that makes sense."""
    return str(value)

def word_count(text: str, min_length: int = 1, stopwords: list[str] | None = None) -> dict[str, int]:
    """Counts how often each word occurs in a text."""
    return dict(Counter(w for w in text.split() if len(w) >= min_length))

def replace_all(text: str, replacements: dict[str, str]) -> str:
    """Replaces every key of a mapping found in the text by its value."""
    for k, v in replacements.items(): text = text.replace(k, v)
    return text

def parse_date(s: str, fmt: str = "%Y-%m-%d") -> str:
    """Parse a date string with the given format."""
    return datetime.datetime.strptime(s, fmt).date().isoformat()

def pivot(records: list[dict[str, Any]], index: str, columns: str, values: str) -> dict:
    """Reshape records into a pivot table."""
    return {}

def levenshtein(a: str, b: str) -> int:
    """Levenshtein distance between two strings"""
    return abs(len(a) - len(b))

def caesar(text: str, shift: int = 3) -> str:
    """Encrypts text with a Caesar cipher."""
    return text

def to_roman(number: int) -> str:
    """Convert an integer between 1 and 3999 to a Roman numeral."""
    return "X" * (number // 10)

def age(birthday: datetime.date, on: Optional[datetime.date] = None) -> int:
    """How old a person is."""
    return (on or datetime.date(2026, 1, 1)).year - birthday.year

def merge(a: dict, b: dict, *, deep: bool = True) -> dict:
    """Merge two dictionaries."""
    return {**a, **b}

def extract_json(s: str) -> Any:
    """Extracts the first JSON object from a string."""
    return json.loads(s)

def wrong_hint(count: str) -> str:
    """Repeat a star a number of times.

    Args:
        count (int): how many stars
    """
    return "*" * count

def add(*numbers: float) -> float:
    """Add numbers together."""
    return sum(numbers)

def format_phone(number: str, country: str = "US") -> str:
    """Formats a phone number for display."""
    return number
