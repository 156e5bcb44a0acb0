"""How records are shown to a model: as data that cannot end where it stands, nor give orders.

The record is JSON in which no text can write a tag, nor a control token of a chat template. The tag
around it carries the hash of that JSON, so a text cannot name the tag of the record it is part of,
and the same record gives the same prompt.
"""

import re

from data.identity import digest, one_line

_MARK = 16
"""Hex digits of the hash in a tag."""
# `[INST]`, `[/INST]`, `[TOOL_CALLS]`: JSON itself never has a bracket before a capital.
_BRACKETED = re.compile(r"\[(?=/?[A-Z_]{2,40}\])")
RECORD = re.compile(rf"<(?P<mark>(?P<tag>[a-z]+)-[0-9a-f]{{{_MARK}}})>\n(?P<json>.*)\n</(?P=mark)>")
"""A delimited record in a prompt."""


def delimited(tag: str, json: str) -> str:
    """A JSON text between tags, on a line of its own."""
    text = escaped(json)
    mark = f"{tag}-{digest(text)[:_MARK]}"
    return f"<{mark}>\n{text}\n</{mark}>"


def escaped(text: str) -> str:
    """The same JSON without anything that reads as a tag or a control token."""
    plain = one_line(text).replace("<", "\\u003c").replace(">", "\\u003e")
    return _BRACKETED.sub(r"\\u005b", plain)
