"""The card says what the manifest says, and the Hub can read it."""

import re
from typing import Any

import pytest
import yaml
from huggingface_hub import DatasetCard

from api_registry.errors import UsageError
from data.agreement import rate
from data.card import card_text, licences_of
from data.dataset_config import DatasetConfig
from data.dataset_manifest import DatasetManifest
from data.funnel import Funnel
from data.judging import Calibration, Judging
from data.licences import RANKS, refuse_incompatible, strictest
from data.markdown import fenced, quoted, table
from data.removed import Example
from data.skeletons import Skeletons
from data.statistics import Statistics
from tests.conftest import SmallRun


@pytest.fixture(scope="module")
def manifest(small_run: SmallRun) -> DatasetManifest:
    return small_run.result.manifest


def bare(**changes: Any) -> DatasetManifest:
    """A manifest with nothing in it."""
    return DatasetManifest.model_validate(
        {
            "identity": "ab",
            "shards": "cd",
            "funnel": Funnel(),
            "statistics": Statistics(),
            "skeletons": Skeletons(),
            "command": "callforge generate",
            "apis": 0,
            "versions": {},
            "splits": {},
        }
        | changes
    )


def test_the_hub_reads_the_card(manifest: DatasetManifest) -> None:
    card = DatasetCard(card_text(manifest))
    assert card.data.license == "apache-2.0"
    assert card.data.language == ["en"]
    assert card.data.size_categories == ["n<1K"]
    [config] = card.data.to_dict()["configs"]
    assert [entry["split"] for entry in config["data_files"]] == list(manifest.splits)


def test_the_first_line_says_that_templates_wrote_the_set(manifest: DatasetManifest) -> None:
    text = DatasetCard(card_text(manifest)).text
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0].startswith("**Template-made: a seeded grammar wrote all queries")


def test_a_model_that_wrote_the_set_is_named_first() -> None:
    facts = {"generator": {"name": "llm", "llm": {"model": "Some/Model-7B"}}}
    text = card_text(bare(generator="llm@2", facts=facts))
    assert "**Model-written: `Some/Model-7B` wrote" in text
    assert "Template-made" not in text


def test_all_sections_are_there_and_tables_are_whole(manifest: DatasetManifest) -> None:
    text = card_text(manifest)
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == [
        "Funnel", "What verified the rows", "Copies and contamination", "Shape of the rows",
        "Shortcuts", "Variety", "Columns", "How it was made", "Limits",
    ]  # fmt: skip
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        assert len({line.count("|") - line.count("\\|") for line in block.splitlines()}) == 1, block


def test_numbers_come_from_the_manifest(manifest: DatasetManifest) -> None:
    text = card_text(manifest)
    assert f"{manifest.funnel.kept:,} of {manifest.funnel.drafts:,} drafts were kept" in text
    for name, count in manifest.statistics.derivation.items():
        assert f"| {name} | {count:,} |" in text
    other = manifest.model_copy(update={"funnel": manifest.funnel.model_copy(update={"kept": 77})})
    assert "# Verified function-calling data: 77 rows" in card_text(other)


def test_judges_are_told_with_how_they_did() -> None:
    calibration = Calibration(
        judge="judge-7b", catch=rate(90, 100), false_reject=rate(3, 100), no_verdict=0,
        agreement=0.93, ac1=0.88, kinds={},
    )  # fmt: skip
    judging = Judging(
        key="k", version="judge@1", judges=("judge-7b",), samples=3, vote="majority", clean=100,
        faulty=100, calibrations=(calibration,), self_judged=("judge-7b",),
    )  # fmt: skip
    text = card_text(bare(judging=judging))
    assert "Judges: `judge-7b`, 3 votes each, majority" in text
    assert "Of the generator's own family" in text
    assert "No model and no person has judged the rows." not in text


def test_a_card_of_nothing_and_of_hostile_text_is_still_a_card() -> None:
    hostile = "| a |\n---\n```\n</table>\n# Title\n[x](http://evil) `code` **bold**"
    example = Example(id="x", query=hostile, detail=hostile)
    text = card_text(
        bare(
            command=hostile,
            funnel=Funnel(rejected={"dedup": {"exact_duplicate": 1}}),
            removed={"dedup": {"exact_duplicate": (example,)}},
        )
    )
    DatasetCard(text)
    assert yaml.safe_load(text.split("---")[1])["license"] == "apache-2.0"
    assert "](http" not in text.replace("\\", "").split("```")[0] or "\\[x\\]" in text
    assert text.count("\n# ") == 2  # its own title, and one inside the fenced command


def test_benchmark_questions_are_counted_and_not_repeated() -> None:
    example = Example(id="x", query="A question of a benchmark", detail="bfcl:simple_0")
    manifest = bare(
        funnel=Funnel(rejected={"decontamination": {"whole": 4}}),
        removed={"decontamination": {"whole": (example,)}},
    )
    text = card_text(manifest)
    assert "Left out for a question of BFCL's public questions: 4." in text
    assert "A question of a benchmark" not in text


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        ([], "apache-2.0"),
        (["mit", "cc-by-4.0"], "cc-by-4.0"),
        (["apache-2.0", "cc-by-nc-4.0", "cc-by-4.0"], "cc-by-nc-4.0"),
        (["apache-2.0", "who-knows-1.0"], "who-knows-1.0"),
        (["a", "b"], "unknown"),
    ],
)
def test_the_strictest_licence_is_the_sets(licences: list[str], expected: str) -> None:
    assert strictest(licences) == expected


@pytest.mark.parametrize(
    ("licences", "problem"),
    [
        (["mit", "cc-by-nd-4.0"], "may not be published as part"),
        (["mit", "unknown"], "dataset.generator_license"),
        (["gpl-3.0", "cc-by-sa-4.0"], "cannot be one set"),
        (["cc-by-sa-4.0", "cc-by-nc-4.0"], "cannot be one set"),
    ],
)
def test_rows_that_cannot_be_one_set_are_refused(licences: list[str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        refuse_incompatible(licences)


def test_each_known_licence_may_stand_alone() -> None:
    for name in RANKS:
        refuse_incompatible([name])
        refuse_incompatible([name, "apache-2.0"])


def test_what_a_model_wrote_needs_terms() -> None:
    assert licences_of(bare(generator="llm@1")) == {"apache-2.0", "unknown"}
    settings = DatasetConfig(generator_license="llama3.1")
    assert licences_of(bare(generator="llm@1", settings=settings)) == {"apache-2.0", "llama3.1"}


def test_markdown_keeps_its_shape() -> None:
    assert table(("a|b", "n"), [("x\ny", 1)]) == "| a\\|b | n |\n|---|---:|\n| x y | 1 |"
    assert fenced("```", "").startswith("````")
    assert quoted("<b>*x*") == "\\<b\\>\\*x\\*"


def test_only_columns_of_numbers_stand_to_the_right() -> None:
    rows = [("a", "1,200", "+3.1", "said"), ("b", "**7**", "–", "")]
    marks = table(("name", "rows", "points", "means"), rows).splitlines()[1]
    assert marks == "|---|---:|---:|---|"
