"""The folder `.callforge/`: who holds it, and at which address its server answers.

Standard library only: Prefect's commands load this through the plugin.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from api_registry.errors import StorageError

NAME = ".callforge"


class Place:
    """`.callforge/` in the folder that `callforge up` was started in."""

    def __init__(self, root: Path) -> None:
        self.path = root / NAME
        self.address = self.path / "address"
        """Holds the URL of the server's API while it answers."""
        self.home = self.path / "prefect"
        """Prefect's own folder: its database and its settings."""
        self.prefect_file = self.path / "prefect.yaml"
        """What was deployed: `prefect.yaml` with the chain that was asked for."""
        self._lock = self.path / "lock"

    def log(self, part: str) -> Path:
        """What a part said."""
        return self.path / f"{part}.log"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder, made if need be, for this process; a dead one's hold is gone.

        Raises `StorageError` where another process holds it, or it cannot be written.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            # Prefect's database and logs may hold what was generated from private APIs.
            self.path.chmod(0o700)
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(f"`{self.path}` cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            where = self.url()
            raise StorageError(
                f"`{self.path}` is held by another `callforge up`"
                + (f", which answers at {where}" if where else "")
                + ": end that one, or start this one in another folder"
            ) from None
        try:
            yield
        finally:
            # Only whoever held it: the address is another's else, which is still needed.
            with suppress(OSError):
                self.address.unlink(missing_ok=True)
            os.close(descriptor)

    def url(self) -> str | None:
        """Address of the API of the `callforge up` that runs here; None where none does."""
        try:
            descriptor = os.open(self._lock, os.O_RDWR)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            # Held, so the address is not a leftover of one that was killed.
            try:
                return self.address.read_text(encoding="utf-8").strip() or None
            except OSError:
                return None
        finally:
            os.close(descriptor)
        return None
