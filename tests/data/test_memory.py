"""The allocator that Arrow takes, which decides what a long run holds on to."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("asked", "taken"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_takes_the_c_librarys_allocator_unless_another_is_asked_for(
    asked: str | None, taken: str
) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "ARROW_DEFAULT_MEMORY_POOL"}
    if asked:
        environment["ARROW_DEFAULT_MEMORY_POOL"] = asked
    code = (
        "import flows.training.prepare, pyarrow as pa; print(pa.default_memory_pool().backend_name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == taken


TAKEN = """
import os
from data.memory import give_back, keep_large_blocks_apart

def taken():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

def freed_between(size, number):
    # The small ones that stay hold the heap of the C library together.
    blocks = [(b"x" * size, b"x" * 10_000) for _ in range(number)]
    before = taken()
    between = [small for _, small in blocks]
    del blocks
    return before, between
"""


def printed(code: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", TAKEN + code], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is asked for it")
def test_memory_that_was_freed_goes_back_when_asked() -> None:
    code = "before, kept = freed_between(100_000, 1_000)\n{}print(before - taken())"
    assert printed(code.format("give_back()\n")) > 50_000_000 > printed(code.format(""))


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is asked for it")
def test_large_blocks_go_back_at_once_whatever_was_freed_before() -> None:
    large = "large = b'x' * (16 << 20)\ndel large\n"
    code = large + "before, kept = freed_between(2 << 20, 50)\nprint(before - taken())"
    apart = printed("keep_large_blocks_apart()\n" + code)
    assert apart > 80_000_000 > printed(code)
