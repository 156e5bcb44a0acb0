"""The rule on results: an error that comes back as if it were an answer."""

import re
from typing import Any

from data.types import Sample
from verifiers.semantic.findings import Problem

_ERROR_TEXT = re.compile(
    r"\s*(?:an? )?(?:unexpected |internal |fatal |http |api |server |runtime |validation )?"
    r"(?:error|exception|traceback|failure|failed)(?:\s*\d{3})?\s*(?::|!|-|\(|occurred|$)"
    r"|\s*\w*(?:Error|Exception): |\s*(?:invalid (?:api key|request|argument|input)|access denied|"
    r"permission denied|unauthori[sz]ed|rate limit exceeded|too many requests)\b",
    re.IGNORECASE,
)
_BAD_STATUS = frozenset(("error", "failed", "failure", "fail", "exception"))
_NO_ERROR: tuple[Any, ...] = (None, "", 0, [], {}, "none", "null", "no error", "ok", "0")


def hidden_error(sample: Sample) -> Problem | None:
    """A result that says that the call failed; `{"error": null}` says that it did not."""
    for result in sample.results:
        if result.outcome != "ok":
            continue
        said = _error(result.value)
        if said:
            detail = f"{result.call} came back as a result, but says: {said}"[:300]
            return Problem("hidden_error", detail, result.call)
    return None


def _error(value: Any) -> str | None:
    if isinstance(value, str):
        return value[:120] if _ERROR_TEXT.match(value) else None
    if isinstance(value, list):
        # MCP's and others' content blocks: one text.
        return _error(value[0]) if len(value) == 1 and isinstance(value[0], dict) else None
    if not isinstance(value, dict):
        return None
    for key in ("error", "errors", "error_message", "errorMessage", "exception"):
        said = value.get(key)
        if isinstance(said, str):
            said = said.strip().lower() if said.strip().lower() in _NO_ERROR else said
        if isinstance(said, str | dict | list) and said not in _NO_ERROR:
            return f"{key}: {said}"
    for key in ("success", "ok"):
        if value.get(key) is False:
            return f"{key}: false"
    for key in ("isError", "is_error", "error"):
        if value.get(key) is True:
            return f"{key}: true"
    for key in ("status", "result", "state"):
        status = value.get(key)
        if isinstance(status, str) and status.strip().lower() in _BAD_STATUS:
            return f"{key}: {status}"
    if value.get("type") == "text" and set(value) <= {"type", "text", "annotations"}:
        return _error(value.get("text"))
    return None
