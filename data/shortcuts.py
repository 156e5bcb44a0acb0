"""Whether a data set can be answered without understanding it.

Small classifiers see one side of a row only: the tools, counts, lengths, or how many words query
and tool share. What they predict better than chance, a model trained on the set may learn instead
of the task. They are fitted on some groups of rows and tested on others.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api_registry.types import Model
from data.classifiers import Features, Labels, balanced_accuracy, choice_accuracy
from data.contamination.words import words_of
from data.stored_tools import StoredTool, stored_tools

COLUMNS = ("group", "tools", "query", "answers", "style", "n_calls", "n_tools", "provenance")
"""What the probes see of a row."""
FEWEST = 300
"""With fewer rows the probes say nothing."""
_HALF = 0.5

Row = dict[str, Any]


class Probe(Model):
    """What one kind of features gives away."""

    sees: str
    predicts: str
    accuracy: float
    """Mean recall of the classes; for `called tool` the share of rows where it was named."""
    chance: float
    rows: int
    """Rows tested on."""

    @property
    def points(self) -> float:
        """Percentage points above chance."""
        return 100 * (self.accuracy - self.chance)


AIMS: dict[tuple[str, str], float] = {
    ("tools", "call or not"): 2.0,
    ("tools", "called tool"): 2.0,
    ("position", "called tool"): 2.0,
    ("counts", "style"): 5.0,
}
"""What sees and what is predicted → points above chance that a set should stay under."""


def probe(rows: Iterable[Row]) -> tuple[Probe, ...]:
    """Return what each kind of features gives away; nothing where there are too few rows.

    Rows are those of `data.row_sample`. Two rows are looked at together only through the features.
    """
    looked = [_Looked(row) for row in rows if row["n_tools"]]
    held = np.array([row.held_out for row in looked], dtype=bool)
    if len(looked) < FEWEST or held.all() or not held.any():
        return ()
    apis = {name: place for place, name in enumerate(sorted({a for o in looked for a in o.apis}))}
    sides: dict[str, Callable[[], Features]] = {
        "tools": lambda: Features.of(
            [row.likeness() for row in looked],
            [sorted({apis[name] for name in row.apis}) for row in looked],
            len(apis),
        ),
        "counts": lambda: Features.of([row.counts() for row in looked]),
        "lengths": lambda: Features.of([row.lengths for row in looked]),
        "overlap": lambda: Features.of([row.overlap_summary() for row in looked]),
    }
    probes = []
    labels = {
        "style": np.array([hash_label(row.style) for row in looked]),
        "call or not": np.array([int(row.calls) for row in looked]),
    }
    for sees, gathered in sides.items():
        features = gathered()
        for predicts, own in labels.items():
            classes = len(np.unique(own))
            if classes < 2 or min(len(np.unique(own[part])) for part in (held, ~held)) < classes:
                continue
            # Both halves are tested on, by classifiers fitted on the other: twice the certainty.
            accuracy = np.mean(
                [
                    balanced_accuracy(
                        features.where(~part), own[~part], features.where(part), own[part]
                    )
                    for part in (held, ~held)
                ]
            )
            probes.append(_probe(sees, predicts, float(accuracy), 1 / classes, len(own)))
    return (*probes, *_choices(looked, held, apis))


def hash_label(style: str) -> int:
    """A number for a style's name."""
    return int.from_bytes(hashlib.blake2b(style.encode(), digest_size=4).digest())


def _choices(
    looked: Sequence["_Looked"], held: NDArray[np.bool_], apis: dict[str, int]
) -> list[Probe]:
    """The probes that name the called tool, on rows that call one tool out of several."""
    places = [i for i, row in enumerate(looked) if row.chosen is not None and len(row.apis) > 1]
    train = [looked[i] for i in places if not held[i]]
    test = [looked[i] for i in places if held[i]]
    if not train or not test:
        return []
    chance = float(np.mean([1 / len(row.apis) for row in (*train, *test)]))
    sides: dict[str, Callable[[_Looked], list[list[float]]]] = {
        "tools": lambda row: row.option_likeness(),
        "position": lambda row: row.positions(),
        "overlap": lambda row: row.overlaps,
    }
    probes = []
    for sees, features in sides.items():
        marks = apis if sees == "tools" else {}
        one, other = _stacked(train, features, marks), _stacked(test, features, marks)
        right = choice_accuracy(*one, *other) * len(test) + choice_accuracy(*other, *one) * len(
            train
        )
        rows = len(train) + len(test)
        probes.append(_probe(sees, "called tool", right / rows, chance, rows))
    return probes


