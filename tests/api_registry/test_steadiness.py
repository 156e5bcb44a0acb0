"""APIs whose results depend on chance, time or earlier calls are found by repeating calls."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.steadiness import broken_environments, declared, find_unsteady, marked, needing
from api_registry.types import Api

APIS = '''
import os, random, time, uuid
from api_registry.decorator import api, environment

STORE = {}

def add(a: int, b: int) -> int:
    """Add."""
    return a + b

def put(key: str, value: int) -> bool:
    """Keep a value."""
    STORE[key] = value
    return True

def get(key: str) -> int | None:
    """Look a value up."""
    return STORE.get(key)

def count() -> int:
    """Count its own calls."""
    STORE["count"] = STORE.get("count", 0) + 1
    return STORE["count"]

def seeded() -> float:
    """Draw a number: the same for every call, as runners seed."""
    return random.random()

def token() -> str:
    """Make a token."""
    return str(uuid.uuid4())

def now() -> int:
    """Tell the time."""
    return time.time_ns()

def fails(a: int) -> int:
    """Fail."""
    raise ValueError(a)

def ends() -> int:
    """End the process."""
    os._exit(0)

@api(effects={"network"})
def online() -> int:
    """Need the network."""
    return time.time_ns()

@api(effects={"random"})
def dice() -> int:
    """Say of itself that it is random."""
    return time.time_ns() % 6

@environment
class Counter:
    """Counts."""
    def __init__(self) -> None:
        self.count = 0
    def up(self) -> int:
        """Count up."""
        self.count += 1
        return self.count

@environment
class Bag:
    """Holds a set, and says nothing of how it is written down."""
    def __init__(self) -> None:
        self.things = {1}
    def size(self) -> int:
        """Count."""
        return len(self.things)

@environment
class Forgetful:
    """Comes back other than it was."""
    def __init__(self) -> None:
        self.made = 0
    def state(self) -> int:
        return self.made + 1
    @classmethod
    def from_state(cls, state: int) -> "Forgetful":
        made = cls()
        made.made = state
        return made
    def made_at(self) -> int:
        """Tell."""
        return self.made
'''
ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "add": [{"a": 1, "b": 2}, {"a": 0, "b": 0}],
    "put": [{"key": "x", "value": 1}],
    "get": [{"key": "x"}, {"key": "count"}],
    "fails": [{"a": 1}],
    **{name: [{}] for name in ("count", "seeded", "token", "now", "ends", "online", "dice", "up")},
}


@pytest.fixture
def apis(tmp_path: Path) -> tuple[Api, ...]:
    path = tmp_path / "unsteady_apis.py"
    path.write_text(APIS)
    return load_apis([str(path)]).apis


def with_pool(apis: tuple[Api, ...], work: Any) -> Any:
    async def run() -> Any:
        async with RunnerPool(apis, ExecutionConfig(workers=1)) as pool:
            return await work(pool)

    return asyncio.run(run())


def test_calls_are_repeated_and_what_differs_is_marked(apis: tuple[Api, ...]) -> None:
    found = with_pool(apis, lambda pool: find_unsteady(apis, ARGUMENTS, pool))
    assert found == {"count": "stateful", "get": "stateful", "now": "random", "token": "random"}
    effects = {api.name: api.effects for api in marked(apis, found)}
    assert (effects["count"], effects["now"]) == (("stateful",), ("random",))
    assert (effects["add"], effects["online"]) == ((), ("network",))
    assert declared(marked(apis, found)) == found | {
        "dice": "random", "up": "stateful", "size": "stateful", "made_at": "stateful",
    }  # fmt: skip


def test_marks_need_nobodys_leave(apis: tuple[Api, ...]) -> None:
    by_name = {api.name: api for api in apis}
    assert needing(by_name["dice"], ()) == ()
    assert needing(by_name["online"], ()) == ("network",)
    assert needing(by_name["online"], ("network",)) == ()


def test_environments_that_do_not_come_back_from_their_state_are_told(
    apis: tuple[Api, ...],
) -> None:
    problems = with_pool(apis, lambda pool: broken_environments(apis, pool))
    assert set(problems) == {"Bag", "Forgetful"}
    assert "no plain JSON" in problems["Bag"]
    assert "it holds another: 2" in problems["Forgetful"]
