"""Finds the copies among rows: exact ones, near ones, and those of the same meaning.

Rows come in the order of their drafts, and the first of several like ones stays: how the work was
divided, and in what order shards were made, changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from api_registry.types import Model
from data.dedup.config import DedupConfig
from data.dedup.keyed import Keyed, keyed
from data.dedup.meaning import MeaningCopies
from data.dedup.near import NearCopies

REASONS: dict[str, str] = {
    "exact_duplicate": "asks the same in the same words as a row before it, with the same calls",
    "near_duplicate": "shares most word runs, tools and arguments with a row before it",
    "same_meaning": "means the same as a row before it, by the embedding model, with like calls",
}
Reason = Literal["exact_duplicate", "near_duplicate", "same_meaning"]

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts → one vector of length 1 each."""


class Copy(Model):
    """A row that is left out because of an earlier one."""

    of: int
    """Place of the earlier row."""
    reason: Reason
    similarity: float
    """1.0 for exact copies, else what the search measured."""


def find_copies(
    rows: Iterable[Mapping[str, Any]], config: DedupConfig, embed: Embed | None = None
) -> dict[int, Copy]:
    """Return place → copy for the rows to leave out; rows hold `data.dedup.keys.COLUMNS`.

    `embed` is used where the configuration names a model.
    """
    return find_among(
        (keyed(row, config, meaning=embed is not None) for row in rows), config, embed
    )


def find_among(
    rows: Iterable[Keyed], config: DedupConfig, embed: Embed | None = None
) -> dict[int, Copy]:
    """The same for rows whose keys are known already."""
    with NearCopies(config.threshold) as near:
        return _found(rows, config, near, embed)


def _found(
    rows: Iterable[Keyed], config: DedupConfig, near: NearCopies, embed: Embed | None
) -> dict[int, Copy]:
    copies: dict[int, Copy] = {}
    first: dict[bytes, int] = {}
    places: list[int] = []
    meaning = MeaningCopies(config.embedding_threshold, embed) if embed else None
    for place, keys in enumerate(rows):
        original = first.setdefault(keys.exact, place)
        if original != place:
            copies[place] = Copy(of=original, reason="exact_duplicate", similarity=1.0)
            continue
        places.append(place)
        if config.near:
            near.add(keys.block, keys.shingles)
        if meaning and keys.meaning:
            meaning.add(*keys.meaning)
    del first  # makes room for the search
    for found in near.find():
        copies[places[found.row]] = Copy(
            of=places[found.of], reason="near_duplicate", similarity=found.similarity
        )
    if meaning:
        gone = {index for index, place in enumerate(places) if place in copies}
        for found in meaning.find(gone):
            copies[places[found.row]] = Copy(
                of=places[found.of], reason="same_meaning", similarity=found.similarity
            )
    return dict(sorted(copies.items()))
