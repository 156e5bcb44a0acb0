"""Calls on stateful APIs: run in listed order on one state, and tried in every other order.

The calls of one assistant turn on one environment are a parallel set. It counts as parallel only if
every order of them gives the same results and the same state; of large sets, as many orders as
`MAX_ORDERS`, the reverse among them.
"""

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api_registry.types import ApiCall, CallResult, Executor, Snapshot
from data.identity import canonical_json

MAX_ORDERS = 24
"""Orders of one parallel set that are tried, the listed one included: all of up to four calls."""


@dataclass(frozen=True)
class Scene:
    """What `Sample.environment` says, as JSON: `{"name": "Cart", "state": {…}}`."""

    name: str
    state: Any = None
    """What the environment starts from; its own initial state if null or absent."""

    @classmethod
    def read(cls, text: str) -> "Scene":
        """Read a sample's environment. Raises `ValueError` saying what is wrong."""
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict) or not isinstance(value.get("name"), str):
            raise ValueError('expected JSON of the form {"name": "Cart", "state": {…}}')
        if unknown := value.keys() - {"name", "state"}:
            raise ValueError(f"unknown key `{min(unknown)}`; known: name, state")
        return cls(value["name"], value.get("state"))

    def written(self) -> str:
        """The form that `read` reads."""
        return canonical_json({"name": self.name, "state": self.state})


@dataclass(frozen=True)
class Played:
    """What came of a scene."""

    results: tuple[CallResult, ...]
    """In the order of the calls."""
    final: Snapshot
    disagreement: str | None
    """Why a set of calls does not count as parallel; None where all do."""


async def play(executor: Executor, scene: Scene, sets: Sequence[Sequence[ApiCall]]) -> Played:
    """Run sets of calls, one after the other on one state, each in the order listed.

    Each set of several calls whose results are all good is then run in its other orders, on a state
    made anew by the sets before it.

    Raises `ValueError` when the environment holds no such state.
    """
    results: list[CallResult] = []
    marks: list[tuple[list[CallResult], str | None]] = []
    async with await executor.open(scene.name, scene.state) as session:
        if session.failure:
            raise ValueError(session.failure.removeprefix("on opening: "))
        final = await session.snapshot()
        for calls in sets:
            found = await session.run(list(calls))
            final = await session.snapshot()
            marks.append((found, final.digest))
            results += found
    disagreement = None
    for index, calls in enumerate(sets):
        found, digest = marks[index]
        good = digest is not None and all(result.outcome == "ok" for result in found)
        if disagreement is None and good:
            before = [call for earlier in sets[:index] for call in earlier]
            disagreement = await _disagreement(executor, scene, before, calls, found, digest)
    return Played(tuple(results), final, disagreement)


async def _disagreement(
    executor: Executor,
    scene: Scene,
    before: list[ApiCall],
    calls: Sequence[ApiCall],
    found: Sequence[CallResult],
    digest: str | None,
) -> str | None:
    listed = {result.call: result for result in found}
    for order in orders(len(calls)):
        async with await executor.open(scene.name, scene.state) as session:
            await session.run(before)
            tried = await session.run([calls[index] for index in order])
            after = await session.snapshot()
        names = ", ".join(calls[index].id for index in order)
        for result in tried:
            if result != listed[result.call]:
                return f"{result.call} gives another result in the order {names}"
        if after.digest != digest:
            return f"the order {names} leaves another state"
    return None


def orders(count: int) -> Iterator[tuple[int, ...]]:
    """Orders of so many calls, the listed one left out; the reverse first."""
    listed = tuple(range(count))
    every = itertools.permutations(listed)
    if count <= 4:
        yield from sorted((order for order in every if order != listed), reverse=True)
        return
    rng = random.Random(count)
    seen = {listed}
    order = listed[::-1]
    while len(seen) < MAX_ORDERS:
        if order not in seen:
            seen.add(order)
            yield order
        order = tuple(rng.sample(listed, count))
