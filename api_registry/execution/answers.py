"""What a runner answered, read by the parent: a call may have written it itself."""

import json
from typing import Any

from api_registry.types import CallResult


def read_answer(call: str, payload: bytes) -> tuple[CallResult, str | None]:
    """The result of the call of this id, and in a session the digest of the state after it."""
    try:
        answer = _decode(payload.decode())
        digest = answer.pop("digest", None)
        return CallResult(call=call, **answer), digest if isinstance(digest, str) else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        error = "its process answered with something that is no result"
        return CallResult(call=call, outcome="crashed", error=error), None


def _no_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode
