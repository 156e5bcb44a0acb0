"""Assembles the page: template, style sheet, script, data; nothing of it comes from elsewhere.

The policy in its head lets the browser load nothing and run only the script shipped here, by its
hash, so that text in a record stays text whatever it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from data.funnel import Funnel
from data.judging import Judging
from data.report import sections
from data.report.cells import grid
from data.report.embedding import embedded, policy
from data.report.example import example_of
from data.report.judges import attempts, judges
from data.report.keep_rates import keep_rate_figures
from data.report.sections import Reasons
from data.report.variety import Variety
from data.skeletons import Skeletons
from data.statistics import Statistics

_FOLDER = files("data.report")


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


def render(page: Page) -> str:
    """Return the page as HTML; equal pages are equal text."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style, script = _asset("report.css"), _asset("report.js")
    template = environment.from_string(_asset("report.html.j2"))
    funnel, rows = page.funnel, page.sample["rows"]
    return template.render(
        page=page,
        policy=policy(style, script),
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        data=Markup(embedded(page.sample)),  # noqa: S704 - escaped there
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
        svg=Markup,
        filters=_filters(rows),
        example=example_of(rows),
    )


def _filters(rows: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """The values that each filter of the table offers."""
    keys = ("style", "category", "split", "stage", "reason", "language")
    found = [(key, sorted({row[key] for row in rows} - {""})) for key in keys]
    return [(key, values) for key, values in found if len(values) > 1 or key != "language"]


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
