"""How many requests are in flight: halved on overload, recovered step by step."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

_STEPS = 16
"""From nothing to the full limit, recovery takes so many mean latencies."""
_MEMORY = 0.1
"""Weight of the newest latency in the mean."""
_UNKNOWN_LATENCY = 1.0
"""Seconds between two halvings before the first answer: a burst of refusals counts once."""
_MANY = 0.1
"""Lost connections mean overload where they are more than this share of the requests in flight."""


class AdaptiveLimit:
    """A first-come, first-served gate whose width follows what the endpoint can take."""

    def __init__(self, most: int, clock: Callable[[], float] = monotonic) -> None:
        self.most = most
        self.width = float(most)
        self.in_flight = 0
        self.latency = 0.0
        """Mean of the recent successful requests, in seconds."""
        self._clock = clock
        self._halved = self._losing = float("-inf")
        self._losses = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Wait for a place."""
        if self.in_flight < self._places():
            self.in_flight += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            # A place given in the moment of being cancelled goes back; one not given is skipped.
            if place.done() and not place.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Give the place back."""
        self.in_flight -= 1
        self._admit()

    def succeeded(self, latency: float) -> None:
        """Widen a little: by a sixteenth of the most per round of requests."""
        known = self.latency or latency
        self.latency = known + _MEMORY * (latency - known)
        if self.width < self.most:
            self.width = min(self.most, self.width + self.most / _STEPS / self.width)
            self._admit()

    def overloaded(self) -> None:
        """Halve, at most once per mean latency: one overload is reported by many requests."""
        now = self._clock()
        if now - self._halved >= (self.latency or _UNKNOWN_LATENCY):
            self._halved = now
            self.width = max(1.0, self.width / 2)

    def lost(self) -> None:
        """Count a lost connection: one alone is bad luck, many at once are overload."""
        now = self._clock()
        if now - self._losing >= (self.latency or _UNKNOWN_LATENCY):
            self._losing, self._losses = now, 0
        self._losses += 1
        if self._losses > max(1.0, _MANY * self.in_flight):
            self.overloaded()

    def _places(self) -> int:
        return int(self.width)

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self._places():
            place = self._waiting.popleft()
            if not place.done():
                self.in_flight += 1
                place.set_result(None)
