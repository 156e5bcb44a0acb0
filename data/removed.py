"""The rows that passed every check and still are in no data set: `removed.parquet` of a run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.types import Model
from data.schema import ROW_SCHEMA
from data.selection import Removal

EXAMPLES = 5
"""Rows of each reason that the manifest shows."""
_QUERY = 300
_BATCH = 200
_PLACES = b"callforge.places"


class Example(Model):
    """One row that was left out, as the report shows it."""

    id: str
    query: str
    detail: str
    like: str = ""
    """Query of the earlier row that it repeats."""


class RemovedRows:
    """Writes the rows left out, and keeps a few to show; used while all rows stream past."""

    def __init__(self, path: Path, removals: Mapping[int, Removal]) -> None:
        self._path, self._removals = path, removals
        self._temporary = path.with_name(f".{path.name}.tmp")
        self._repeated = {removal.of for removal in removals.values() if removal.of is not None}
        self._originals: dict[int, tuple[str, str]] = {}
        """Place of a row that others repeat → its id and query."""
        self._rows: list[dict[str, Any]] = []
        self._examples: dict[str, dict[str, list[Example]]] = {}

    def __enter__(self) -> Self:
        places = json.dumps(list(self._removals)).encode()
        schema = ROW_SCHEMA.with_metadata({**ROW_SCHEMA.metadata, _PLACES: places})
        self._writer = pq.ParquetWriter(
            self._temporary, schema, compression="zstd", write_page_checksum=True
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None:
            self._flush()
        self._writer.close()
        if kind is None:
            self._temporary.replace(self._path)
        else:
            self._temporary.unlink(missing_ok=True)

    def needs(self, place: int) -> bool:
        """Whether a row is left out, or repeated by one that is: only those are to be seen."""
        return place in self._removals or place in self._repeated

    def see(self, place: int, row: dict[str, Any]) -> None:
        """Take note of a row that is needed."""
        if place in self._repeated:
            self._originals[place] = row["id"], row["query"][:_QUERY]
        if place not in self._removals:
            return
        removal = self._removals[place]
        detail, like = removal.detail, ""
        if removal.of is not None:
            like_id, like = self._originals[removal.of]
            detail = f"repeats {like_id}, {detail}"
        self._rows.append(
            {**row, "stage": removal.stage, "reason": removal.reason, "detail": detail}
        )
        shown = self._examples.setdefault(removal.stage, {}).setdefault(removal.reason, [])
        if len(shown) < EXAMPLES:
            query = row["query"][:_QUERY]
            shown.append(Example(id=row["id"], query=query, detail=detail, like=like))
        if len(self._rows) == _BATCH:
            self._flush()

    def examples(self) -> dict[str, dict[str, tuple[Example, ...]]]:
        """Stage → reason → the first few rows, in the order of drafts."""
        return {
            stage: {reason: tuple(rows) for reason, rows in sorted(reasons.items())}
            for stage, reasons in sorted(self._examples.items())
        }

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=ROW_SCHEMA))
        self._rows = []


def read_removals(path: Path) -> dict[int, tuple[str, str, str]]:
    """Return place among the kept rows of all shards → stage, reason and detail."""
    try:
        table = pq.read_table(path, columns=["stage", "reason", "detail"])
    except (OSError, pa.ArrowException):
        return {}
    places = json.loads((pq.read_schema(path).metadata or {}).get(_PLACES, b"[]"))
    rows = table.to_pylist()
    return {
        place: (row["stage"], row["reason"], row["detail"])
        for place, row in zip(places, rows, strict=False)
    }