def _stacked(
    rows: Sequence["_Looked"],
    features: Callable[["_Looked"], list[list[float]]],
    apis: dict[str, int],
) -> tuple[Features, Labels, Labels]:
    """The options of rows one after the other; with `apis`, which API each of them is as well."""
    numbers = [option for row in rows for option in features(row)]
    marks = [[apis[name]] for row in rows for name in row.apis] if apis else ()
    sizes = np.array([len(row.apis) for row in rows])
    return Features.of(numbers, marks, len(apis)), sizes, np.array([row.chosen for row in rows])


def _probe(sees: str, predicts: str, accuracy: float, chance: float, rows: int) -> Probe:
    return Probe(
        sees=sees,
        predicts=predicts,
        accuracy=round(accuracy, 4),
        chance=round(chance, 4),
        rows=rows,
    )


def _held_out(group: str) -> bool:
    number = int.from_bytes(hashlib.blake2b(group.encode(), digest_size=4).digest())
    return number / 2**32 < _HALF


def _overlaps(said: set[str], tools: Sequence[frozenset[str]]) -> list[list[float]]:
    """Per tool: the share of the query's words that it has too."""
    return [[len(said & words) / max(len(said), 1)] for words in tools]


class _Looked:
    """One row, as the probes see it: figures, as the texts of a sample would take megabytes."""

    def __init__(self, row: Row) -> None:
        tools = stored_tools(row)
        renamed = json.loads(row["provenance"]).get("renamed") or {}
        names = [tool.name for tool in tools]
        self.apis = [str(renamed.get(name, name)) for name in names]
        self.tool_words = [_tool_words(tool) for tool in tools]
        self.parameters = [len(tool.parameters.get("properties", {})) for tool in tools]
        self.held_out = _held_out(row["group"])
        query = str(row["query"])
        words = words_of(query)
        self.lengths = [float(len(words)), float(len(query))]
        self.overlaps = _overlaps(set(words), self.tool_words)
        self.style = str(row["style"])
        self.calls = row["n_calls"] > 0
        called = {str(call["name"]) for call in _calls(json.loads(row["answers"]))}
        only = called.pop() if len(called) == 1 else None
        self.chosen = names.index(only) if only in names else None

    def likeness(self) -> list[float]:
        """How alike the tools are."""
        alike = self._alike
        pairs = alike[np.triu_indices(len(alike), 1)]
        summary = [pairs.mean(), pairs.max(), pairs.min(), pairs.std()] if len(pairs) else [0.0] * 4
        central = alike.sum(axis=1)
        return [*map(float, summary), float(central.max() - central.min())]

    def counts(self) -> list[float]:
        """How many tools and parameters there are."""
        return [
            float(len(self.apis)),
            float(sum(self.parameters)),
            float(max(self.parameters)),
            float(min(self.parameters)),
        ]

    def option_likeness(self) -> list[list[float]]:
        """Per tool: how alike the others are to it, on average and at most."""
        alike = self._alike
        rest = max(len(self.apis) - 1, 1)
        return [[float(row.sum()) / rest, float(row.max())] for row in alike]

    def positions(self) -> list[list[float]]:
        """Per tool: where it stands."""
        last = max(len(self.apis) - 1, 1)
        return [
            [place / last, float(place == 0), float(place == len(self.apis) - 1)]
            for place in range(len(self.apis))
        ]

    def overlap_summary(self) -> list[float]:
        """The best and the mean overlap of the query with a tool."""
        shares = [option[0] for option in self.overlaps]
        return [max(shares), sum(shares) / len(shares), max(shares) - min(shares)]

    @cached_property
    def _alike(self) -> NDArray[np.float64]:
        """Jaccard similarity of the tools' words, zero on the diagonal."""
        size = len(self.tool_words)
        alike = np.zeros((size, size))
        for one in range(size):
            for other in range(one):
                words, others = self.tool_words[one], self.tool_words[other]
                common = len(words & others)
                union = len(words) + len(others) - common
                alike[one, other] = alike[other, one] = common / max(union, 1)
        return alike


@lru_cache(maxsize=500)
def _tool_words(tool: StoredTool) -> frozenset[str]:
    """Words of a tool's description and of those of its parameters."""
    texts = [str(tool.definition.get("description", ""))]
    texts += [
        str(inner.get("description", ""))
        for inner in tool.parameters.get("properties", {}).values()
        if isinstance(inner, dict)
    ]
    return frozenset(word for text in texts for word in words_of(text) if len(word) > 3)


def _calls(answers: list[Any]) -> list[dict[str, Any]]:
    nested = [call for turn in answers if isinstance(turn, list) for call in turn]
    return nested or [call for call in answers if isinstance(call, dict)]
