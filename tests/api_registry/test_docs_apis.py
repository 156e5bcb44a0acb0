"""The page on what becomes a tool is true, row by row."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO, Annotated, Any, Literal, SupportsFloat
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import Field

from api_registry.signatures import read_signature
from tests.api_registry.stranger_cases import SKIPPED

PAGE = (Path(__file__).parents[2] / "docs" / "apis.md").read_text(encoding="utf-8")
NAMES = {
    kind.__name__: kind
    for kind in (date, datetime, time, timedelta, IPv4Address, Path, UUID, ZoneInfo)
} | {
    "IO": IO,
    "Annotated": Annotated,
    "Any": Any,
    "Field": Field,
    "Iterable": Iterable,
    "Literal": Literal,
    "SupportsFloat": SupportsFloat,
    "re": re,
}
ROWS = re.findall(r"^\| `(.+)` \| `(\{.*\})` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("hint", "schema"), ROWS, ids=[hint for hint, _ in ROWS])
def test_a_hint_gives_the_schema_that_the_page_shows(hint: str, schema: str) -> None:
    def function(value: Any) -> None:
        """Take a value."""

    function.__annotations__["value"] = eval(hint.replace("\\|", "|"), NAMES)
    assert read_signature(function).parameters["properties"]["value"] == json.loads(schema)


def test_the_page_shows_many_types() -> None:
    assert len(ROWS) > 20


def test_every_reason_that_strangers_were_skipped_for_stands_on_the_page() -> None:
    shown = re.sub(r"`\w+`", "`x`", PAGE.partition("## What is skipped")[2])
    for reason in SKIPPED.values():
        plain = re.sub(r"`[*\w]+`", "`x`", reason)
        start = re.split(r": name | has no type hint|: Cannot|: Unable", plain)[0]
        assert start in shown, reason
