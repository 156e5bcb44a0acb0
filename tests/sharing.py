"""What takes long to make is made once, also where several processes share the tests."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

Made = TypeVar("Made")


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]
) -> tuple[Path, Made]:
    """Call `make` with an empty folder, unless another process did; the folder, and what it gave.

    Nobody may change what is in the folder afterwards.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # a worker's own folder lies in that of the whole session
    folder, result = base / name, base / f"{name}.pickle"
    with FileLock(f"{folder}.lock"):
        if not result.exists():
            folder.mkdir()
            written = pickle.dumps(make(folder))
            result.write_bytes(written)
    return folder, pickle.loads(result.read_bytes())
