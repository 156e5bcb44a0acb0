"""Strict JSON out of untrusted text: no duplicate keys, no NaN, bounded, linear time."""

import json
import math
from typing import Any

MAX_CHARS = 1_000_000
MAX_DEPTH = 100
_MAX_DIGITS = 4300


class BadJson(ValueError):
    """Text that is not strict JSON; the message says where and why."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position
        """Character at which decoding gave up, as far as it is known."""


def loads(text: str, *, max_chars: int = MAX_CHARS) -> Any:
    """Decode text that is one JSON value and nothing else. Raises `BadJson`."""
    text = text.strip()
    check_bounds(text, max_chars)
    value, end = decode(text, 0)
    if end != len(text):
        raise BadJson(f"text after the JSON value at character {end}")
    return value


def check_bounds(text: str, max_chars: int = MAX_CHARS) -> None:
    """Raise `BadJson` for text that is too long or nests too deep to be decoded safely."""
    if len(text) > max_chars:
        raise BadJson(f"{len(text)} characters, at most {max_chars} are read")
    if _too_deep(text):
        raise BadJson(f"nested more than {MAX_DEPTH} levels deep")


def decode(text: str, start: int) -> tuple[Any, int]:
    """Decode the JSON value that begins at `start` of a bounded text; return it and its end."""
    try:
        return _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise BadJson(f"{error.msg} at character {error.pos}", error.pos) from None
    except RecursionError:
        raise BadJson(f"nested more than {MAX_DEPTH} levels deep") from None


def _too_deep(text: str) -> bool:
    """Whether brackets outside strings nest deeper than the bound; one pass, no recursion."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    inside = escaped = False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif character in "]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadJson(f"key `{key[:80]}` stands twice in one object")
            seen.add(key)
    return result


def _constant(name: str) -> Any:
    raise BadJson(f"{name} is not JSON")


def _int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise BadJson(f"an integer of {len(digits)} digits")
    return int(digits)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise BadJson(f"{text[:40]} is too large for a number")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_int, parse_float=_float
)
