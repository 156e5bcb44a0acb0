"""Strict JSON out of untrusted text: no duplicate keys, no NaN, bounded, linear time."""

import json
import math
import re
from typing import Any

MAX_CHARS = 1_000_000
MAX_DEPTH = 100
_MAX_DIGITS = 4300


class BadJson(ValueError):
    """Text that is not strict JSON; the message says where and why."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position
        """Character up to which the text was read; None where that is not known."""


class TooDeep(BadJson):
    """A value that nests too deep, as hostile text does."""

    def __init__(self) -> None:
        super().__init__(f"nested more than {MAX_DEPTH} levels deep")


def loads(text: str, *, max_chars: int = MAX_CHARS) -> Any:
    """Decode text that is one JSON value and nothing else. Raises `BadJson`."""
    text = text.strip()
    if len(text) > max_chars:
        raise BadJson(f"{len(text)} characters, at most {max_chars} are read")
    value, end = decode(text, 0)
    if end != len(text):
        raise BadJson(f"text after the JSON value at character {end}")
    return value


def decode(text: str, start: int, *, inside: int = 0) -> tuple[Any, int]:
    """Decode the JSON value that begins at `start`; return it and where it ends.

    `inside` so many lists and objects the value stands itself, which count for the depth.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        # An unterminated string is reported where it begins, and was read to the end of the text.
        read_to = len(text) if error.msg.startswith("Unterminated") else error.pos
        raise BadJson(
            f"{error.msg.removesuffix(' at')} at character {error.pos}", read_to
        ) from None
    except RecursionError:
        raise TooDeep from None
    opened = text.count("[", start, end) + text.count("{", start, end) + inside
    if opened > MAX_DEPTH and _too_deep(value, inside):
        raise TooDeep
    if _SURROGATE_ESCAPE.search(text, start, end) and not _is_unicode(value):
        raise BadJson("a lone surrogate", end)
    return value, end


_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep(value: Any, inside: int) -> bool:
    """Whether lists and objects nest deeper than the bound; no recursion."""
    level = [value]
    for _ in range(MAX_DEPTH + 1 - inside):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


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
