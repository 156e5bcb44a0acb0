"""Other people's data sets and ours: a module per format.

An import format has `KEYS` (the fields it is known by), `OPTIONAL` ones, and `read(row)`; an export
format has `write(row)`, which takes a stored row.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from data.formats import openai_chat, raw, sharegpt, trl, xlam
from data.formats.imported import Imported

READERS: dict[str, Callable[[dict[str, Any]], Imported]] = {
    "openai": openai_chat.read,
    "raw": raw.read,
    "xlam": xlam.read,
}
WRITERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "openai": openai_chat.write,
    "sharegpt": sharegpt.write,
    "trl": trl.write,
    "xlam": xlam.write,
    "xlam-schema": xlam.write_with_schema,
}
"""The one table that lists the export formats."""

KEYS: dict[str, frozenset[str]] = {
    "openai": openai_chat.KEYS,
    "raw": raw.KEYS,
    "xlam": xlam.KEYS,
}
"""Format → the fields that its rows have; `id` may stand beside them in all."""

COLUMNS: frozenset[str] = frozenset({"id"}).union(
    *KEYS.values(), openai_chat.OPTIONAL, raw.OPTIONAL, xlam.OPTIONAL
)
"""All fields that any format reads: others need not be loaded."""


def detect(fields: Collection[str]) -> str | None:
    """Return the format that fields belong to, the first in the order of `KEYS`."""
    return next((name for name, keys in KEYS.items() if keys <= set(fields)), None)
