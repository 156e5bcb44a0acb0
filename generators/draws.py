"""What a seed decides: the same draw for the same purpose and number, on every machine.

Each draw hashes what it is for, so none depends on how many were made before it.
"""

import hashlib
import random
from collections.abc import Mapping
from typing import TypeVar

_Name = TypeVar("_Name", bound=str)


class Draws:
    """The draws of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bits(self, purpose: str, index: int) -> int:
        """64 bits."""
        text = f"{self.seed}/{purpose}/{index}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())

    def uniform(self, purpose: str, index: int) -> float:
        """A number of [0, 1)."""
        return self.bits(purpose, index) / 2**64

    def rng(self, purpose: str, index: int) -> random.Random:
        """A generator of its own, for what takes many draws."""
        return random.Random(self.bits(purpose, index))

    def name(self, purpose: str, index: int, shares: Mapping[_Name, float]) -> _Name | None:
        """A name by its share; None for what the shares leave."""
        drawn = self.uniform(purpose, index)
        for name in sorted(shares):
            drawn -= shares[name]
            if drawn < 0:
                return name
        return None


def weighted(rng: random.Random, weights: Mapping[int, float]) -> int:
    """Draw a number by its weight."""
    numbers = sorted(weights)
    return rng.choices(numbers, [weights[number] for number in numbers])[0]
