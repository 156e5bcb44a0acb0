"""Keep rates by language, tone and number of calls: where a generator does worse than elsewhere."""

from collections.abc import Mapping

from data.funnel import Funnel, Tally
from data.report.figures import bars
from data.report.sections import Figure, percent

_TITLES = {"language": "By language", "tone": "By tone of the query", "calls": "By calls planned"}
_FEW_DRAFTS = 20
"""Cells with fewer are too small to say anything of."""


def keep_rate_figures(funnel: Funnel) -> list[Figure]:
    """One figure per facet that has several values; cells under half the mean are named."""
    return [
        _figure(facet, title, funnel.facets[facet], funnel)
        for facet, title in _TITLES.items()
        if len(funnel.facets.get(facet, {})) > 1
    ]


def low_cells(tallies: Mapping[str, Tally], mean_rate: float) -> list[str]:
    """The cells that keep less than half of what the drafts keep on average."""
    return [
        name
        for name, tally in tallies.items()
        if tally.drafts >= _FEW_DRAFTS and tally.kept / tally.drafts < mean_rate / 2
    ]


def _figure(facet: str, title: str, tallies: Mapping[str, Tally], funnel: Funnel) -> Figure:
    low = low_cells(tallies, funnel.kept / max(funnel.drafts, 1))
    drawn = [
        (name, tally.kept, tally.drafts - tally.kept,
         f"{percent(tally.kept, tally.drafts)}" + ("  ⚠" if name in low else ""))
        for name, tally in tallies.items()
    ]  # fmt: skip
    mean = percent(funnel.kept, funnel.drafts)
    remark = f"Under half of the mean ({mean}): {', '.join(low)}." if low else ""
    return Figure(
        title,
        remark,
        bars(
            f"by-{facet}", title, drawn, total=max(t.drafts for t in tallies.values()), wide=False
        ),
        (facet, "drafts", "kept", "keep rate"),
        tuple(
            (name, f"{tally.drafts:,}", f"{tally.kept:,}", percent(tally.kept, tally.drafts))
            for name, tally in tallies.items()
        ),
    )
