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
    code = "import data.shards, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == taken


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is asked for it")
def test_memory_that_was_freed_goes_back_to_the_system() -> None:
    code = """
import os
from data.memory import give_back

def taken():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

# Blocks below what the C library maps one by one, with one after them that keeps them from its end.
blocks = [bytes(100_000) for _ in range(1_000)]
last = bytes(100_000)
del blocks
before = taken()
give_back()
print(before - taken())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 50_000_000
