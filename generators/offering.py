"""Which tools are shown beside each other, so that they alone never tell which one is called.

Hard rows show tools of one cluster of like APIs, easy ones tools of different categories. Either
way the target is one of a random set, as likely as any other in it: no hub of a neighbourhood, no
odd one out. Where the target is taken away, another of the same kind takes its place.
"""

import random
from collections.abc import Collection, Mapping, Sequence

from api_registry.types import Api
from generators.similarity import Similarity


class Offering:
    """Draws the tools of rows; everything is an index into the APIs."""

    def __init__(
        self,
        apis: Sequence[Api],
        similarity: Similarity,
        pools: Mapping[str, Sequence[int]],
        size: int,
    ) -> None:
        """`pools`: name → the APIs that rows of a side may show; `size`: of a cluster, at least."""
        self._categories = [api.category for api in apis]
        self._similarity = similarity
        self._pools = pools
        self._clusters = {name: self._clustered(pool, size) for name, pool in pools.items()}

    def draw(
        self,
        rng: random.Random,
        pool: str,
        shown: Collection[int],
        barred: Collection[int],
        count: int,
        near: int | None,
    ) -> list[int]:
        """Return `shown` and others, `count` in all if there are so many, in random order.

        `near` is the API whose cluster the others are from; None for tools of other categories.
        """
        chosen = list(shown)
        allowed = [i for i in self._pools[pool] if i not in barred and i not in chosen]
        if near is not None:
            cluster = self._clusters[pool].get(near, ())
            free = [i for i in allowed if i in cluster]
            chosen += rng.sample(free, min(max(count - len(chosen), 0), len(free)))
        else:
            taken = {self._categories[i] for i in chosen}
            for i in rng.sample(allowed, len(allowed)):
                if len(chosen) >= count:
                    break
                if self._categories[i] not in taken:
                    taken.add(self._categories[i])
                    chosen.append(i)
        rest = [i for i in allowed if i not in chosen]
        chosen += rng.sample(rest, min(max(count - len(chosen), 0), len(rest)))
        rng.shuffle(chosen)
        return chosen

    def replaced(
        self,
        rng: random.Random,
        pool: str,
        shown: Sequence[int],
        target: int,
        barred: Collection[int],
        *,
        near: bool,
    ) -> list[int]:
        """Return the tools with another like the target in its place, or fewer if there is none."""
        rest = [i for i in shown if i not in barred]
        allowed = [i for i in self._pools[pool] if i not in barred and i not in rest]
        cluster = self._clusters[pool].get(target, ())
        alike = [i for i in allowed if self._categories[i] == self._categories[target]]
        candidates = [i for i in allowed if i in cluster] if near else alike
        if candidates or allowed:
            rest.append(rng.choice(candidates or allowed))
        rng.shuffle(rest)
        return rest

    def _clustered(self, pool: Sequence[int], size: int) -> dict[int, frozenset[int]]:
        """Part a pool into groups of `size` like APIs or more: categories, split or joined."""
        groups: list[list[int]] = []
        for category in sorted({self._categories[i] for i in pool}):
            left = [i for i in pool if self._categories[i] == category]
            while len(left) >= 2 * size:
                first = left[0]
                order = {i: n for n, (_, i) in enumerate(self._similarity.neighbours(first))}
                nearest = sorted(left[1:], key=lambda i: (order.get(i, len(order)), i))
                groups.append([first, *nearest[: size - 1]])
                left = [i for i in left if i not in groups[-1]]
            groups.append(left)
        while len(groups) > 1 and min(map(len, groups)) < size:
            groups.sort(key=lambda group: (len(group), group[0]))
            small = groups.pop(0)
            # Small ones first join each other, or one would swallow them all.
            others = [n for n, group in enumerate(groups) if len(group) < size]
            others = others or list(range(len(groups)))
            best = max(others, key=lambda n: (self._alike(small, groups[n]), -n))
            groups[best] = sorted([*groups[best], *small])
        return {i: frozenset(group) for group in groups for i in group}

    def _alike(self, one: Sequence[int], other: Sequence[int]) -> float:
        """Mean similarity of the APIs of two groups."""
        members = set(other)
        found = (score for i in one for score, j in self._similarity.neighbours(i) if j in members)
        return sum(found) / (len(one) * len(other))
