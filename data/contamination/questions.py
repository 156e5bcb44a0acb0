"""Questions out of benchmarks' own files: BFCL's, chat formats, rows with a query, plain text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api_registry.errors import UsageError
from data.formats.imported import BadRow
from data.reading.batches import decode_row

_FIELDS = ("query", "question", "prompt", "instruction", "input", "messages", "conversations")


def user_texts(row: dict[str, Any]) -> list[str]:
    """Return everything that a user asks in a row, in any field that questions stand in."""
    for field in _FIELDS:
        if texts := list(_texts(row.get(field))):
            return texts
    return []


def read_questions(path: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of the questions of a benchmark's file: JSON lines, or a text per line.

    Raises `UsageError` for a file that holds none.
    """
    found = False
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file):
                for text in _line_texts(path, number, line):
                    found = True
                    yield f"{path.stem}:{_name(line, number)}", text
    except OSError as error:
        raise UsageError(f"--against `{path}` cannot be read: {error.strerror}") from error
    if not found:
        raise UsageError(
            f"--against `{path}` holds no questions: expected JSON lines with one of "
            f"{', '.join(_FIELDS)}, or a .txt file with a question per line"
        )


def _line_texts(path: Path, number: int, line: bytes) -> list[str]:
    if not line.strip():
        return []
    if path.suffix == ".txt":
        return [line.decode("utf-8", "replace").strip()]
    row = decode_row(line)
    if isinstance(row, BadRow):
        raise UsageError(f"--against `{path}`, line {number + 1}: {row.detail}")
    return user_texts(row)


def _name(line: bytes, number: int) -> str:
    row = decode_row(line) if line.lstrip()[:1] == b"{" else None
    own = row.get("id") if isinstance(row, dict) else None
    return str(own) if isinstance(own, str | int) else f"line {number + 1}"


def _texts(value: Any) -> Iterator[str]:
    """Texts of a field: itself, or the user's turns of (lists of) messages."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                if item.get("role", item.get("from", "user")) in ("user", "human"):
                    yield from _texts(item.get("content", item.get("value", item.get("text"))))
            else:
                yield from _texts(item)
