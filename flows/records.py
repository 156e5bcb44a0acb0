"""A few records of a data set, as a person reads them: for the console and for artifacts."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from data.dataset import DatasetManifest

_SHOWN_STYLES = ("parallel_multiple", "irrelevant", "multiple", "parallel", "missing_argument")
_VALUE_WIDTH = 100


def sample_rows(folder: Path, manifest: DatasetManifest, count: int = 3) -> list[dict[str, Any]]:
    """Read one row each of the first few styles that the data set's first file holds."""
    name = next(iter(next(iter(manifest.splits.values()), {})), None)
    if name is None:
        return []
    chosen: dict[str, dict[str, Any]] = {}
    with pq.ParquetFile(folder / name) as file:
        for row in next(file.iter_batches(batch_size=500)).to_pylist():
            chosen.setdefault(row["style"], row)
    first = [chosen.pop(style) for style in _SHOWN_STYLES if style in chosen]
    return [*first, *chosen.values()][:count]


def record_text(row: dict[str, Any]) -> str:
    """Return the turns of a row, each call with what it returned, one per line."""
    values = {result["call"]: result.get("value") for result in json.loads(row["results"])}
    tools = ", ".join(tool["name"] for tool in json.loads(row["tools"]))
    lines = [f"{row['style']} · {row['category']}", f"  tools: {tools}"]
    for message in row["messages"]:
        if message["content"]:
            lines.append(f"  {message['role']}: {message['content']}")
        for call in message["tool_calls"] or ():
            function = call["function"]
            value = _short(json.dumps(values.get(call["id"]), ensure_ascii=False))
            lines.append(f"  call: {function['name']} {function['arguments']} → {value}")
    return "\n".join(lines)


def _short(text: str) -> str:
    return text if len(text) <= _VALUE_WIDTH else text[: _VALUE_WIDTH - 1] + "…"
