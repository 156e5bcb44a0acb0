"""What a docstring says of a function: its purpose, its parameters, and their types by name.

Google, NumPy and reST style are read by `docstring_parser`. Types count only where a function has
no hints, and only where they are plain: a guess would promise what the function does not take.
"""

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import GenericAlias
from typing import Any, Literal, Union
from uuid import UUID

from docstring_parser import ParseError, parse

_SIMPLE: dict[str, Any] = {
    "str": str,
    "string": str,
    "int": int,
    "integer": int,
    "float": float,
    "number": float,
    "bool": bool,
    "boolean": bool,
    "list": list[Any],
    "array": list[Any],
    "tuple": list[Any],
    "sequence": list[Any],
    "iterable": list[Any],
    "set": set[Any],
    "array_like": list[float],
    "array-like": list[float],
    "dict": dict[str, Any],
    "dictionary": dict[str, Any],
    "mapping": dict[str, Any],
    "object": Any,
    "any": Any,
    "date": date,
    "datetime": datetime,
    "time": time,
    "timedelta": timedelta,
    "decimal": Decimal,
    "uuid": UUID,
    "path": Path,
    "path-like": Path,
    "bytes": bytes,
    "text": str,
    "none": None,
    "nonetype": None,
}
_SIGNATURE = re.compile(
    r"\A\w+\(.*\)(?:\s*->\s*(?:[\w\[\], |]+(?=\n)|(?=[a-zA-Z]+ )))?[ .:]*(?:\n+|(?=[A-Za-z]+ ))"
)
"""How docstrings of C functions begin: `round(number, ndigits=None) -> number`."""
_ROLE = re.compile(r":[\w:]+:(?=`)")
_ASIDE = re.compile(
    r",\s*(?:optional|required|default\b.*|defaults\b.*|keyword.only)\s*|\s*\((?:optional|required)\)",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(
    r"(?:an? |(?:non-?)?(?:negative|zero|empty) |positive |scalar |datetime\.|typing\.|uuid\."
    r"|decimal\.|pathlib\.)+",
    re.IGNORECASE,
)
"""Words and modules before a type's name that do not change what it is."""
_CHOICES = re.compile(r"\{(.+)\}|(?:typing\.)?Literal\[(.+)\]|one of[:\s]+(.+)", re.IGNORECASE)
_OPTIONAL = re.compile(r"optional\[(.+)\]", re.IGNORECASE)
_UNION = re.compile(r"union\[(.+)\]", re.IGNORECASE)
_ITEMS = re.compile(
    r"(?P<kind>list|sequence|iterable|collection|set|frozenset|tuple|array|array[_-]like)"
    r"(?:[\[(<](?P<inner>.+?)(?:,\s*\.\.\.)?[\])>]|\s+of\s+(?P<plural>.+))",
    re.IGNORECASE,
)
_DICT = re.compile(r"(?:dict|mapping)\[\s*str\s*,(.+)\]", re.IGNORECASE)
_ALTERNATIVES = re.compile(r"\s*\|\s*|,?\s+or\s+")
_OF_THE_KIND = {"set": set, "frozenset": frozenset}


class UnknownType(Exception):
    """A documented type that is not one of the simple ones."""


@dataclass(frozen=True)
class Documented:
    """A parameter as the docstring describes it."""

    description: str | None
    type_name: str | None


@dataclass(frozen=True)
class Documentation:
    """A function as its docstring describes it."""

    description: str
    """First paragraph on one line; empty where there is none."""
    parameters: Mapping[str, Documented]


def read_documentation(function: Callable[..., Any]) -> Documentation:
    """Read a function's docstring; one that breaks its style's rules still has a description."""
    text = inspect.getdoc(_worded(function)) or ""
    text = _SIGNATURE.sub("", text, count=1)
    try:
        parsed = parse(text)
    except ParseError:
        return Documentation(_one_line(text.split("\n\n")[0]), {})
    description = parsed.short_description or ""
    if parsed.long_description and not parsed.blank_after_short_description:
        # The first paragraph goes on where `docstring_parser` cuts after the first line.
        description += " " + parsed.long_description.split("\n\n")[0]
    parameters = {}
    for item in parsed.params:
        documented = Documented(_one_line(item.description or "") or None, item.type_name)
        # NumPy style describes several at once: `width, height : float`.
        for name in item.arg_name.split(","):
            parameters[name.strip().lstrip("*")] = documented
    return Documentation(_one_line(description), parameters)


def _worded(thing: Any) -> Any:
    """What holds the docstring: a `partial` has that of its class, and so has a callable object."""
    while isinstance(thing, partial):
        thing = thing.func
    call = vars(type(thing)).get("__call__")
    if inspect.isfunction(call) and call.__doc__ and not hasattr(thing, "__wrapped__"):
        return call
    return thing


def documented_type(text: str) -> Any:
    """Return the type that words such as `list of int, optional` name; `None` stands for null.

    Raises `UnknownType` for anything but the simple types, their lists and their alternatives.
    """
    name = _ASIDE.sub("", _ROLE.sub("", text).replace("`", "")).strip().rstrip(".")
    name = name[1:-1] if name[:1] == "(" and name[-1:] == ")" else name
    name = _QUALIFIED.sub("", name) if _QUALIFIED.match(name) else name
    if choices := _CHOICES.fullmatch(name):
        return _choices(choices[1] or choices[2] or choices[3])
    if optional := _OPTIONAL.fullmatch(name):
        return Union[documented_type(optional[1]), None]  # noqa: UP007
    if union := _UNION.fullmatch(name):
        return Union[tuple(map(documented_type, union[1].split(",")))]  # noqa: UP007
    if items := _ITEMS.fullmatch(name):
        inner = items["inner"] or _singular(items["plural"])
        holder = _OF_THE_KIND.get(items["kind"].lower(), list)
        return GenericAlias(holder, (documented_type(inner),))
    if values := _DICT.fullmatch(name):
        return GenericAlias(dict, (str, documented_type(values[1])))
    alternatives = _ALTERNATIVES.split(name)
    if len(alternatives) > 1:
        return Union[tuple(map(documented_type, alternatives))]  # noqa: UP007
    try:
        return _SIMPLE[name.lower()]
    except KeyError:
        raise UnknownType(name) from None


def _choices(text: str) -> Any:
    values = []
    for part in re.split(r",|\bor\b", text):
        try:
            values.append(ast.literal_eval(part.strip()))
        except (ValueError, SyntaxError):
            raise UnknownType(text) from None  # names: what kind of value is meant is a guess
    return Literal[tuple(values)]


def _singular(words: str) -> str:
    words = words.strip()
    return words.rstrip("s") if words.lower().rstrip("s") in _SIMPLE else words


def _one_line(text: str) -> str:
    return " ".join(text.split())
