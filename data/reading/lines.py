"""Rows of JSON text: one per line, or the elements of one array as the Hub's JSON files have it."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from data.formats.imported import BadRow
from data.reading.batches import BATCH_BYTES, BATCH_ROWS, MAX_ROW_BYTES, Batch, too_large

_CHUNK = 1 << 20
_SPACE = " \t\r\n"


def read_json(file: BinaryIO) -> Iterator[Batch]:
    """Cut the rest of a file into batches."""
    start = _skip_space(file)
    return _batches(_elements(file) if start == b"[" else _lines(file, start))


def _skip_space(file: BinaryIO) -> bytes:
    """Pass over a byte order mark and white space; return the first byte that is neither."""
    byte = file.read(1)
    if byte == b"\xef":
        file.read(2)
        byte = file.read(1)
    while byte and byte in b" \t\r\n":
        byte = file.read(1)
    return byte


def _lines(file: BinaryIO, start: bytes) -> Iterator[bytes | BadRow]:
    """Yield lines that are not blank; one that is too long is passed over in pieces."""
    while line := start + file.readline(MAX_ROW_BYTES):
        start = b""
        if len(line) >= MAX_ROW_BYTES and not line.endswith(b"\n"):
            size = len(line)
            while piece := file.readline(_CHUNK):
                size += len(piece)
                if piece.endswith(b"\n"):
                    break
            yield too_large(f"{size:,} bytes")
        elif line.strip():
            yield line


def _elements(file: BinaryIO) -> Iterator[bytes | BadRow]:
    """Yield the elements of an array whose opening bracket has been read."""
    decoder = json.JSONDecoder()
    text, position, ended = "", 0, False
    rest = b""
    while True:
        position = _past(text, position, _SPACE + ",")
        if text[position : position + 1] == "]":
            break
        try:
            if position >= len(text):
                raise ValueError
            _, end = decoder.raw_decode(text, position)
            if end >= len(text) and not ended:
                raise ValueError  # a number may go on in the next piece
        except (ValueError, RecursionError) as error:
            if ended or len(text) - position > MAX_ROW_BYTES:
                if text[position:]:
                    yield _broken(error, len(text) - position)
                return
            piece = file.read(max(_CHUNK, len(text) - position))
            ended = not piece
            decoded, rest = _decode(rest + piece, final=ended)
            text, position = text[position:] + decoded, 0
            continue
        yield text[position:end].encode("utf-8", "surrogatepass")
        position = end


def _broken(error: Exception, size: int) -> BadRow:
    if size > MAX_ROW_BYTES:
        return too_large(f"over {MAX_ROW_BYTES:,} bytes, and the rest of the array is passed over")
    return BadRow("malformed_row", f"the array breaks off here; the rest is not read: {error}")


def _decode(data: bytes, *, final: bool) -> tuple[str, bytes]:
    """Decode what is whole, and keep the bytes of a character that was cut in two."""
    for cut in range(0 if final else 4):
        try:
            return data[: len(data) - cut].decode("utf-8"), data[len(data) - cut :]
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), b""


def _past(text: str, position: int, characters: str) -> int:
    while position < len(text) and text[position] in characters:
        position += 1
    return position


def _batches(rows: Iterator[bytes | BadRow]) -> Iterator[Batch]:
    first = size = 0
    batch: list[bytes | BadRow] = []
    for row in rows:
        batch.append(row)
        size += len(row) if isinstance(row, bytes) else 0
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield Batch(first, tuple(batch))
            first, size, batch = first + len(batch), 0, []
    if batch:
        yield Batch(first, tuple(batch))
