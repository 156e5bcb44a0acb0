"""Benchmark questions as hashes: what is shipped and compared, without the questions themselves.

Long questions are found by runs of 13 words, as GPT-3's decontamination did (Brown et al. 2020,
appendix C). Function-calling questions are mostly shorter, so shorter ones are compared whole, with
their numbers masked as well, and looked for inside longer text.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.errors import StorageError
from api_registry.types import Model
from data.contamination.words import NUMBER, Runs, masked, words_of

RUN = 13
"""Words in a run of a long question."""
SHORTEST_INSIDE = 5
"""A question of fewer words is no sign of anything inside longer text."""
SHORTEST_MASKED = 4
"""Nor is one that is little but numbers, once they are masked."""
SHIPPED = Path(__file__).parent / "bfcl.parquet"
"""Hashes of BFCL's public questions; `python -m data.contamination.build` makes it again."""

Kind = Literal["whole", "numbers", "inside", "run"]


class Hit(Model):
    """One question that a text holds."""

    kind: Kind
    """`whole`: the same words; `numbers`: the same but for numbers; `inside`: a short question
    within longer text, numbers aside where enough words are left; `run`: 13 words of a long
    question, numbers aside."""
    source: str
    """Benchmark and question, such as `bfcl:simple_python_12`."""


class QuestionTable:
    """Questions of benchmarks, hashed; `find` compares a text with all of them at once."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self._known: dict[tuple[Kind, int], dict[int, int]] = {}
        """Kind and length in words, 0 for any → hash → place in `sources`."""
        self._kinds: list[tuple[Kind, int]] = []
        """Those that there are, the strongest hits first."""

    def __len__(self) -> int:
        """Count the questions."""
        return len(self.sources)

    def add(self, source: str, question: str) -> None:
        """Add a question; one without words says nothing and is left out."""
        words = words_of(question)
        if not words:
            return
        self.sources.append(source)
        plain, runs = Runs(words), Runs(masked(words))
        self._learn("whole", 0, plain.whole())
        if runs.length >= SHORTEST_MASKED:
            self._learn("numbers", 0, runs.whole())
        if SHORTEST_INSIDE <= plain.length < RUN:
            self._learn("inside", plain.length, plain.whole())
        if SHORTEST_INSIDE <= runs.length < RUN and _wordy(words):
            self._learn("inside", runs.length, runs.whole())
        for run in runs.of(RUN):
            self._learn("run", RUN, run)

    def find(self, text: str) -> Hit | None:
        """Return the strongest hit of a text, None where it is no question of the table."""
        words = words_of(text)
        if not words:
            return None
        without = masked(words)
        # Words without numbers are their own masked words: there is nothing to look for twice.
        texts = (Runs(words),) if without == words else (Runs(words), Runs(without))
        for kind, length in self._kinds:
            known = self._known[kind, length]
            for searched in _SEARCHED[kind](texts):
                found = _first(searched, length, known)
                if found is not None:
                    return Hit(kind=kind, source=self.sources[found])
        return None

    def save(self, path: Path) -> None:
        """Write the hashes and the names of the questions, not the questions."""
        rows = [
            (kind, length, value, number)
            for (kind, length), known in self._known.items()
            for value, number in known.items()
        ]
        kinds, lengths, hashes, numbers = zip(*rows, strict=True)
        table = pa.table(
            {
                "kind": pa.array(kinds).dictionary_encode(),
                "length": pa.array(lengths, pa.int8()),
                "hash": pa.array(hashes, pa.int64()),
                "source": pa.array(
                    [self.sources[number] for number in numbers]
                ).dictionary_encode(),
            }
        )
        pq.write_table(table, path, compression="zstd")

    @classmethod
    def load(cls, path: Path) -> "QuestionTable":
        """Read a table that was saved. Raises `StorageError` for anything else."""
        table = cls()
        places: dict[str, int] = {}
        try:
            rows = pq.read_table(path)
            columns = (rows[name].to_pylist() for name in ("source", "kind", "length", "hash"))
            for source, kind, length, value in zip(*columns, strict=True):
                if source not in places:
                    places[source] = len(table.sources)
                    table.sources.append(source)
                table._of(kind, length)[value] = places[source]
        except (OSError, pa.ArrowException, KeyError) as error:
            raise StorageError(f"`{path}` is no table of questions: {error}") from error
        return table

    def _learn(self, kind: Kind, length: int, value: int) -> None:
        self._of(kind, length).setdefault(value, len(self.sources) - 1)

    def _of(self, kind: Kind, length: int) -> dict[int, int]:
        """The questions known by one kind of hash."""
        if (kind, length) not in self._known:
            self._known[kind, length] = {}
            self._kinds = sorted(self._known, key=_strength)
        return self._known[kind, length]


def _wordy(words: list[str]) -> bool:
    """Whether enough is left of a short question without its numbers to know it by."""
    return sum(word != NUMBER for word in masked(words)) >= SHORTEST_INSIDE


def _first(searched: Runs, length: int, known: dict[int, int]) -> int | None:
    """The question that the first known run stands for; a length of 0 means all words."""
    if length == 0:
        return known.get(searched.whole())
    hashes = searched.of(length)
    if known.keys().isdisjoint(hashes):
        return None
    return next(known[value] for value in hashes if value in known)


_SEARCHED: dict[Kind, Callable[[tuple[Runs, ...]], tuple[Runs, ...]]] = {
    "whole": lambda texts: texts[:1],
    "numbers": lambda texts: texts[-1:],
    "inside": lambda texts: texts,
    "run": lambda texts: texts[-1:],
}
"""Kind of hit → which of plain and, where they differ, masked words it is looked for in."""
_ORDER = ("whole", "numbers", "inside", "run")


def _strength(entry: tuple[Kind, int]) -> tuple[int, int]:
    kind, length = entry
    return _ORDER.index(kind), -length
