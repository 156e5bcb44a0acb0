"""Sessions: calls in order on one state, which a killed runner does not take with it."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api_registry.execution.pool import RunnerPool
from api_registry.execution.session import PooledSession
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall, CallResult, Snapshot

APIS = '''
import os, threading, time
from dataclasses import dataclass, field
from datetime import date
from pydantic import BaseModel
from api_registry.decorator import api, environment


@environment
@dataclass
class Cart:
    """A shopping cart."""

    items: dict[str, int] = field(default_factory=dict)
    due: date | None = None

    def add(self, name: str, quantity: int = 1) -> int:
        """Put something in."""
        self.items[name] = self.items.get(name, 0) + quantity
        return self.items[name]

    async def deliver(self, day: date) -> str:
        """Set the day of delivery."""
        self.due = day
        return f"{day:%A}"

    def crash(self) -> None:
        """Change the state and end the process."""
        self.items.clear()
        os._exit(3)

    def hang(self) -> None:
        """Never end."""
        while True:
            pass

    def fail(self) -> None:
        """Change the state and raise."""
        self.items["failed"] = 1
        raise ValueError("no")

    def tainted(self) -> None:
        """Hold what has no JSON form."""
        self.items["x"] = object()

    def _hidden(self) -> int:
        """Not offered."""
        return 1


@environment
class Lock:
    """A door's lock, whose state are its attributes."""

    def __init__(self) -> None:
        self.open = False
        self.log = []

    def turn(self) -> bool:
        """Turn the key."""
        self.open = not self.open
        self.log.append(self.open)
        return self.open


@environment
class Stock(BaseModel):
    """Goods, as a pydantic model."""

    count: int = 5

    def take(self) -> int:
        """Take one."""
        self.count -= 1
        return self.count


@environment
class Ledger:
    """Balances, with a form of state of its own."""

    def __init__(self) -> None:
        self._seen = {"opening"}

    def state(self) -> list[str]:
        return sorted(self._seen)

    @classmethod
    def from_state(cls, state: list[str]) -> "Ledger":
        ledger = cls()
        ledger._seen = set(state)
        return ledger

    def note(self, text: str) -> int:
        """Write a line."""
        self._seen.add(text)
        return len(self._seen)


@environment
class Clock:
    """Gives another answer each time it is made anew."""

    def __init__(self) -> None:
        self.made = time.time()

    def age(self) -> float:
        """Tell when it was made."""
        return self.made

    def stop(self) -> None:
        """End the process."""
        os._exit(0)


class Opaque:
    """Holds what is not JSON."""

    def __init__(self) -> None:
        self.tags = {"a"}

    def size(self) -> int:
        """Count."""
        return len(self.tags)


