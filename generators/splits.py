"""Which APIs training never sees, decided before a draft is made.

Families of near-duplicates stay together, so that no held-out API has a copy in training.
"""

import hashlib
from collections.abc import Sequence

from api_registry.types import Api
from generators.plan_config import PlanConfig

_CATEGORIES_TO_SPARE = 5
"""With fewer categories, holding a whole one out would leave training too poor."""


def split_sides(
    apis: Sequence[Api], families: Sequence[int], config: PlanConfig, seed: int
) -> list[str]:
    """Return `train`, `unseen_api` or `unseen_category` for each API.

    Categories, then families, are taken in the order of a seeded hash until the share is reached;
    one that would overshoot it by more than it falls short is passed over.
    """
    sides = ["train"] * len(apis)
    categories: dict[str, list[int]] = {}
    members: dict[int, list[int]] = {}
    for index, api in enumerate(apis):
        categories.setdefault(api.category, []).append(index)
        members.setdefault(families[index], []).append(index)
    if len(categories) >= _CATEGORIES_TO_SPARE:
        budget = config.unseen_category * len(apis)
        for category in _take(categories, budget, seed, "category"):
            for index in categories[category]:
                sides[index] = "unseen_category"
    # A copy of a held-out API that lives in a category still seen is held out with it.
    mixed = {families[index] for index, side in enumerate(sides) if side != "train"}
    named = {
        apis[indices[0]].name: indices for family, indices in members.items() if family not in mixed
    }
    chosen = _take(named, config.unseen_api * len(apis), seed, "family")
    for index in (i for family in mixed for i in members[family]):
        if sides[index] == "train":
            sides[index] = "unseen_api"
    for name in chosen:
        for index in named[name]:
            sides[index] = "unseen_api"
    return sides


def _take(cells: dict[str, list[int]], budget: float, seed: int, purpose: str) -> list[str]:
    taken, size = [], 0
    for key in sorted(cells, key=lambda key: _order(seed, purpose, key)):
        if size + len(cells[key]) - budget <= budget - size:
            taken.append(key)
            size += len(cells[key])
    return taken


def _order(seed: int, purpose: str, key: str) -> bytes:
    return hashlib.blake2b(f"{seed}/{purpose}/{key}".encode(), digest_size=8).digest()
