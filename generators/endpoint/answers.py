"""From the bytes of a successful response to a completion, or to the reason to ask again."""

import json
from typing import Any

from generators.endpoint.failures import Retry, error_with_success, plain
from generators.types import Completion


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
"""Made once; NaN and Infinity are no JSON, and no file of ours could hold them."""
_COUNTED = ("prompt_tokens", "completion_tokens", "total_tokens")


def read_answer(raw: bytes, secret: str = "") -> Completion:
    """Read a chat completion; raises `Retry` for everything that is none.

    A completion that was cut off or is empty is an answer, which was paid for: the format check
    rejects it. `secret` is the key, which no message may hold.
    """
    try:
        body = _DECODER.decode(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Retry("the body is not UTF-8") from None
    except (ValueError, RecursionError):
        kind = "empty" if not raw.strip() else "HTML" if raw.lstrip()[:1] == b"<" else "not JSON"
        raise Retry(f"the body is {kind}") from None
    if not isinstance(body, dict):
        raise Retry(f"the body is {plain(body)}, expected an object")
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        if "error" in body:
            raise error_with_success(raw, secret)
        raise Retry(f"`choices` is {'empty' if choices == [] else plain(choices)}")
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise Retry("the choice has no `message`")
    text, calls = message.get("content"), message.get("tool_calls")
    if not isinstance(text, str | None):
        raise Retry(f"`content` is {plain(text)}, expected text")
    if not isinstance(calls, list | None) or not all(
        isinstance(call, dict) for call in calls or ()
    ):
        raise Retry("`tool_calls` is not a list of objects")
    reason = choice.get("finish_reason")
    return Completion(
        text=text or "",
        tool_calls=tuple(calls or ()),
        finish_reason=reason if isinstance(reason, str) else "stop",
        usage=_usage(body.get("usage")),
    )


def _usage(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    counts = {key: value.get(key) for key in _COUNTED}
    return {key: count for key, count in counts.items() if type(count) is int and count >= 0}
