"""Shared by all tests: small hand-made APIs and samples, no mocks."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from api_registry.types import Api
from flows.config import RunConfig
from flows.pipeline import RunResult, run
from tests.sharing import made_once

if TYPE_CHECKING:
    from tests.browsing import Browser

# Threads of several processes that contend for the same cores are ten times slower than one each.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


class SilentProgress:
    """Nobody watches."""

    def start(self, total: int, done: int) -> None:
        pass

    def advance(self, drafts: int, kept: int) -> None:
        pass

    def finish(self) -> None:
        pass


@dataclass(frozen=True)
class SmallRun:
    """A finished run over the shipped catalogue."""

    result: RunResult
    kept: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    cache: Path
    """Folder for whatever reads it."""


def make_run(out: Path, **settings: Any) -> RunResult:
    """Run the pipeline; settings as in `RunConfig`, with the output below `out`."""
    settings = {"samples": 300, "output": {"out": str(out), "shard_size": 100}} | settings
    return asyncio.run(run(RunConfig.model_validate(settings), SilentProgress()))


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> SmallRun:
    """600 drafts with some planted faults, so that there are kept and rejected rows."""

    def make(out: Path) -> RunResult:
        return make_run(out, samples=600, generator={"faults": 0.1})

    _, result = made_once(tmp_path_factory, "runs", make)
    rows = {
        kind: [
            row
            for path in sorted(result.folder.shards.glob(f"{kind}-*.parquet"))
            for row in pq.read_table(path).to_pylist()
        ]
        for kind in ("kept", "rejected")
    }
    return SmallRun(result, rows["kept"], rows["rejected"], tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Browser]":
    """Chromium, for modules with `tests.browsing.MARKS`."""
    from tests.browsing import Browser  # Selenium takes a while, and few modules want it

    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


@pytest.fixture
def apis() -> list[Api]:
    """Twenty-four APIs in six categories, each with a required and an optional parameter."""
    return [make_api(f"{verb}_{noun}", noun) for noun in NOUNS for verb in VERBS]


NOUNS = ("length", "invoice", "recipe", "route", "palette", "roster")
VERBS = ("convert", "describe", "compare", "archive")


def make_api(name: str, category: str) -> Api:
    """An API with one required number and one optional choice."""
    verb, _, noun = name.partition("_")
    return Api(
        name=name,
        description=f"{verb.capitalize()} a {noun} the {verb} way.",
        parameters={
            "type": "object",
            "properties": {
                "value": {"type": "number", "description": f"Size of the {noun}."},
                "mode": {"type": "string", "enum": ["fast", "slow"], "default": "fast"},
            },
            "required": ["value"],
            "additionalProperties": False,
        },
        category=category,
        phrasings=(f"{verb} the {noun} of {{value}}",),
        ref=f"tests:{name}",
    )
