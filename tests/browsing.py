"""Chromium, as the tests of our pages drive it.

Needs Debian's packages `chromium` and `chromium-driver`; `.ci/run` installs them.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

MARKS = [
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"
    ),
    # Selenium leaves its connection to the driver to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,1000",
)  # fmt: skip


class Browser:
    """Chromium, and what the tests ask of it."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(str(DRIVER))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.media(scheme="light")

    def media(self, *, scheme: str) -> None:
        features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": name, "value": value} for name, value in features.items()]},
        )

    def open(self, path: Path, state: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.get(path.as_uri() + state)
        # On a busy machine the driver has answered before the page was there.
        WebDriverWait(self.driver, 30).until(
            lambda driver: driver.execute_script(
                "return document.readyState === 'complete' && location.protocol === 'file:'"
            ),
            f"{path} did not load",
        )

    def shows(self, *texts: str) -> None:
        """Wait until a page that is made by scripts shows all of this."""
        WebDriverWait(self.driver, 60).until(
            # Asked of the document: its elements come and go while the page is drawn.
            lambda driver: all(
                text in driver.execute_script("return document.body.innerText") for text in texts
            ),
            f"the page does not show {texts}",
        )  # fmt: skip

    def requests(self) -> set[str]:
        """Everything asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in
                  self.driver.get_log("performance")]  # fmt: skip
        return {
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        }

    def complaints(self) -> list[str]:
        """What the console says: errors, warnings, and anything the policy stopped."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def script(self, text: str) -> Any:
        return self.driver.execute_script(text)

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def hits(self) -> int:
        return int(self.find("#hits").text.split()[0])

    def hits_become(self, count: int) -> None:
        """Wait for the table: events reach the page a little after the driver sent them."""
        WebDriverWait(self.driver, 10).until(
            lambda _: self.hits() == count, f"expected {count} hits"
        )

    def choose(self, field: str, value: str) -> None:
        Select(self.find(f"#{field}")).select_by_value(value)

    def search(self, text: str) -> None:
        self.find("#q").clear()
        self.find("#q").send_keys(text)

    def reset(self) -> None:
        self.find("#controls button").click()
