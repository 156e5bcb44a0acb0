"""Values out of what a parameter's name and description say."""

import random
from datetime import date
from typing import Any

import pytest

from generators.embedded.pools import sample_value
from generators.embedded.told import shape, told_numbers, told_texts


def drawn(schema: dict[str, Any], about: str, count: int = 200) -> list[Any]:
    rng = random.Random(7)
    return [sample_value(schema, rng, about=about) for _ in range(count)]


@pytest.mark.parametrize(
    ("description", "texts", "numbers"),
    [
        ("Annual rate as a decimal, e.g. 0.05 for 5%.", ("0.05",), (0.05,)),
        ("ISO code, e.g. 'DEU' or \"FRA\".", ("DEU", "FRA"), ()),
        ("Ticker symbol (e.g. AAPL, MSFT)", ("AAPL", "MSFT"), ()),
        ("Order number, for example INV-2093.", ("INV-2093",), ()),
        ("A user's name.", (), ()),
        ("Use 'fast' for speed.", (), ()),
    ],
)
def test_a_description_tells_examples(
    description: str, texts: tuple[str, ...], numbers: tuple[float, ...]
) -> None:
    assert told_texts(description) == texts
    assert told_numbers(description) == numbers


def test_the_shape_of_a_text_is_its_kinds_of_characters() -> None:
    assert [shape(text) for text in ("INV-2093", "DE", "Lisbon", "+1 415")] == [
        "A-9",
        "A",
        "Aa",
        "+9 9",
    ]


def test_examples_in_a_description_say_of_what_form_values_are() -> None:
    text = {"type": "string"}
    assert set(drawn(text, "country: ISO code, e.g. 'DEU'.\nLook up a country.")) == {"DEU"}
    assert {"SAP", "AAPL"} <= set(drawn(text, "symbol: Ticker (e.g. AAPL).\nGet a price."))


@pytest.mark.parametrize(
    ("about", "low", "high"),
    [
        ("annual_rate: Nominal rate as a decimal.", 0.01, 0.3),
        ("level: Between 0 and 1.", 0.05, 0.95),
        ("principal: Initial amount invested.", 1000, 50_000),
        ("height: Height in metres.", 1.4, 2.1),
        ("discount_rate: The rate, e.g. 0.1.", 0.05, 0.2),
        ("year", 1990, 2030),
    ],
)
def test_numbers_are_of_a_size_that_name_and_description_ask_for(
    about: str, low: float, high: float
) -> None:
    values = drawn({"type": "number"}, about)
    assert low <= min(values) and max(values) <= high


def test_within_the_schema_s_bounds_what_is_usual_is_drawn() -> None:
    percent = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100}
    assert min(drawn(percent, "percent: ")) >= 1
    month = {"type": "integer", "minimum": 1, "maximum": 3}
    assert set(drawn(month, "year: ")) <= {1, 2, 3}


def test_nobody_is_born_in_the_future() -> None:
    days = drawn({"type": "string", "format": "date"}, "birth_date: Date of birth.")
    assert max(map(date.fromisoformat, days)) < date(2011, 1, 1)


def test_a_name_that_says_little_is_read_with_the_task() -> None:
    numbers = drawn({"type": "string"}, "number: \nMask a credit card number.")
    assert all(len(value.replace(" ", "")) in (15, 16) for value in numbers)


def test_rows_of_one_table_have_the_same_columns() -> None:
    rows = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
    for table in drawn(rows, "rows: ", 20):
        assert len({tuple(row) for row in table}) == 1
