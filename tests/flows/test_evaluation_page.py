"""The page of an evaluation in a browser: scores, errors, and wrong answers to look through."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api_registry.types import Tool
from flows.cli import app
from flows.evaluation.outcomes import Outcome, outcome
from flows.evaluation.page import render
from flows.evaluation.questions import Question
from tests.browsing import MARKS, Browser
from tests.data.test_report import HOSTILE, embedded
from verifiers.predictions import Prediction

pytestmark = MARKS
SCORED = Path(__file__).parent / "scored"


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The page of the hand-computed set, and its wrong outcomes."""
    folder = tmp_path_factory.mktemp("page")
    page, out = folder / "errors.html", folder / "outcomes.jsonl"
    done = CliRunner().invoke(
        app,
        ["score", str(SCORED / "predictions.jsonl"), "--data", str(SCORED / "rows.jsonl"),
         "--out", str(out), "--report", str(page)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    outcomes = [json.loads(line) for line in out.read_text().splitlines()]
    return page, [line for line in outcomes if not line["valid"]]


def test_the_scores_are_those_of_the_command_with_their_intervals(
    browser: Browser, scored: tuple[Path, list[dict[str, Any]]]
) -> None:
    browser.open(scored[0])
    rows = [[cell.text for cell in line.find_elements("css selector", "th, td")]
            for line in browser.all("#scores tr")]  # fmt: skip
    assert rows[0][:4] == ["questions", "asked", "exact", "tool names"]
    assert rows[1][:3] == ["all", "16", "37.5% [18.5%, 61.4%]"]
    assert ["style: parallel", "2", "50.0% [9.5%, 90.5%]"] in [row[:3] for row in rows]
    assert ["category: units", "4", "25.0% [4.6%, 69.9%]"] in [row[:3] for row in rows]
    assert browser.requests() <= {scored[0].as_uri(), "data:,"}
    assert browser.complaints() == []


def test_wrong_answers_are_found_by_style_error_and_words(
    browser: Browser, scored: tuple[Path, list[dict[str, Any]]]
) -> None:
    page, wrong = scored
    browser.open(page)
    browser.hits_become(len(wrong))
    assert {cell.text for cell in browser.all("#rows .status")} == {"wrong"}
    for style in {line["style"] for line in wrong}:
        browser.choose("style", style)
        browser.hits_become(sum(line["style"] == style for line in wrong))
    browser.reset()
    for kind in ("wrong_value", "no_call"):
        browser.choose("reason", kind)
        browser.hits_become(sum(line["error_type"] == kind for line in wrong))
    browser.reset()
    browser.search("oslo next")
    browser.hits_become(1)


def test_a_wrong_answer_shows_what_was_expected_what_came_and_the_tools(
    browser: Browser, scored: tuple[Path, list[dict[str, Any]]]
) -> None:
    browser.open(scored[0])
    link = browser.find(".reasons a")
    error = link.find_element("xpath", "./ancestor::tr/th/code").text
    link.click()
    browser.hits_become(sum(line["error_type"] == error for line in scored[1]))
    browser.open(scored[0], "#q=oslo+next")
    browser.hits_become(1)
    browser.find("#rows button").click()
    said = [block.get_property("textContent") for block in browser.all(".message")]
    assert said == [
        "userOslo, the next 3 days?",
        'expectedweather{"city": ["Oslo"], "days": [3]}',
        'answeredweather{"city": "Oslo", "days": 4}',
    ]
    record = browser.find(".record").get_property("textContent")
    assert "`days`: 4 is none of [3]" in record
    assert "1 tool offered" in record and "Tell the weather." in record


def hostile() -> list[Outcome]:
    made = []
    for number, text in enumerate(HOSTILE):
        tool = Tool(name=text or "x", description=text, parameters={}, api="x")
        question = Question(
            str(number), ({"role": "user", "content": text},), (tool,), (tool,),
            ({tool.name: {}},), category=text, style=text,
        )  # fmt: skip
        made.append(outcome(question, Prediction("words", text=text), mode="strict"))
    return made


def test_hostile_questions_and_answers_stay_text(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(render("<b>model", "<i>data", {"plain": hostile()}), encoding="utf-8")
    browser.open(path)
    browser.hits_become(len(HOSTILE))
    for button in browser.all("#rows button"):
        button.click()
    assert browser.script("return window.hacked") is None
    assert browser.all("main img, main b, h1 b, .lead i") == []
    assert browser.requests() <= {path.as_uri(), "data:,"}
    assert browser.complaints() == []


def test_of_very_many_wrong_answers_every_kind_is_shown() -> None:
    [question] = [each.question for each in hostile()[:1]]
    words = [outcome(question, Prediction("words"), mode="strict")] * 900
    broken = [outcome(question, Prediction("broken", reason="truncated"), mode="strict")]
    page = render("m", "d", {"plain": words, "renamed": [*words[:5], *broken]})
    rows = embedded(page)["rows"]
    assert len(rows) == 600
    found = {(row["stage"], row["reason"]) for row in rows}
    assert found == {("plain", "no_call"), ("renamed", "no_call"), ("renamed", "broken:truncated")}
    assert "600 of 906 wrong answers" in page


def test_a_model_that_is_right_has_a_page_too() -> None:
    [question] = [each.question for each in hostile()[:1]]
    right = outcome(question, Prediction("calls", [{question.tools[0].name: {}}]), mode="strict")
    page = render("m", "d", {"plain": [right]})
    assert "Every answer is right." in page and embedded(page)["rows"] == []
