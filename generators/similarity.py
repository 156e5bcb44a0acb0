"""How alike two APIs are: TF-IDF cosine over names, descriptions and parameters.

Neighbours make hard distractors; near-duplicates are interchangeable, so they never stand beside a
target and never on two sides of a split.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from api_registry.types import Api

NEAR_DUPLICATE = 0.8
"""Cosine from which one API could answer for the other. Chosen by reading pairs of real APIs:
above it stand renamed copies, below it siblings such as `convert_length` and `convert_area`."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_STOP = frozenset("a an and as at by for from given in into is it its of on or the to with".split())


class Similarity:
    """Pairwise similarity of a fixed list of APIs, computed a row at a time and kept."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self.apis = tuple(apis)
        self._rows: dict[int, list[tuple[float, int]]] = {}

    def neighbours(self, index: int) -> list[tuple[float, int]]:
        """Return `(cosine, index)` of the other APIs that share a word, most alike first."""
        if index not in self._rows:
            scores: dict[int, float] = {}
            for word, weight in self._vectors[index].items():
                for other, other_weight in self._postings[word]:
                    scores[other] = scores.get(other, 0.0) + weight * other_weight
            scores.pop(index, None)
            self._rows[index] = sorted(
                ((score, other) for other, score in scores.items()), key=lambda p: (-p[0], p[1])
            )
        return self._rows[index]

    def families(self) -> list[int]:
        """Return a family number per API: the connected components of near-duplicates."""
        parent = list(range(len(self.apis)))

        def root(index: int) -> int:
            while parent[index] != index:
                parent[index] = parent[parent[index]]
                index = parent[index]
            return index

        for index in range(len(self.apis)):
            for score, other in self.neighbours(index):
                if score < NEAR_DUPLICATE:
                    break
                low, high = sorted((root(index), root(other)))
                parent[high] = low
        return [root(index) for index in range(len(self.apis))]

    @cached_property
    def _vectors(self) -> list[dict[str, float]]:
        bags = [Counter(_words(api)) for api in self.apis]
        frequency = Counter(word for bag in bags for word in bag)
        vectors = []
        for bag in bags:
            vector = {
                word: (1 + math.log(count)) * math.log((1 + len(bags)) / frequency[word])
                for word, count in bag.items()
            }
            norm = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
            vectors.append({word: weight / norm for word, weight in vector.items()})
        return vectors

    @cached_property
    def _postings(self) -> dict[str, list[tuple[int, float]]]:
        postings: dict[str, list[tuple[int, float]]] = {}
        for index, vector in enumerate(self._vectors):
            for word, weight in vector.items():
                postings.setdefault(word, []).append((index, weight))
        return postings


def _words(api: Api) -> list[str]:
    properties = api.parameters.get("properties", {})
    texts = [api.name, api.description, *properties]
    texts += [str(schema.get("description", "")) for schema in properties.values()]
    words = [word.lower() for text in texts for word in _WORD.findall(text)]
    return [word for word in words if word not in _STOP]
