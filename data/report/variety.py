"""The section on variety: openings, verbs, shortcuts, and the copies that were left out."""

from dataclasses import dataclass

from data.dataset_manifest import DatasetManifest
from data.report.figures import bars
from data.report.sections import Figure, percent
from data.report.text import label
from data.set_figures import SetFigures
from data.shortcuts import AIMS


@dataclass(frozen=True)
class Removal:
    """One row that was left out after the checks."""

    why: str
    query: str
    like: str
    detail: str


@dataclass(frozen=True)
class Variety:
    """What the section shows."""

    figures: tuple[Figure, ...]
    facts: tuple[tuple[str, str], ...]
    shortcuts: tuple[tuple[str, ...], ...]
    """Sees, predicts, accuracy, chance, points above, aim."""
    removals: tuple[Removal, ...]


def variety(manifest: DatasetManifest | None) -> Variety | None:
    """Return the section, None where the manifest has no such figures."""
    if manifest is None or manifest.figures is None or not manifest.figures.rows:
        return None
    figures = manifest.figures
    diversity = figures.diversity
    return Variety(
        figures=tuple(
            _bars(name, title, counts, diversity.rows, what)
            for name, title, counts, what in (
                ("openings", "How queries begin", diversity.openings, "rows"),
                ("verbs", "What the called tools do", diversity.verbs, "calls"),
                ("shortcuts", "Points above chance", _points(figures), "points"),
            )
            if counts
        ),
        facts=_facts(figures),
        shortcuts=tuple(
            (
                found.sees,
                found.predicts,
                f"{found.accuracy:.1%}",
                f"{found.chance:.1%}",
                f"{found.points:+.1f}",
                f"at most {aim:g}" if (aim := AIMS.get((found.sees, found.predicts))) else "",
            )
            for found in figures.shortcuts
        ),
        removals=tuple(
            Removal(f"{label(stage)}, {label(reason)}", row.query, row.like, row.detail)
            for stage, reasons in manifest.removed.items()
            for reason, rows in reasons.items()
            for row in rows
        ),
    )


def _points(figures: SetFigures) -> dict[str, int]:
    """What each probe gives away, in whole points; what is at chance is no bar."""
    return {
        f"{found.sees}: {found.predicts}": round(max(found.points, 0))
        for found in figures.shortcuts
    }


def _facts(figures: SetFigures) -> tuple[tuple[str, str], ...]:
    diversity = figures.diversity
    shares = " · ".join(f"{n} words {share:.1%}" for n, share in diversity.distinct.items())
    return (
        ("distinct runs of words", shares),
        (
            "similarity of two queries",
            f"{diversity.similarity:.3f} on average, {diversity.nearest:.3f} with the nearest",
        ),
        (
            "calls over APIs",
            f"{diversity.apis:,} called, evenness {diversity.coverage:.3f} of 1",
        ),
        (
            "different arguments",
            f"{percent(diversity.distinct_values, diversity.values)} of {diversity.values:,}",
        ),
        (
            "optional parameters given",
            f"{percent(figures.optional_given, figures.optional_offered)} of those there were",
        ),
        (
            "tools named as in BFCL",
            f"{figures.apis[1]:,} of {figures.apis[0]:,}",
        ),
    )


def _bars(name: str, title: str, counts: dict[str, int], rows: int, what: str) -> Figure:
    total = max(counts.values())
    drawn = [(key, float(count), 0.0, f"{count:,}") for key, count in counts.items()]
    remark = {
        "rows": f"The commonest first two words among {rows:,} rows of a sample.",
        "calls": "First words of the names of the APIs called, the commonest ones.",
        "points": "By small classifiers that see one side of a row: what a model could learn in "
        "place of the task.",
    }[what]
    return Figure(
        title,
        remark,
        bars(name, title, drawn, total=total, wide=False),
        (title.lower(), what),
        tuple((label(key), f"{count:,}") for key, count in counts.items()),
    )
