"""Text of unknown origin, made fit to be shown: visible control characters, and never too long."""

import json
import re
from typing import Any

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LABEL = 80
_LINE = 88
_DELETE = "\x7f"
_PICTURES = 0x2400
"""The block of Unicode that has a picture for each control character."""


def clean(text: str) -> str:
    """Replace what a page cannot hold: control characters by their pictures, lone surrogates."""
    return _UNSHOWABLE.sub(_shown, text)


def cut(text: str, limit: int) -> str:
    """Clean text, and where it is longer than `limit` characters say how much is left out."""
    if len(text) <= limit:
        return clean(text)
    return f"{clean(text[:limit])}… [cut: {limit:,} of {len(text):,} characters]"


def label(text: str) -> str:
    """A name, such as a style's or a reason's, cut where it is none."""
    return cut(text, _LABEL)


def pretty(value: str, limit: int) -> str:
    """Lay out JSON text for reading; text that is no JSON, or far too long, stays as it is."""
    if len(value) > 4 * limit:
        return cut(value, limit)
    try:
        return cut(laid_out(json.loads(value)), limit)
    except (ValueError, RecursionError):
        return cut(value, limit)


def laid_out(value: Any) -> str:
    """JSON on one line where it is short, indented where it is not."""
    try:
        line = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "[nested too deeply to be shown]"
    if len(line) <= _LINE:
        return line
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)
    except RecursionError:
        return line


def _shown(match: re.Match[str]) -> str:
    character = match.group()
    if character == _DELETE:
        return "\u2421"
    return chr(_PICTURES + ord(character)) if character < " " else "\ufffd"
