"""The one thread in which a run reads and writes its Parquet files.

Allocators keep what a thread has freed for that thread. Work that goes
to whichever thread is free leaves a shard's worth of memory behind in each of them, so a long run
would grow until every thread of the pool has had its turn. Here it is given back after each piece.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from data.memory import give_back, keep_large_blocks_apart

Given = ParamSpec("Given")
Result = TypeVar("Result")

_thread = ThreadPoolExecutor(
    max_workers=1, thread_name_prefix="callforge-files", initializer=keep_large_blocks_apart
)


async def in_file_thread(
    work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
) -> Result:
    """Run work on files while others go on; one piece at a time, in the order asked for."""
    context = copy_context()
    loop = asyncio.get_running_loop()

    def done() -> Result:
        try:
            return context.run(work, *args, **kwargs)
        finally:
            give_back()

    return await loop.run_in_executor(_thread, done)
