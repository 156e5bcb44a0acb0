"""What matching says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Match:
    """Whether calls are the expected ones, and if not, why."""

    valid: bool
    error_type: str | None = None
    """None when valid; in mode `bfcl` the error types of `bfcl-eval`."""
    error: str = ""
    """One line for people."""


def invalid(error_type: str, error: str) -> Match:
    """The verdict on calls that are not the expected ones."""
    return Match(valid=False, error_type=error_type, error=error)