@environment
class Needy:
    """Cannot be made without an argument."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def who(self) -> str:
        """Tell the owner."""
        return self.owner


class Ordinary:
    """A class that nobody has marked."""

    def method(self) -> int:
        """Not offered."""
        return 1


TALLY = [0]

def tally() -> int:
    """Count calls in the module."""
    TALLY[0] += 1
    return TALLY[0]

def process() -> int:
    """Return the process."""
    return os.getpid()
'''


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("apis") / "shop_apis.py"
    path.write_text(APIS)
    return str(path)


def with_pool(source: str, work: Callable[[RunnerPool], Awaitable[Any]], **settings: Any) -> Any:
    async def run() -> Any:
        config = ExecutionConfig.model_validate({"timeout_s": 1, "workers": 1} | settings)
        apis = load_apis([source, f"{source}:Opaque"]).apis
        async with RunnerPool(apis, config) as pool:
            return await work(pool)

    return asyncio.run(run())


def call(api: str, **arguments: Any) -> ApiCall:
    return ApiCall(id=api, api=api, arguments=arguments)


def in_session(
    source: str, environment: str | None, *calls: ApiCall, state: Any = None
) -> tuple[list[CallResult], Snapshot]:
    async def work(pool: RunnerPool) -> tuple[list[CallResult], Snapshot]:
        async with await pool.open(environment, state) as session:
            return await session.run(list(calls)), await session.snapshot()

    found: tuple[list[CallResult], Snapshot] = with_pool(source, work)
    return found


def short(results: list[CallResult]) -> list[Any]:
    return [result.value if result.outcome == "ok" else result.outcome for result in results]


def test_an_environment_is_a_marked_or_named_class_whose_public_methods_are_apis(
    source: str,
) -> None:
    loaded = load_apis([source])
    apis = {api.name: api for api in loaded.apis}
    methods = {name for name, api in apis.items() if api.environment == "Cart"}
    assert methods == {"add", "deliver", "crash", "hang", "fail", "tainted"}
    assert apis["add"].parameters["required"] == ["name"]
    assert apis["add"].ref == f"{source}:Cart.add"
    assert {"method", "_hidden", "state", "from_state", "size"}.isdisjoint(apis)
    assert [item.reason for item in loaded.skipped] == [
        "its initial state needs owner: give every argument a default"
    ]
    [opaque] = load_apis([f"{source}:Opaque"]).apis
    assert (opaque.name, opaque.environment) == ("size", "Opaque")


def test_calls_of_a_session_share_a_state_and_single_calls_start_anew(source: str) -> None:
    results, snapshot = in_session(
        source, "Cart", call("add", name="tea"), call("add", name="tea", quantity=2),
        call("deliver", day="2027-03-01"),
    )  # fmt: skip
    assert short(results) == [1, 3, "Monday"]
    assert snapshot.state == {"items": {"tea": 3}, "due": "2027-03-01"}
    canonical = '{"due":"2027-03-01","items":{"tea":3}}'
    assert snapshot.digest == hashlib.sha256(canonical.encode()).hexdigest()
    single = with_pool(source, lambda pool: pool.run([call("add", name="tea")] * 2))
    assert short(single) == [1, 1]


@pytest.mark.parametrize(
    ("environment", "state", "calls", "values", "after"),
    [
        ("Cart", {"items": {"tea": 4}, "due": None}, ["add"], [5], None),
        ("Lock", {"open": True, "log": [True]}, ["turn"], [False], None),
        ("Lock", None, ["turn", "turn"], [True, False], {"open": False, "log": [True, False]}),
        ("Stock", {"count": 2}, ["take"], [1], {"count": 1}),
        ("Ledger", ["a", "b"], ["note"], [3], ["a", "b", "tea"]),
    ],
)
def test_a_session_starts_from_a_given_state(
    source: str, environment: str, state: Any, calls: list[str], values: list[Any], after: Any
) -> None:
    arguments = {"add": {"name": "tea"}, "note": {"text": "tea"}}
    made = [call(name, **arguments.get(name, {})) for name in calls]
    results, snapshot = in_session(source, environment, *made, state=state)
    assert short(results) == values
    assert snapshot.outcome == "ok"
    assert after is None or snapshot.state == after


@pytest.mark.parametrize(
    ("environment", "state", "outcome", "error"),
    [
        ("Cart", {"itmes": {}}, "not_serialisable", "made from this state it holds another"),
        ("Cart", {"items": 5}, "raised", "items"),
        ("Lock", {"open": True}, "not_serialisable", "a state of it has exactly log, open"),
        ("Cart", {"items": float("nan")}, "raised", "the state is not JSON"),
        ("Nowhere", None, "unregistered", "no environment `Nowhere` is registered"),
    ],
)
def test_a_bad_state_is_told_by_every_call_of_its_session(
    source: str, environment: str, state: Any, outcome: str, error: str
) -> None:
    results, snapshot = in_session(source, environment, *[call("add", name="x")] * 2, state=state)
    assert {result.outcome for result in results} == {snapshot.outcome} == {outcome}
    assert all((result.error or "").startswith("on opening: ") for result in results)
    assert error in (snapshot.error or "")


@pytest.mark.parametrize(("name", "outcome"), [("crash", "crashed"), ("hang", "timeout")])
def test_a_session_goes_on_after_a_call_that_took_its_process_down(
    source: str, name: str, outcome: str
) -> None:
    results, snapshot = in_session(
        source, "Cart", call("add", name="tea"), call("fail"), call(name), call("add", name="tea"),
        call(name), call("add", name="tea"),
    )  # fmt: skip
    # A call that raised keeps what it had done; one that was killed has changed nothing.
    assert short(results) == [1, "raised", outcome, 2, outcome, 3]
    assert snapshot.state == {"items": {"tea": 3, "failed": 1}, "due": None}


def test_a_state_that_cannot_be_restored_is_lost_and_said_to_be(source: str) -> None:
    results, snapshot = in_session(source, "Clock", call("age"), call("stop"), call("age"))
    assert [result.outcome for result in results] == ["ok", "crashed", "state_lost"]
    assert "gave other results or another state" in (results[2].error or "")
    assert snapshot.outcome == "state_lost"


def test_a_state_that_cannot_be_compared_is_lost_as_well(source: str) -> None:
    results, snapshot = in_session(
        source, "Cart", call("tainted"), call("crash"), call("add", name="tea")
    )
    assert [result.outcome for result in results] == ["ok", "crashed", "state_lost"]
    assert "its state cannot be compared" in (snapshot.error or "")


def test_a_state_without_json_form_costs_the_snapshot_and_no_call(source: str) -> None:
    results, snapshot = in_session(source, "Opaque", call("size"))
    assert short(results) == [1]
    assert snapshot.outcome == "not_serialisable"
    assert "give it `state()` and `from_state(state)`" in (snapshot.error or "")


def test_sessions_do_not_see_each_other_and_leave_runners_as_they_were(source: str) -> None:
    async def work(pool: RunnerPool) -> list[Any]:
        async with await pool.open("Cart") as one, await pool.open("Cart") as other:
            await one.run([call("add", name="tea")])
            mixed = await asyncio.gather(
                one.run([call("add", name="tea"), call("tally"), call("process")]),
                other.run([call("add", name="tea"), call("tally"), call("process")]),
                pool.run([call("tally"), call("process")]),
            )
        return [short(results) for results in mixed]

    one, other, single = with_pool(source, work)
    assert (one[:2], other[:2], single[:1]) == ([2, 1], [1, 1], [1])
    assert len({one[2], other[2], single[1]}) == 3


def test_a_session_without_an_environment_runs_functions_in_one_process(source: str) -> None:
    results, snapshot = in_session(source, None, call("tally"), call("tally"), call("take"))
    assert short(results) == [1, 2, "denied"]
    assert results[2].error == "`take` needs a session on `Stock`"
    assert (snapshot.outcome, snapshot.state) == ("ok", None)


def test_a_session_takes_no_methods_of_another_environment(source: str) -> None:
    results, _ = in_session(source, "Cart", call("add", name="x"), call("take"), call("nobody"))
    assert short(results) == [1, "denied", "unregistered"]


def test_a_closed_session_takes_no_calls(source: str) -> None:
    async def work(pool: RunnerPool) -> list[CallResult]:
        session = await pool.open("Cart")
        await session.close()
        await session.close()
        return await session.run([call("add", name="x")])

    [result] = with_pool(source, work)
    assert (result.outcome, result.error) == ("state_lost", "the session is closed")


def test_a_session_whose_caller_gave_up_is_lost_and_the_pool_is_not(source: str) -> None:
    async def work(pool: RunnerPool) -> tuple[PooledSession, list[CallResult]]:
        session = await pool.open("Cart")
        waiting = asyncio.create_task(session.run([call("hang")]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        lost = await session.run([call("add", name="x")])
        await session.close()
        return session, [*lost, *await pool.run([call("tally")])]

    _, results = with_pool(source, work)
    assert [result.outcome for result in results] == ["state_lost", "ok"]


def test_more_sessions_than_may_be_open_wait_for_their_turn(source: str) -> None:
    async def work(pool: RunnerPool) -> list[Any]:
        async def one(number: int) -> Any:
            async with await pool.open("Stock", {"count": number}) as session:
                return short(await session.run([call("take")]))

        return await asyncio.gather(*(one(number) for number in range(50)))

    assert with_pool(source, work, timeout_s=30) == [[number - 1] for number in range(50)]
