"""Tool names made safe for OpenAI's API, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_registry.names import SafeNames, is_safe, resolve_name

NAMES = st.lists(
    st.one_of(st.text(), st.from_regex(r"[ab][._ -]?[ab]{0,2}", fullmatch=True)), unique=True
)


@given(names=NAMES, seed=st.randoms())
def test_every_set_of_names_maps_to_safe_ones_and_back(names: list[str], seed: object) -> None:
    mapping = SafeNames(names)
    safe = [mapping.safe(name) for name in names]
    assert all(is_safe(name) for name in safe)
    assert len(set(safe)) == len(names)
    assert [mapping.original(name) for name in safe] == names
    seed.shuffle(names)  # type: ignore[attr-defined]
    assert [SafeNames(names).safe(name) for name in names] == [mapping.safe(n) for n in names]


def test_safe_names_stay_and_others_stay_readable() -> None:
    mapping = SafeNames(["get_user", "get.user", "calendar.events.list", "x" * 80, "", "погода"])
    assert mapping.safe("get_user") == "get_user"
    assert mapping.safe("calendar.events.list") == "calendar_events_list"
    assert mapping.safe("get.user").startswith("get_user_")
    assert mapping.safe("x" * 80).startswith("x" * 55 + "_")
    assert mapping.original("get_user_2") is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("math.sqrt", "math.sqrt"),
        ("math_sqrt", "math.sqrt"),
        ("functions.math.sqrt", "math.sqrt"),
        ("functions.get-user", "get-user"),
        ("functions.functions.get-user", "get-user"),
        ("tools.search", "tools.search"),
        ("get_user", None),
        ("sqrt", None),
        ("", None),
        ("functions.", None),
    ],
)
def test_a_written_name_resolves_only_where_it_is_exact(written: str, meant: str | None) -> None:
    assert resolve_name(written, ["math.sqrt", "get-user", "tools.search"]) == meant
