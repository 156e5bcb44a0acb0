"""What the fake endpoint remembers of the requests: tests judge clients by it."""

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

_EARLY = 0.005
"""Seconds by which two machines' clocks may differ on one wait."""


@dataclass
class Asked:
    """One request, told from others by the hash of its body."""

    asked: int = 0
    finished: int = 0
    """Good answers sent whole."""
    not_before: float = 0.0
    """Moment before which it was told not to ask again."""


@dataclass
class RequestLog:
    """Counts since the start, and how busy the slots have been."""

    requests: dict[str, Asked] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    early: int = 0
    """Requests repeated before the Retry-After was over."""
    busy: int = 0
    peak: int = 0
    busy_seconds: float = 0.0
    """Integral of `busy` over time."""
    _changed: float = field(default_factory=monotonic)

    def ask(self, key: str) -> Asked:
        """Note that a request came in."""
        entry = self.requests.setdefault(key, Asked())
        entry.asked += 1
        if monotonic() + _EARLY < entry.not_before:
            self.early += 1
        return entry

    def occupy(self, change: int) -> None:
        """Note that a slot was taken (1) or left (-1)."""
        now = monotonic()
        self.busy_seconds += self.busy * (now - self._changed)
        self._changed = now
        self.busy += change
        self.peak = max(self.peak, self.busy)

    def counts(self) -> dict[str, Any]:
        """The totals, as `/counts` gives them."""
        self.occupy(0)
        entries = self.requests.values()
        return {
            "requests": sum(entry.asked for entry in entries),
            "distinct": len(self.requests),
            "finished": sum(entry.finished for entry in entries),
            "finished_again": sum(max(entry.finished - 1, 0) for entry in entries),
            "most_asked": max((entry.asked for entry in entries), default=0),
            "early": self.early,
            "faults": dict(sorted(self.faults.items())),
            "busy": self.busy,
            "peak": self.peak,
            "busy_seconds": round(self.busy_seconds, 3),
        }
