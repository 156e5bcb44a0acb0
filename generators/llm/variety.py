"""Who asks, at what length and how carefully: drawn from a draft's seed, as all of its plan is."""

import random
from dataclasses import dataclass

_PEOPLE = (
    "a nurse", "a high-school student", "a retired engineer", "a small-business owner",
    "a travelling sales manager", "a software developer", "a home cook", "a history teacher",
    "a parent of three", "a warehouse supervisor", "a doctoral student", "an event planner",
    "a farmer", "a journalist", "an accountant", "a volunteer coach", "a museum guide",
    "a truck driver", "a landlord", "a game designer", "a pharmacist", "a librarian",
    "an architect", "a customer-support agent", "a musician", "a data analyst",
    "a fitness beginner", "a town clerk", "a photographer", "a lab technician",
)  # fmt: skip
_MOODS = (
    "in a hurry", "checking something twice", "helping a colleague", "curious", "planning ahead",
    "on the phone meanwhile", "new to the topic", "well versed in the topic", "a little worried",
    "preparing a presentation", "settling a bet", "filling in a form", "at the end of a long day",
    "comparing options",
)  # fmt: skip
_LENGTHS = {
    "one short sentence": 4,
    "one or two sentences": 5,
    "three or four sentences with some background": 2,
    "a few words, no full sentence": 1,
}
"""Length → weight."""
_TYPOS = 0.12


@dataclass(frozen=True)
class Manner:
    """How one query is written."""

    persona: str
    length: str
    typos: bool
    """Whether it has a slip of the keyboard or two, never in a value."""


def manner_of(seed: int) -> Manner:
    """Draw a manner; a pure function of the draft's seed."""
    rng = random.Random(f"manner/{seed}")
    return Manner(
        persona=f"{rng.choice(_PEOPLE)}, {rng.choice(_MOODS)}",
        length=rng.choices(list(_LENGTHS), list(_LENGTHS.values()))[0],
        typos=rng.random() < _TYPOS,
    )
