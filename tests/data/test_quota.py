"""Quotas: whole numbers near the shares, rows taken in order, copies once."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.quota import Quota, Taken, apportioned, take_rows

SHARES = {"simple": 0.5, "parallel": 0.3, "irrelevant": 0.2}


def row(draft: int, style: str = "simple", query: str | None = None) -> dict[str, Any]:
    return {
        "id": f"{draft:032x}",
        "query": query or f"what is {draft} doubled",
        "tools": json.dumps([{"name": "double"}]),
        "answers": json.dumps([{"name": "double", "arguments": {"value": 1}}]),
        "messages": [],
        "n_turns": 2,
        "style": style,
        "provenance": json.dumps({"draft": draft}),
    }


def taken(rows: list[dict[str, Any]], wanted: int) -> tuple[Taken, Quota]:
    quota = Quota(wanted, SHARES)
    return take_rows(lambda columns: rows, quota), quota


@given(
    st.integers(1, 10_000),
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 1), min_size=1),
)
def test_rooms_sum_to_what_is_wanted_and_differ_from_the_shares_by_less_than_one(
    wanted: int, shares: dict[str, float]
) -> None:
    rooms = apportioned(wanted, shares)
    assert sum(rooms.values()) == wanted
    total = sum(shares.values())
    assert all(abs(rooms[key] - wanted * share / total) < 1 for key, share in shares.items())


def test_rows_are_taken_in_order_until_there_are_enough() -> None:
    styles = ["simple"] * 7 + ["parallel"] * 3 + ["irrelevant"] * 5
    found, quota = taken([row(2 * place, style) for place, style in enumerate(styles)], 10)
    assert quota.taken == 10 and quota.full() and quota.lacking == {}
    assert found == Taken(end=12, last=22, over={5, 6})
    assert [place for place, _ in found.until_end(list(map(row, range(15))))] == list(range(12))
    assert len(list(found.rows(list(map(row, range(15)))))) == 10


def test_a_copy_takes_no_room_and_is_left_to_the_search_for_copies() -> None:
    rows = [row(0, query="Double one!"), row(1, query="double one"), row(2)]
    found, quota = taken(rows, 4)
    assert quota.taken == 2 and found == Taken()
    assert quota.lacking == {"parallel": 1, "irrelevant": 1}


def test_without_a_quota_everything_is_taken() -> None:
    assert take_rows(lambda columns: pytest.fail("needs no row"), None) == Taken()
