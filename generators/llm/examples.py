"""Good pairs to show a model: shipped ones at first, later a run's own verified rows.

Which are shown for a request depends on its plans and on the pool alone, so a resumed run asks as
an undisturbed one does. Shown are other APIs than those asked about, and rows of the training split
only: what is held out appears in no request about training rows.
"""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from generators.prompts import examples_text
from generators.types import DraftPlan, Example

COLUMNS = ("query", "style", "language", "messages", "answers", "n_turns", "provenance")
"""What `verified_examples` reads of a stored row."""
_LONGEST_QUERY, _LONGEST_ANSWER = 400, 600
_PER_STYLE = 60


class ExamplePool:
    """Examples by style, to draw from."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self._by_style: dict[str, list[Example]] = {}
        for example in examples:
            self._by_style.setdefault(example.style, []).append(example)

    def choose(self, plans: Sequence[DraftPlan], count: int) -> tuple[Example, ...]:
        """Draw `count` examples of the styles and the languages that a request asks for."""
        rng = random.Random(f"examples/{plans[0].seed}")
        barred = {api.name for plan in plans for api in plan.targets}
        wanted = list(dict.fromkeys((plan.style, plan.language) for plan in plans))
        rng.shuffle(wanted)
        chosen: list[Example] = []
        for place in range(count):
            style, language = wanted[place % len(wanted)]
            fitting = [
                example
                for example in self._by_style.get(style, ())
                if example.language == language
                and example not in chosen
                and not any(call["name"] in barred for call in example.answers)
            ]
            if fitting:
                chosen.append(rng.choice(fitting))
        return tuple(chosen)


@cache
def shipped_examples() -> ExamplePool:
    """The examples that every run begins with."""
    return ExamplePool(Example.model_validate(entry) for entry in json.loads(examples_text()))


def verified_examples(rows: Iterable[Mapping[str, Any]]) -> ExamplePool:
    """The kept rows of a shard that can be shown: of the training split, short, complete in itself.

    A row with a system turn is not: what its query leaves out stands there.
    """
    counts: dict[str, int] = {}
    examples = []
    for row in rows:
        if row["n_turns"] != 2 or counts.get(row["style"], 0) >= _PER_STYLE:
            continue
        if len(row["query"]) > _LONGEST_QUERY or len(row["answers"]) > _LONGEST_ANSWER:
            continue
        provenance = json.loads(row["provenance"])
        # A renamed tool's name says nothing to whoever does not see the tool.
        if provenance.get("split") != "train" or provenance.get("renamed"):
            continue
        counts[row["style"]] = counts.get(row["style"], 0) + 1
        examples.append(
            Example(
                style=row["style"],
                query=row["query"],
                answers=tuple(json.loads(row["answers"])),
                reply=row["messages"][-1]["content"],
                language=row["language"],
            )
        )
    return ExamplePool(examples)
