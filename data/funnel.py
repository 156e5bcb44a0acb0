"""Counts of what became of the drafts; the same object feeds console, artifact and manifest."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from api_registry.types import Model

_KEY = 40
"""Characters of a facet's value that are told apart."""


class Tally(Model):
    """Drafts made and kept in one cell, e.g. of one style."""

    drafts: int = 0
    kept: int = 0


class Funnel(Model):
    """Where drafts went. `drafts == kept + sum(rejected)` always holds."""

    drafts: int = 0
    kept: int = 0
    rejected: dict[str, dict[str, int]] = {}
    """Stage → reason → drafts."""
    styles: dict[str, Tally] = {}
    categories: dict[str, Tally] = {}
    cells: dict[str, dict[str, Tally]] = {}
    """Style → category → tally."""
    facets: dict[str, dict[str, Tally]] = {}
    """`language`, `tone` and `calls` (as planned) → value → tally."""
    splits: dict[str, int] = {}
    """Kept rows by split."""
    retried: Tally = Tally()
    """Drafts that went back to the generator once, and those kept after that."""
    surplus: int = 0
    """Pairs that a generator returned beyond those asked for; not drafts."""

    def rejected_total(self) -> int:
        """Drafts rejected in any stage."""
        return sum(sum(reasons.values()) for reasons in self.rejected.values())

    @property
    def first_pass(self) -> int:
        """Drafts kept at their first attempt."""
        return self.kept - self.retried.kept

    def balanced(self) -> bool:
        """Whether every draft is accounted for, in total and per style, category and cell."""
        return self.drafts == self.kept + self.rejected_total() and all(
            sum(tally.drafts for tally in tallies) == self.drafts
            and sum(tally.kept for tally in tallies) == self.kept
            for tallies in (
                self.styles.values(),
                self.categories.values(),
                [tally for row in self.cells.values() for tally in row.values()],
            )
        )


def count_row(row: Mapping[str, Any]) -> Funnel:
    """The funnel of one stored row."""
    provenance = json.loads(row["provenance"])
    split = provenance["split"]
    facets = facets_of(row, provenance)
    kept = int(row["stage"] is None)
    tally = Tally(drafts=1, kept=kept)
    return Funnel(
        drafts=1,
        kept=kept,
        rejected={} if kept else {row["stage"]: {row["reason"]: 1}},
        styles={row["style"]: tally},
        categories={row["category"]: tally},
        cells={row["style"]: {row["category"]: tally}},
        facets={facet: {value: tally} for facet, value in facets.items()},
        splits={split: 1} if kept else {},
        retried=tally if provenance.get("attempt") else Tally(),
    )


def facets_of(row: Mapping[str, Any], provenance: Mapping[str, Any]) -> dict[str, str]:
    """What else, beside style and category, a row's plan says that may decide on its fate."""
    known = {
        "language": row["language"],
        "tone": provenance.get("tone"),
        "calls": provenance.get("planned_calls"),
    }
    return {facet: str(value)[:_KEY] for facet, value in known.items() if value is not None}


def split_of(row: Mapping[str, Any]) -> str:
    """The split that the plan put a row in."""
    split: str = json.loads(row["provenance"])["split"]
    return split


def draft_of(row: Mapping[str, Any]) -> int:
    """The number of the draft that a row was."""
    draft: int = json.loads(row["provenance"])["draft"]
    return draft


def merge(funnels: Iterable[Funnel]) -> Funnel:
    """Add funnels up; keys come out sorted, so equal counts are equal bytes."""
    drafts = kept = surplus = retried = kept_later = 0
    rejected: dict[str, Counter[str]] = {}
    styles: _Sums = {}
    categories: _Sums = {}
    cells: dict[str, _Sums] = {}
    facets: dict[str, _Sums] = {}
    splits: Counter[str] = Counter()
    for funnel in funnels:
        drafts += funnel.drafts
        kept += funnel.kept
        surplus += funnel.surplus
        retried += funnel.retried.drafts
        kept_later += funnel.retried.kept
        splits.update(funnel.splits)
        for stage, reasons in funnel.rejected.items():
            rejected.setdefault(stage, Counter()).update(reasons)
        _add(styles, funnel.styles)
        _add(categories, funnel.categories)
        for style, tallies in funnel.cells.items():
            _add(cells.setdefault(style, {}), tallies)
        for facet, tallies in funnel.facets.items():
            _add(facets.setdefault(facet, {}), tallies)
    return Funnel(
        drafts=drafts,
        kept=kept,
        rejected={stage: dict(sorted(rejected[stage].items())) for stage in sorted(rejected)},
        styles=_tallies(styles),
        categories=_tallies(categories),
        cells={style: _tallies(cells[style]) for style in sorted(cells)},
        facets={facet: _tallies(facets[facet]) for facet in sorted(facets)},
        splits=dict(sorted(splits.items())),
        retried=Tally(drafts=retried, kept=kept_later),
        surplus=surplus,
    )


_Sums = dict[str, list[int]]
"""Key → drafts, kept."""


def _add(sums: _Sums, tallies: Mapping[str, Tally]) -> None:
    for key, tally in tallies.items():
        total = sums.setdefault(key, [0, 0])
        total[0] += tally.drafts
        total[1] += tally.kept


def _tallies(sums: _Sums) -> dict[str, Tally]:
    return {key: Tally(drafts=sums[key][0], kept=sums[key][1]) for key in sorted(sums)}
