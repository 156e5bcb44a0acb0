"""Marks for tests that need what is not everywhere.

A mark asks whether a package is installed without importing it: torch takes seconds, and each of
the processes that share the tests collects all of them.
"""

from importlib.util import find_spec

import pytest


def needs(*packages: str) -> pytest.MarkDecorator:
    """Skip where one of these packages is not installed."""
    missing = [package for package in packages if find_spec(package) is None]
    return pytest.mark.skipif(
        bool(missing), reason=f"{missing[0] if missing else packages[0]} is not installed"
    )
