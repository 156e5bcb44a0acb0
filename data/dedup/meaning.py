"""Copies by meaning: queries whose embeddings point the same way and that make the same calls.

Optional, as it needs a sentence-transformers model (the extra `embed`). Only rows
with equal calls are compared, or, where nothing is called, with equal tools, so the search is exact
and its groups are small.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from api_registry.errors import ConfigError, install_hint
from data.dedup.near import NearCopy

_BATCH = 256


class MeaningCopies:
    """Collects texts, then says which mean what an earlier one of their block means."""

    def __init__(
        self, threshold: float, embed: Callable[[Sequence[str]], NDArray[np.float32]]
    ) -> None:
        self.threshold, self._embed = threshold, embed
        self._blocks: dict[int, list[int]] = {}
        self._texts: list[str] = []

    def add(self, block: int, text: str) -> None:
        """Add a row's text; only rows of one block can be copies of each other."""
        self._blocks.setdefault(block, []).append(len(self._texts))
        self._texts.append(text)

    def find(self, gone: set[int]) -> Iterator[NearCopy]:
        """Yield the copies among the rows that are not `gone` already."""
        for members in self._blocks.values():
            rows = [row for row in members if row not in gone]
            if len(rows) > 1:
                yield from self._among(rows)

    def _among(self, rows: list[int]) -> Iterator[NearCopy]:
        kept: list[int] = []
        vectors = np.concatenate(
            [
                self._embed([self._texts[row] for row in rows[start : start + _BATCH]])
                for start in range(0, len(rows), _BATCH)
            ]
        )
        for index, row in enumerate(rows):
            if kept:
                cosines = vectors[kept] @ vectors[index]
                best = int(np.argmax(cosines >= self.threshold))
                if cosines[best] >= self.threshold:
                    yield NearCopy(
                        row=row, of=rows[kept[best]], similarity=round(float(cosines[best]), 4)
                    )
                    continue
            kept.append(index)


def load_model(name: str) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """Return the embedding of a sentence-transformers model, from the Hub or a folder.

    Raises `ConfigError` where the library is not installed or there is no such model.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise ConfigError(
            "`dataset.dedup.embedding_model` needs sentence-transformers: "
            f"{install_hint('embed')}, or leave the setting out"
        ) from None
    try:
        model = SentenceTransformer(name, device="cpu")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"`dataset.dedup.embedding_model` `{name}` cannot be loaded: expected a "
            f"sentence-transformers model on the Hub or in a folder ({error})"
        ) from error

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    return embed
