"""Preference pairs of a source: made of a run's rows, or read from a file of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api_registry.errors import UsageError
from data.export import PREFERENCE, export_rows
from data.formats.imported import BadRow
from data.reading.files import ANY, open_rows
from flows.training.sources import Found, Part, Unreadable

_KEYS = ("prompt", "chosen", "rejected")


def pair_rows(source: Found, part: Part, work: Path) -> Iterator[dict[str, Any] | Unreadable]:
    """Yield pairs of TRL's form: messages `prompt`, `chosen`, `rejected`, and `tools`.

    Those of a run are what `callforge export --format trl-preference` writes of the split.
    `work` is a folder for the time being. Raises `UsageError` for a source without pairs.
    """
    if source.run is None or source.manifest is None:
        for path in source.parts.get(part, ()):
            yield from _read(path)
        return
    file = work / f"{source.record.digest[:16]}-{part}.jsonl"
    if part not in source.manifest.splits:
        return
    export_rows(
        source.run / "dataset", source.manifest, row_format=PREFERENCE, splits=[part], out=file
    )
    yield from _read(file)
    file.unlink()


def _read(path: Path) -> Iterator[dict[str, Any] | Unreadable]:
    if not path.stat().st_size:
        return
    with open_rows(path, ANY) as rows:
        for batch in rows.batches:
            for row in batch.decode():
                yield _pair(row, path)


def _pair(row: dict[str, Any] | BadRow, path: Path) -> dict[str, Any] | Unreadable:
    if isinstance(row, BadRow):
        return Unreadable(row.reason, row.detail)
    if any(key not in row for key in _KEYS):
        raise UsageError(
            f"`{path}` has rows with the fields {', '.join(row)}: dpo needs pairs, with prompt, "
            "chosen, rejected and tools; `callforge export --format trl-preference` writes them"
        )
    decoded = {key: _decoded(row[key]) for key in _KEYS}
    return {**decoded, "tools": _decoded(row.get("tools"))}


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
