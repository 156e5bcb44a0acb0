"""The shipped catalogue does what `CONTRIBUTING.md` asks of it."""

import asyncio
import random

import pytest

from api_registry.check import check_examples
from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.schema_check import check_arguments
from api_registry.types import Api, tool_of
from generators.embedded.generator import split_phrasings
from generators.embedded.phrasing import check_phrasings, parse
from generators.similarity import NEAR_DUPLICATE, Similarity

LOADED = load_apis(["api_registry.catalog"])


def test_it_is_large_and_wide_and_nothing_in_it_is_skipped() -> None:
    assert LOADED.skipped == ()
    assert len(LOADED.apis) >= 60
    assert len({api.category for api in LOADED.apis}) >= 12


def test_every_example_fits_its_schema_and_runs_and_twice_alike() -> None:
    async def check() -> None:
        async with RunnerPool(LOADED.apis, ExecutionConfig()) as pool:
            for _ in range(2):
                failed = [c for c in await check_examples(LOADED.apis, pool) if not c.passed]
                assert failed == []

    asyncio.run(check())


@pytest.mark.parametrize("api", LOADED.apis, ids=lambda api: api.name)
def test_an_api_is_described_shown_and_phrased(api: Api) -> None:
    assert api.description
    assert api.returns is not None
    assert len(api.examples) >= 3
    assert len(api.phrasings) >= 3
    assert check_phrasings(api) == []
    properties = api.parameters["properties"]
    assert all(schema.get("description") for schema in properties.values())
    training, held_out = split_phrasings(api)
    assert held_out
    assert not set(training) & set(held_out)


@pytest.mark.parametrize("api", LOADED.apis, ids=lambda api: api.name)
def test_every_required_value_can_be_left_out_of_some_query(api: Api) -> None:
    droppable = {name for text in api.phrasings for name in parse(text).droppable}
    assert set(api.parameters.get("required", ())) <= droppable


def test_optional_enum_array_date_and_boolean_parameters_are_common() -> None:
    shown = {
        "optional": lambda api: (
            len(api.parameters["properties"]) > len(api.parameters.get("required", ()))
        ),
        "enum": lambda api: "'enum'" in str(api.parameters),
        "array": lambda api: "'array'" in str(api.parameters),
        "date": lambda api: "'date'" in str(api.parameters),
        "boolean": lambda api: "'boolean'" in str(api.parameters),
    }
    counts = {kind: sum(1 for api in LOADED.apis if has(api)) for kind, has in shown.items()}
    assert min(counts.values()) >= 6, counts


def test_similar_tools_are_there_and_interchangeable_ones_are_not() -> None:
    similarity = Similarity(LOADED.apis)
    closest = [similarity.neighbours(index)[0][0] for index in range(len(LOADED.apis))]
    assert max(closest) < NEAR_DUPLICATE
    assert sum(score > 0.3 for score in closest) >= 20


def test_random_examples_are_judged_by_the_strict_validator() -> None:
    rng = random.Random(0)
    for api in rng.sample(LOADED.apis, 20):
        for arguments in api.examples:
            assert check_arguments(tool_of(api), arguments) is None
            assert check_arguments(tool_of(api), {**arguments, "no such": 1}) is not None
