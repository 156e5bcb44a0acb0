"""The limit on requests in flight: first come, first served; halved on overload, recovered."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from generators.endpoint.limit import AdaptiveLimit


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def filled(most: int, clock: Clock) -> AdaptiveLimit:
    """A limit with all its places taken, and a mean latency of one second."""
    limit = AdaptiveLimit(most, clock)
    limit.succeeded(1.0)
    limit.in_flight = most
    return limit


def test_no_more_than_the_limit_are_in_flight_and_the_first_to_come_goes_first() -> None:
    async def work() -> None:
        limit, order = AdaptiveLimit(2), []

        async def one(number: int) -> None:
            await limit.acquire()
            order.append(number)
            assert limit.in_flight <= 2
            await asyncio.sleep(0)
            limit.release()

        await asyncio.gather(*(one(number) for number in range(9)))
        assert order == list(range(9)) and limit.in_flight == 0

    run(work)


def test_one_overload_reported_by_many_requests_halves_once() -> None:
    clock = Clock()
    limit = filled(64, clock)
    for _ in range(40):
        limit.overloaded()
    assert limit.width == 32
    clock.now += 1.0
    limit.overloaded()
    assert limit.width == 16


def test_a_burst_of_refusals_before_the_first_answer_halves_once() -> None:
    limit = AdaptiveLimit(256, Clock())
    for _ in range(200):
        limit.overloaded()
    assert limit.width == 128


def test_the_width_never_falls_below_one_and_recovers_to_the_most_but_not_beyond() -> None:
    clock = Clock()
    limit = filled(64, clock)
    for _ in range(20):
        clock.now += 1.0
        limit.overloaded()
    assert limit.width == 1
    rounds = 0
    while limit.width < 64:
        rounds += 1
        for _ in range(int(limit.width)):
            limit.succeeded(1.0)
    assert 14 <= rounds <= 20
    limit.succeeded(1.0)
    assert limit.width == 64


def test_a_lost_connection_alone_is_bad_luck_and_many_are_overload() -> None:
    clock = Clock()
    limit = filled(64, clock)
    for _ in range(30):
        limit.lost()
        clock.now += 1.0
    assert limit.width == 64
    for _ in range(7):
        limit.lost()
    assert limit.width == 32


def test_a_request_cancelled_while_it_waits_takes_no_place() -> None:
    async def work() -> None:
        limit = AdaptiveLimit(1)
        await limit.acquire()
        waiting = [asyncio.create_task(limit.acquire()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        limit.release()
        # Cancelled in the very moment in which it is given the place.
        waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert limit.in_flight == 1
        limit.release()
        assert limit.in_flight == 0
        await asyncio.wait_for(limit.acquire(), 5)

    run(work)
