"""Keep rates by language, tone and planned calls: counted with the funnel, flagged where low."""

import json
from typing import Any

from data.funnel import Funnel, Tally, count_row, merge
from data.report.keep_rates import keep_rate_figures, low_cells
from data.usage import Usage, merge_usage
from tests.conftest import SmallRun


def row(stage: str | None, **provenance: Any) -> dict[str, Any]:
    return {
        "stage": stage,
        "reason": stage and "why",
        "style": "simple",
        "category": "text",
        "language": provenance.pop("language", "en"),
        "provenance": json.dumps({"split": "train", **provenance}),
    }


def test_every_draft_counts_for_its_language_tone_and_planned_calls() -> None:
    funnel = merge(
        [
            count_row(row(None, tone="terse", planned_calls=2)),
            count_row(row("format", tone="terse", planned_calls=0, language="de")),
            count_row(row(None)),
        ]
    )
    assert funnel.facets == {
        "language": {"de": Tally(drafts=1), "en": Tally(drafts=2, kept=2)},
        "tone": {"terse": Tally(drafts=2, kept=1)},
        "calls": {"0": Tally(drafts=1), "2": Tally(drafts=1, kept=1)},
    }


def test_a_cell_under_half_the_mean_is_flagged_unless_it_is_tiny() -> None:
    tallies = {
        "plain": Tally(drafts=100, kept=90),
        "formal": Tally(drafts=100, kept=39),
        "casual": Tally(drafts=100, kept=41),
        "terse": Tally(drafts=19, kept=0),
    }
    assert low_cells(tallies, 0.8) == ["formal"]
    funnel = Funnel(drafts=319, kept=255, facets={"tone": tallies})
    [figure] = keep_rate_figures(funnel)
    assert figure.title == "By tone of the query"
    assert figure.remark == "Under half of the mean (79.9 %): formal."
    assert figure.rows[1] == ("formal", "100", "39", "39.0 %")


def test_a_facet_of_one_value_is_no_figure() -> None:
    assert keep_rate_figures(Funnel(drafts=1, facets={"language": {"en": Tally(drafts=1)}})) == []


def test_a_data_set_counts_its_drafts_by_facet(small_run: SmallRun) -> None:
    funnel = small_run.result.manifest.funnel
    for facet in ("language", "tone", "calls"):
        tallies = funnel.facets[facet].values()
        assert sum(tally.drafts for tally in tallies) == funnel.drafts
        assert sum(tally.kept for tally in tallies) == funnel.kept
    assert set(funnel.facets["calls"]) >= {"0", "1", "2", "3"}
    page = (small_run.result.folder.path / "report.html").read_text()
    assert "Keep rate by what else was planned" in page
    assert "By tone of the query" in page and "By calls planned" in page


def test_usages_add_up() -> None:
    one = Usage().plus({"prompt_tokens": 5, "completion_tokens": 2}).plus({})
    assert one == Usage(answers=2, prompt_tokens=5, completion_tokens=2)
    assert merge_usage([one, one]) == Usage(answers=4, prompt_tokens=10, completion_tokens=4)
    assert one.tokens == 7
