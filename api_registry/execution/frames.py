"""The wire format between pool, supervisor and runners: a numbered frame of JSON bytes.

The header is the payload's length and the number of the call, so that the supervisor passes frames
on without reading them. Never pickle: a runner's bytes are not to be trusted.
"""

import struct
from collections.abc import Iterator

_HEADER = struct.Struct("!IQ")
LAST = 1 << 63
"""Set in the number of the last result that a runner sends: it takes no more calls."""
SESSION = 32
"""Bits of the number that count frames; those above it are the session's, 0 for single calls."""
CLOSE = b""
"""Payload of the frame that ends a session; nobody answers it."""
MAX_PAYLOAD = 64 * 1024 * 1024


class BrokenStream(Exception):
    """The other side sent something that is no frame."""


def encode(number: int, payload: bytes) -> bytes:
    """Return one frame."""
    return _HEADER.pack(len(payload), number) + payload


class Decoder:
    """Cuts a byte stream into frames, however it is chopped up in transit."""

    def __init__(self, limit: int = MAX_PAYLOAD) -> None:
        """`limit`: bytes of the largest payload that is taken."""
        self._limit = limit
        self._buffer = bytearray()

    def feed(self, chunk: bytes | memoryview) -> Iterator[tuple[int, bytes]]:
        """Yield `(number, payload)` of every frame that is now complete."""
        self._buffer += chunk
        start = 0
        while len(self._buffer) - start >= _HEADER.size:
            length, number = _HEADER.unpack_from(self._buffer, start)
            if length > self._limit:
                raise BrokenStream(f"a frame of {length} bytes")
            end = start + _HEADER.size + length
            if len(self._buffer) < end:
                break
            yield number, bytes(self._buffer[start + _HEADER.size : end])
            start = end
        del self._buffer[:start]
