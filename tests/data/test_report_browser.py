"""The page in a real browser: nothing is loaded, nothing is run but our script, the table works."""

import base64
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from data.report.page import render
from tests.browsing import MARKS, Browser
from tests.conftest import SmallRun
from tests.data.test_report import HOSTILE, embedded, hostile_page

pytestmark = MARKS


@pytest.fixture(scope="module")
def page(small_run: SmallRun) -> Path:
    return small_run.result.folder.path / "report.html"


@pytest.fixture(scope="module")
def rows(page: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = embedded(page.read_text())["rows"]
    return found


def said(row: dict[str, Any], tools: list[dict[str, Any]]) -> str:
    """All that the search looks through, in one text."""
    texts = [row[key] for key in ("id", "style", "category", "split", "stage", "reason")]
    texts += [row["detail"], row["query"], row["completion"]]
    for message in row["messages"]:
        texts += [message["content"], message["thought"]]
        texts += [text for call in message["calls"] for text in (call["name"], call["arguments"])]
    texts += [result["value"] for result in row["results"]]
    texts += [tools[number]["name"] for number in row["tools"]]
    return "\n".join(texts).lower()


def test_the_page_loads_nothing_and_has_nothing_to_complain_of(
    browser: Browser, page: Path
) -> None:
    for scheme in ("light", "dark"):
        browser.media(scheme=scheme)
        browser.open(page)
        browser.find("#rows button").click()
        assert browser.requests() <= {page.as_uri(), "data:,"}
        assert browser.complaints() == []
    browser.media(scheme="light")


def test_the_policy_stops_what_is_not_ours(browser: Browser, page: Path) -> None:
    browser.open(page)
    stopped = browser.script(
        """
        const script = document.createElement("script");
        script.textContent = "window.hacked = 1";
        document.body.append(script);
        const image = new Image();
        image.src = "file:///etc/hostname.png";
        document.body.append(image);
        return window.hacked === undefined;
        """
    )
    assert stopped
    assert any("Content Security Policy" in text for text in browser.complaints())


@pytest.mark.parametrize("field", ["style", "category", "split", "stage", "reason"])
def test_every_filter_narrows_the_rows_to_those_it_names(
    browser: Browser, page: Path, rows: list[dict[str, Any]], field: str
) -> None:
    browser.open(page)
    offered = {option.get_attribute("value") for option in browser.all(f"#{field} option")} - {""}
    assert offered == {row[field] for row in rows} - {""}
    for value in sorted(offered):
        browser.choose(field, value)
        browser.hits_become(sum(row[field] == value for row in rows))


def test_kept_and_rejected_rows_can_be_told_apart(
    browser: Browser, page: Path, rows: list[dict[str, Any]]
) -> None:
    browser.open(page)
    browser.hits_become(len(rows))
    browser.choose("status", "rejected")
    browser.hits_become(sum(bool(row["stage"]) for row in rows))
    assert {cell.text for cell in browser.all("#rows .status")} == {"rejected"}
    browser.choose("status", "kept")
    browser.hits_become(sum(not row["stage"] for row in rows))
    browser.choose("style", "parallel")
    browser.hits_become(sum(row["style"] == "parallel" for row in rows if not row["stage"]))
    browser.reset()
    browser.hits_become(len(rows))


@pytest.mark.parametrize("text", ["convert", "SQUARE root", "malformed", "{", "zzz-nowhere", "<b>"])
def test_the_search_finds_the_rows_that_hold_all_its_words(
    browser: Browser, page: Path, text: str
) -> None:
    data = embedded(page.read_text())
    haystacks = [said(row, data["tools"]) for row in data["rows"]]
    words = text.lower().split()
    browser.open(page)
    browser.search(text)
    browser.hits_become(sum(all(word in held for word in words) for held in haystacks))


def test_more_rows_come_when_asked_for(
    browser: Browser, page: Path, rows: list[dict[str, Any]]
) -> None:
    browser.open(page)
    assert len(browser.all("#rows button")) == 50
    while browser.find("#more").is_displayed():
        browser.find("#more").click()
    assert len(browser.all("#rows button")) == len(rows)


def test_a_row_opens_by_keyboard_and_shows_what_it_holds(
    browser: Browser, page: Path, rows: list[dict[str, Any]]
) -> None:
    number = next(n for n, row in enumerate(rows) if not row["stage"] and row["results"])
    row = rows[number]
    browser.open(page)
    browser.search(row["id"])
    browser.find("#q").send_keys(Keys.TAB)
    for _ in range(len(browser.all("#controls select")) + 1):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
    button = browser.driver.switch_to.active_element
    assert button.get_attribute("aria-expanded") == "false"
    button.send_keys(Keys.ENTER)
    assert button.get_attribute("aria-expanded") == "true"
    record = browser.find(".record")
    assert [item.text for item in browser.all(".verdicts li")] == [
        f"{stage} {finding}" for stage, finding in row["verdicts"]
    ]
    for message in row["messages"]:
        assert message["content"] in record.text
        for call in message["calls"]:
            assert call["name"] in record.text
            assert call["arguments"] in record.get_property("textContent")
    for result in row["results"]:
        assert result["value"] in record.get_property("textContent")
    tools = embedded(page.read_text())["tools"]
    offered = browser.find(".record > details")
    offered.find_element(By.TAG_NAME, "summary").click()
    for tool in row["tools"]:
        assert tools[tool]["name"] in offered.text
        assert tools[tool]["parameters"] in offered.get_property("textContent")
    button.send_keys(Keys.SPACE)
    assert browser.all(".record") == []


def test_the_address_remembers_what_is_shown(
    browser: Browser, page: Path, rows: list[dict[str, Any]]
) -> None:
    browser.open(page)
    browser.choose("status", "rejected")
    browser.choose("stage", "format")
    browser.search("call_0")
    browser.find("#rows button").click()
    address, hits, record = browser.driver.current_url, browser.hits(), browser.find(".record").text
    assert address.startswith(page.as_uri() + "#")
    browser.open(page, "#" + address.partition("#")[2])
    browser.hits_become(hits)
    assert browser.find(".record").text == record
    assert browser.find("#q").get_attribute("value") == "call_0"
    browser.open(page, "#style=no-such-style&row=99999")
    browser.hits_become(len(rows))


def test_a_reason_leads_to_its_rows(
    browser: Browser, page: Path, rows: list[dict[str, Any]]
) -> None:
    browser.open(page)
    link = browser.find(".reasons a")
    reason = link.find_element(By.XPATH, "./ancestor::tr/th/code").text
    link.click()
    browser.hits_become(sum(row["reason"] == reason for row in rows))
    assert Select(browser.find("#reason")).first_selected_option.text == reason


def test_light_and_dark_can_both_be_read(browser: Browser, page: Path) -> None:
    contrast = """
        const luminance = (colour) => {
          const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((part) => {
            part /= 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        const paper = luminance(style("section").backgroundColor);
        return [...["h2", ".intro", ".reasons a", ".meaning", ".records .reason", ".hits"].map((s) => ratio(luminance(style(s).color), paper)),
                ...["text.fill-ink"].map((s) => ratio(luminance(style(s).fill), paper)),
                ...[...document.querySelectorAll("td.cell[class*=shade]")].map((cell) =>
                  ratio(luminance(getComputedStyle(cell).color), luminance(getComputedStyle(cell).backgroundColor)))];
    """  # noqa: E501
    papers = set()
    for scheme in ("light", "dark"):
        browser.media(scheme=scheme)
        browser.open(page, "#status=rejected")
        assert min(browser.script(contrast)) >= 4.5
        papers.add(browser.script("return getComputedStyle(document.body).backgroundColor"))
    assert len(papers) == 2
    browser.media(scheme="light")


def test_the_page_prints_with_the_rows_that_are_shown(browser: Browser, page: Path) -> None:
    browser.open(page, "#status=kept")
    shown = browser.hits()
    assert shown > 50
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    assert len(browser.all("#rows button")) == shown
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not browser.find("#controls").is_displayed()
    assert browser.find("#funnel .plot").is_displayed()
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_hostile_records_stay_text(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(render(hostile_page()), encoding="utf-8")
    browser.open(path)
    browser.hits_become(2 * len(HOSTILE))
    for button in browser.all("#rows button"):
        button.send_keys(Keys.ENTER)
    browser.script("document.querySelectorAll('details').forEach((item) => { item.open = true; })")
    assert len(browser.all(".record")) == 2 * len(HOSTILE)
    assert browser.script("return window.hacked") is None
    assert browser.all("img") == []
    assert len(browser.all("script")) == 2
    texts = {item.get_property("textContent") for item in browser.all(".content")}
    assert set(HOSTILE[:5]) <= texts
    assert browser.requests() <= {path.as_uri(), "data:,"}
    assert browser.complaints() == []
    # Nothing sticks out of the window, however long its words are.
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")
