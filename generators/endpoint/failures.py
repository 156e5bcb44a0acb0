"""What went wrong with a request, and whether asking again can mend it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from api_registry.errors import EndpointError
from data import strict_json

_AGAIN = frozenset({408, 409, 425, 429})
_OVERLOADED = frozenset({429, 503, 529})
_NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_SHOWN = 300
_KEY_HELP = "set CALLFORGE_API_KEY (or OPENAI_API_KEY) to a key that this endpoint accepts"
_RESUME = "the same command goes on where this one stopped"


class Retry(Exception):
    """Asking again may help; `wait` is what the endpoint asked for, in seconds."""

    def __init__(self, reason: str, *, wait: float | None = None, overloaded: bool = False) -> None:
        super().__init__(reason)
        self.wait = wait
        self.overloaded = overloaded


class LostConnection(Exception):
    """There is no connection, or it ended before the answer did; names the kind of error."""


class Refused(Exception):
    """This request will never be answered; others may be."""


def failure_of(status: int, headers: Mapping[str, str], body: bytes, secret: str) -> Exception:
    """Classify an answer that is no success: `Retry`, `Refused`, or `EndpointError` for the run."""
    message, codes = error_in(body)
    said = f"HTTP {status}: {scrubbed(message, secret)}" if message else f"HTTP {status}"
    if codes & _NO_CREDIT or status == 402:
        return _no_credit(said)
    if status in (401, 403):
        return EndpointError(f"the endpoint refused the key ({said}): {_KEY_HELP}; {_RESUME}")
    if status == 404:
        return EndpointError(
            f"the endpoint has no such model or address ({said}): check --model and --base-url "
            f"(it usually ends in /v1); {_RESUME}"
        )
    if status in _AGAIN or status >= 500:
        return Retry(said, wait=retry_after(headers), overloaded=status in _OVERLOADED)
    return Refused(said)


def error_with_success(body: bytes, secret: str) -> Exception:
    """Classify an error that came with status 200, as some gateways send it."""
    message, codes = error_in(body)
    said = f"an error with status 200: {scrubbed(message, secret)}"
    return _no_credit(said) if codes & _NO_CREDIT else Retry(said)


def _no_credit(said: str) -> EndpointError:
    return EndpointError(
        f"the endpoint's quota is used up ({said}): add credit or set another key in "
        f"CALLFORGE_API_KEY; {_RESUME}"
    )


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the endpoint asks to wait: `retry-after-ms`, seconds or an HTTP date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    if text is None or (seconds := _number(text)) is not None:
        return seconds if text is not None else None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - (now or datetime.now(UTC))).total_seconds(), 0.0)


def error_in(body: bytes) -> tuple[str, frozenset[str]]:
    """The message and the codes (`code`, `type`) of an error body, in any of the forms in use."""
    try:
        value = strict_json.loads(body.decode())
    except (UnicodeDecodeError, strict_json.BadJson):
        return _one_line(body.decode("utf-8", "replace")), frozenset()
    error = value.get("error", value) if isinstance(value, dict) else value
    if not isinstance(error, dict):
        return _one_line(str(error)), frozenset()
    codes = (error.get("code"), error.get("type"))
    message = error.get("message", error.get("detail", ""))
    return _one_line(str(message)), frozenset(code for code in codes if isinstance(code, str))


def scrubbed(text: str, secret: str) -> str:
    """The text without the key, nor anything that looks like one."""
    if secret:
        text = text.replace(secret, "[key]")
    return re.sub(r"\b(?:sk|key|Bearer)[-_ ][\w*.-]{6,}", "[key]", text)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return max(value, 0.0) if value is not None and isfinite(value) else None


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text[: 10 * _SHOWN]).split())[:_SHOWN]


def plain(value: Any) -> str:
    """What kind of JSON value something is, for messages."""
    return "null" if value is None else type(value).__name__
