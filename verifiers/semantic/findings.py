"""What a rule says of a sample."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A contradiction that a rule has found."""

    reason: str
    detail: str
    """One line: where, and what contradicts what."""
    call: str | None = None
    """The call it is about, if it is about one."""
