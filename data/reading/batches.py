"""What a file is cut into: batches of rows that any process can decode."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from api_registry.errors import UsageError
from data import strict_json
from data.formats.imported import BadRow
from data.strict_json import BadJson

MAX_ROW_BYTES = 16_000_000
"""A longer row is not read: it is reported and passed over."""
BATCH_ROWS = 200
BATCH_BYTES = 1_000_000
"""A batch ends with the row that reaches either, so memory is bounded by the longest rows."""


class UnreadableFile(UsageError):
    """A file that holds no rows that could be read."""


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of a file, undecoded."""

    first: int
    """Number of the first row, from 0."""
    rows: tuple[bytes | BadRow, ...] | pa.RecordBatch

    def __len__(self) -> int:
        """Count the rows."""
        return self.rows.num_rows if isinstance(self.rows, pa.RecordBatch) else len(self.rows)

    def decode(self) -> Iterator[dict[str, Any] | BadRow]:
        """Yield each row, or why it cannot be read."""
        if isinstance(self.rows, pa.RecordBatch):
            for row in self.rows.to_pylist(maps_as_pydicts="lossy"):
                yield _as_json(row)
            return
        for line in self.rows:
            yield line if isinstance(line, BadRow) else decode_row(line)


def decode_row(line: bytes) -> dict[str, Any] | BadRow:
    """Decode the JSON text of one row."""
    begun = line.lstrip()[:1] == b"{"
    try:
        value = strict_json.loads(line.decode("utf-8"), max_chars=MAX_ROW_BYTES)
    except UnicodeDecodeError as error:
        return BadRow("malformed_row", f"not UTF-8 at byte {error.start}", begun=begun)
    except BadJson as error:
        return BadRow("malformed_row", f"not strict JSON: {error}", begun=begun)
    if not isinstance(value, dict):
        kind = type(value).__name__
        return BadRow("malformed_row", f"expected an object, got a {kind}", begun=False)
    return value


def too_large(size: str) -> BadRow:
    """The row in place of one that is too long."""
    return BadRow("row_too_large", f"{size}; rows of up to {MAX_ROW_BYTES:,} bytes are read")


def _as_json(value: Any) -> Any:
    """Turn what Arrow holds into JSON values, less the nulls that it filled in.

    A struct has every key of its column, null where a row has none, so a null says nothing there.
    """
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_as_json(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    plain = value is None or isinstance(value, str | int)
    return value if plain or (isinstance(value, float) and math.isfinite(value)) else str(value)
