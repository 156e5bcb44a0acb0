"""Which of the rows that passed every check make the data set, and why the others do not.

Everything here looks at rows next to each other, or next to a benchmark, so it comes after the
shards: copies, benchmark questions, rows on two sides of a split.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_registry.types import Model
from data.contamination.config import DecontaminationConfig
from data.contamination.questions import read_questions, user_texts
from data.contamination.table import SHIPPED, QuestionTable
from data.dataset_config import DatasetConfig
from data.dedup import keys
from data.dedup.copies import REASONS as DEDUP_REASONS
from data.dedup.copies import find_among, find_copies
from data.dedup.keyed import Keyed, KeyTable, key_table, keyed
from data.dedup.meaning import load_model
from data.proof import REASONS as PROOF_REASONS
from data.proof import about
from data.schema import SAID
from data.split_check import COLUMNS as SPLIT_COLUMNS
from data.split_check import REASONS as SPLIT_REASONS
from data.split_check import SplitCheck

REASONS: dict[str, dict[str, str]] = {
    "execution": PROOF_REASONS,
    "dedup": DEDUP_REASONS,
    "decontamination": {
        "whole": "has the words of a benchmark's question",
        "numbers": "has the words of a benchmark's question but for numbers",
        "inside": "holds a short question of a benchmark within longer text",
        "run": "shares 13 words in a row with a long question of a benchmark",
    },
    "split": SPLIT_REASONS,
}
"""Stage → code → meaning, in the order of the stages."""

ReadRows = Callable[[Sequence[str]], Iterable[Mapping[str, Any]]]
"""Gives all rows anew, in the order of drafts, with the columns named."""


class Removal(Model):
    """Why one row is left out."""

    stage: str
    reason: str
    detail: str
    of: int | None = None
    """Place of the earlier row that it repeats."""


@dataclass(frozen=True)
class Looked:
    """What is to be known of rows one by one, found out where they are."""

    keys: KeyTable
    hits: dict[int, Removal]
    """Place among these rows → the benchmark's question that the row holds."""


def select(
    read: ReadRows,
    config: DatasetConfig,
    held_out: Iterable[str] = (),
    broken: Collection[str] = (),
    looked: Sequence[Looked] | None = None,
) -> dict[int, Removal]:
    """Return place → removal for the rows to leave out, out of all that `read` gives.

    `held_out` names the APIs that only unseen splits may offer, `broken` those of which no call
    ever gave an answer; `looked`, if given, is what was found out of all the rows elsewhere.
    Raises `ConfigError` or `UsageError` where a model or a file that the configuration names is
    not there.
    """
    model = config.dedup.embedding_model
    embed = load_model(model) if model is not None else None
    if looked is None:
        copies = find_copies(read(keys.COLUMNS), config.dedup, embed)
    else:
        copies = find_among((row for part in looked for row in part.keys), config.dedup)
    removals = {
        place: Removal(
            stage="dedup",
            reason=copy.reason,
            detail=f"similarity {copy.similarity:g}",
            of=copy.of,
        )
        for place, copy in copies.items()
    }
    hits = _known_hits(looked) if looked is not None else None
    table = questions_of(config.decontamination) if hits is None else QuestionTable()
    check = SplitCheck(held_out)
    for place, row in enumerate(read((*SAID, *SPLIT_COLUMNS))):
        if place in removals:
            continue
        hit = _contaminated(table, row) if hits is None else hits.get(place)
        removal = _unproven(broken, row) or hit or _crossing(check, row)
        if removal is not None:
            removals[place] = removal
    return dict(sorted(removals.items()))


def look_at(rows: Iterable[Mapping[str, Any]], config: DatasetConfig) -> Looked:
    """Find out what `select` has to know of some rows, which are whole."""
    table = questions_of(config.decontamination)
    found: list[Keyed] = []
    hits: dict[int, Removal] = {}
    for place, row in enumerate(rows):
        found.append(keyed(row, config.dedup))
        if hit := _contaminated(table, row):
            hits[place] = hit
    return Looked(key_table(found), hits)


def _known_hits(looked: Sequence[Looked]) -> dict[int, Removal]:
    hits: dict[int, Removal] = {}
    first = 0
    for part in looked:
        hits |= {first + place: hit for place, hit in part.hits.items()}
        first += len(part.keys)
    return hits


def questions_of(config: DecontaminationConfig) -> QuestionTable:
    """The questions that no row may hold. Raises `UsageError` for a file that holds none."""
    table = QuestionTable.load(SHIPPED) if config.bfcl else QuestionTable()
    for path in config.against:
        for source, question in read_questions(Path(path)):
            table.add(source, question)
    return table


def _unproven(broken: Collection[str], row: Mapping[str, Any]) -> Removal | None:
    api = about(row) if broken else None
    if api not in broken:
        return None
    return Removal(stage="execution", reason="never_worked", detail=f"no call of `{api}` worked")


def _contaminated(table: QuestionTable, row: Mapping[str, Any]) -> Removal | None:
    if not len(table):
        return None
    hits = (table.find(text) for text in _questions(row))
    hit = next((hit for hit in hits if hit is not None), None)
    if hit is None:
        return None
    return Removal(stage="decontamination", reason=hit.kind, detail=hit.source)


def _questions(row: Mapping[str, Any]) -> Iterator[str]:
    yield from user_texts({"messages": row["messages"]})


def _crossing(check: SplitCheck, row: Mapping[str, Any]) -> Removal | None:
    found = check.find(row)
    return Removal(stage="split", reason=found[0], detail=found[1]) if found else None
