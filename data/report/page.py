"""The page of a run: its figures, worked out for the template, and a sample of its records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.funnel import Funnel
from data.judging import Judging
from data.report import sections
from data.report.cells import grid
from data.report.example import example_of
from data.report.judges import attempts, judges
from data.report.keep_rates import keep_rate_figures
from data.report.sections import Reasons
from data.report.templates import Records, rendered, values_of
from data.report.variety import Variety
from data.skeletons import Skeletons
from data.statistics import Statistics


@dataclass(frozen=True)
class Page:
    """What is shown; every number of it comes from manifests."""

    title: str
    lead: str
    """One sentence under the title."""
    funnel: Funnel
    meanings: Reasons
    sample: Mapping[str, Any]
    """Rows and tools, as `samples.shown` returns them."""
    statistics: Statistics | None = None
    skeletons: Skeletons | None = None
    notes: tuple[str, ...] = ()
    """What a reader must know before the figures, such as that a run is not finished."""
    figures: tuple[tuple[str, str], ...] = ()
    """Further key figures: value and what it is."""
    facts: tuple[tuple[str, str], ...] = ()
    """How it was made: name and value."""
    command: str = ""
    variety: Variety | None = None
    judging: Judging | None = None
    trainings: tuple[sections.Figure, ...] = ()
    """Losses of what was trained on the run."""


def render(page: Page) -> str:
    """Return the page as HTML; equal pages are equal text."""
    funnel, rows = page.funnel, page.sample["rows"]
    return rendered(
        "report.html.j2",
        page.sample,
        Records(
            title="Records",
            intro=f"{len(rows):,} rows, drawn from every style and category and from every reason "
            "of rejection; very long values are cut, and say so.",
            search="words in query, calls, results, tools, details",
            filters=_filters(rows),
            labels={"status": "outcome"},
        ),
        kind="Callforge report",
        title=page.title,
        lead=page.lead,
        notes=page.notes,
        source="Made by Callforge from the run's manifests; the rows are from its shards.",
        page=page,
        figures=(
            (f"{funnel.drafts:,}", "drafts"),
            (f"{funnel.kept:,}", "kept"),
            (sections.percent(funnel.kept, funnel.drafts), "keep rate"),
            *page.figures,
        ),
        funnel=sections.funnel_figure(funnel),
        styles=sections.styles_figure(funnel),
        grid=grid(funnel),
        reasons=sections.reasons(funnel, page.meanings, [row for row in rows if row["stage"]]),
        statistics=sections.statistics_figures(page.statistics) if page.statistics else [],
        keep_rates=keep_rate_figures(funnel),
        skeleton_figure=(
            sections.skeleton_figure(page.skeletons)
            if page.skeletons and len(page.skeletons.repeats) > 1
            else None
        ),
        judges=judges(page.judging),
        attempts=attempts(funnel),
        percent=sections.percent,
        example=example_of(rows),
    )


def _filters(rows: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """The values that each filter of the table offers."""
    keys = ("style", "category", "split", "stage", "reason", "language")
    found = [(key, values_of(rows, key)) for key in keys]
    asked = [(key, values) for key, values in found if len(values) > 1 or key != "language"]
    return [("status", ["kept", "rejected"]), *asked]
