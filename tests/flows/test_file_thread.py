import asyncio
import threading
from contextvars import ContextVar

import pytest

from flows.file_thread import in_file_thread

told: ContextVar[str] = ContextVar("told", default="nothing")


def test_work_on_files_is_done_by_one_thread_in_the_order_asked_for() -> None:
    done: list[int] = []

    def work(number: int) -> tuple[int, str]:
        done.append(number)
        return threading.get_ident(), told.get()

    async def many() -> list[tuple[int, str]]:
        told.set("much")
        return await asyncio.gather(*(in_file_thread(work, number) for number in range(20)))

    found = asyncio.run(many()) + asyncio.run(many())
    assert done == [*range(20), *range(20)]
    assert len(set(found)) == 1
    thread, heard = found[0]
    assert thread != threading.get_ident()
    assert heard == "much"


def test_what_goes_wrong_with_a_file_is_told_to_who_asked() -> None:
    def work() -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        asyncio.run(in_file_thread(work))
    asyncio.run(in_file_thread(lambda: None))
