"""The review page in a real browser: rows marked, the file downloaded, the share computed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from typer.testing import CliRunner

from api_registry.errors import UsageError
from data.dataset_manifest import read_dataset_manifest
from data.review.draw import draw
from data.review.marks import Marks, read_marks, review_of
from data.review.page import render
from flows.cli import app
from tests.browsing import CHROMIUM, DRIVER, Browser
from tests.conftest import SmallRun
from tests.data.test_report import HOSTILE, row


def in_browser(test: Callable[..., None]) -> Callable[..., None]:
    """For tests that need Chromium."""
    missing = pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"
    )
    # Selenium leaves its connection to the driver to the garbage collector.
    left = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    marked: Callable[..., None] = missing(left(test))
    return marked


@pytest.fixture
def run(small_run: SmallRun, tmp_path: Path) -> Path:
    """A copy of a finished run, to be reviewed."""
    copy = tmp_path / "mine"
    copy.mkdir()
    shutil.copytree(small_run.result.folder.dataset, copy / "dataset")
    return copy


def command(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["review", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@in_browser
def test_twenty_rows_are_marked_downloaded_and_counted(
    run: Path, browser: Browser, tmp_path: Path
) -> None:
    command(str(run), "--n", "25", "--seed", "3")
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    browser.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
    )
    browser.open(run / "review.html")
    articles = browser.all("article")
    assert len(articles) == 25
    assert browser.find("#said").text == "0 of 25 marked"
    # Ten by the mouse, ten by the keyboard; the 3rd and the 15th are wrong.
    for place in range(10):
        mark = "wrong" if place == 2 else "right"
        articles[place].find_element(By.CSS_SELECTOR, f"input[value={mark}]").click()
    articles[2].find_element(By.CSS_SELECTOR, ".note").send_keys("12 is no number of the query")
    browser.find("#next").click()
    for place in range(10, 20):
        browser.driver.switch_to.active_element.send_keys("2" if place == 14 else "1")
    assert browser.find("#said").text == "20 of 25 marked, 90.0 % right (69.9 % to 97.2 %)"
    # What was marked is still there when the page is opened again.
    browser.open(run / "review.html")
    assert len(browser.all("article.right")) == 18
    assert len(browser.all("article.wrong")) == 2
    browser.find("#download").click()
    file = downloads / "marks.json"
    WebDriverWait(browser.driver, 20).until(lambda _: file.exists())
    assert browser.complaints() == []
    assert {url.partition(":")[0] for url in browser.requests()} <= {"file", "data", "blob"}

    marks = read_marks(file)
    manifest = read_dataset_manifest(run / "dataset")
    assert manifest is not None
    ids = [item["id"] for item in draw(run / "dataset", manifest, 25, 3)]
    assert set(marks.marks) == set(ids[:20])
    assert marks.notes == {ids[2]: "12 is no number of the query"}
    said = command(str(run), "--marks", str(file))
    assert "18 of 20 marked rows are right: 90.0%, 69.9% to 97.2% at 95 %" in said
    assert "5 of the rows drawn are not marked yet" in said
    after = read_dataset_manifest(run / "dataset")
    assert after is not None
    assert after.review is not None
    assert (after.review.right.hits, after.review.right.of) == (18, 20)
    card = (run / "dataset" / "README.md").read_text()
    assert "A person looked at 20 rows drawn at random and found 90.0% right (69.9% to" in card
    assert "No model has judged the rows." in card


@in_browser
def test_hostile_rows_stay_text(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    rows = [row(text, id=f"{n:032x}") for n, text in enumerate(HOSTILE)]
    html = render(rows, title=HOSTILE[0], shards="ab", seed=0)
    page.write_bytes(html.encode("utf-8", "replace"))
    browser.open(page)
    assert browser.script("return window.hacked === undefined")
    assert len(browser.all("article")) == len(HOSTILE)
    browser.find("article").send_keys(Keys.ARROW_DOWN)
    assert browser.complaints() == []


def test_the_draw_is_random_fair_and_repeatable(small_run: SmallRun) -> None:
    folder, manifest = small_run.result.folder.dataset, small_run.result.manifest
    first = [item["id"] for item in draw(folder, manifest, 50, 1)]
    assert first == [item["id"] for item in draw(folder, manifest, 50, 1)]
    other = [item["id"] for item in draw(folder, manifest, 50, 2)]
    assert len(set(first)) == 50
    assert len(set(first) & set(other)) < 25
    everything = draw(folder, manifest, 10_000, 1)
    assert len(everything) == manifest.funnel.kept
    assert len({json.loads(item["provenance"])["split"] for item in everything}) == len(
        manifest.splits
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"identity": "another"}, "of another data set"),
        ({"marks": {"who": "right"}}, "of another data set"),
        ({"marks": {}}, "no row is marked"),
    ],
)
def test_marks_of_another_set_or_none_are_refused(changes: dict[str, object], problem: str) -> None:
    marks = Marks.model_validate(
        {"identity": "ab", "seed": 0, "drawn": 2, "marks": {"x": "right"}} | changes
    )
    with pytest.raises(UsageError, match=problem):
        review_of(marks, "ab", {"x", "y"})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"marks": {"x": "perhaps"}}'])
def test_a_file_that_is_not_from_the_page_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "marks.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="not a file that the review page gave"):
        read_marks(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_marks(tmp_path / "none.json")
