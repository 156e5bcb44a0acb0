"""One run's folder: whose it is, who is working in it, and which of its shards are done."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from api_registry.errors import StorageError, UsageError
from data.identity import canonical_json, digest
from data.schema import SCHEMA_VERSION
from data.shards import write_atomically

_SHOWN_RUNS = 10
_LOOK_S = 0.1
_BEFORE_DRAFTS = {".lock", "run.json", "shards", "journal", "journal/start.journal", "vllm.log"}
"""What a run that could not begin leaves; answers in that journal are found by their request."""


def identity_of(facts: dict[str, Any]) -> str:
    """Hash what determines a run's content, as 64 hex digits."""
    return digest(canonical_json(facts))


def find_run(run: str, out: Path) -> Path:
    """Return a run's folder, given by its name below `out` or by its path.

    Raises `UsageError` that lists the runs there are.
    """
    candidates = [Path(run)] if run else []
    if run and len(Path(run).parts) == 1:
        # A name: the run of that name, before a folder here that happens to be called so.
        candidates.insert(0, out / run)
    for folder in candidates:
        if folder.is_dir():
            return folder
    names = sorted(path.parent.name for path in out.glob("*/run.json"))
    known = ", ".join(names[:_SHOWN_RUNS]) + (", …" if len(names) > _SHOWN_RUNS else "")
    there = f"runs in `{out}`: {known}" if names else f"there is no run in `{out}`"
    raise UsageError(f"no run `{run}`: expected a run's folder, or its name below --out; {there}")


def find_data(data: str, out: Path) -> Path:
    """Return a data set, given by the name of a run below `out` or by any path.

    Raises `UsageError` that lists the runs there are.
    """
    if Path(data).exists() and not (len(Path(data).parts) == 1 and (out / data).is_dir()):
        return Path(data)
    return find_run(data, out)


@contextmanager
def held(folder: Path, option: str, *, patience_s: float = 0.0) -> Iterator[int]:
    """Hold a folder for this process; yields the descriptor that the hold ends with.

    `option` is what the user named the folder by. A second process is refused after some patience,
    a dead one's hold is gone. Raises `StorageError`, and `OSError` where nothing can be written.
    """
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + patience_s
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() < deadline:
                    time.sleep(_LOOK_S)
                    continue
                raise StorageError(
                    f"`{folder}` is being worked on by another process: wait for it to end, "
                    f"or use another {option}"
                ) from None
        yield descriptor
    finally:
        os.close(descriptor)


def different_fact(known: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """Name the first fact that differs, with what it was and is, for a message."""
    field = next((key for key in facts if known.get(key) != facts[key]), "identity")
    return field, _short(known.get(field)), _short(facts.get(field))


class RunFolder:
    """`runs/<name>/` with `run.json`, `shards/` and `dataset/`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shards = path / "shards"
        self.dataset = path / "dataset"

    @contextmanager
    def opened(self, facts: dict[str, Any], config: dict[str, Any]) -> Iterator[str]:
        """Hold the folder for this process, made if need be; yields the run's identity.

        Raises `UsageError` naming the first fact that differs from those of the run that is there,
        and `StorageError` where the folder cannot be written or was made under another schema
        version. A run that ended before anything was made in it refuses nobody: its name is free.
        """
        identity = identity_of(facts)
        with self._unwritable_told():
            self.shards.mkdir(parents=True, exist_ok=True)
        with self.locked():
            with self._unwritable_told():
                existing = self._read(identity)
                other = existing is not None and existing.get("identity") != identity
                if existing is None or (other and self._untouched()):
                    record = {
                        "schema_version": SCHEMA_VERSION,
                        "identity": identity,
                        "facts": facts,
                        "config": config,
                    }
                    write_atomically(
                        self.path / "run.json", json.dumps(record, indent=1).encode() + b"\n"
                    )
                else:
                    refuse_other(self.path, existing, facts, identity)
            yield identity

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process; a second one is refused, a dead one's hold is gone."""
        with ExitStack() as holding:
            with self._unwritable_told():
                holding.enter_context(held(self.path, "--name"))
            yield

    @contextmanager
    def _unwritable_told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"`{self.path}` cannot be written ({error.strerror}): choose another --out"
            ) from error

    def _untouched(self) -> bool:
        """Whether all that is here was made before the first draft: a wrong model, no server."""
        there = {str(path.relative_to(self.path)) for path in self.path.rglob("*")}
        return there <= _BEFORE_DRAFTS

    def _read(self, identity: str) -> dict[str, Any] | None:
        """Return `run.json`, or None where it is to be written, also in place of a broken one."""
        path = self.path / "run.json"
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(record, dict) and isinstance(record.get("facts"), dict):
                return record
        except (FileNotFoundError, ValueError):
            pass
        # The shards say whose folder it is: with the same identity nothing is lost by going on.
        for manifest in sorted(self.shards.glob("*.json")):
            if f'"{identity}"' not in manifest.read_text(encoding="utf-8", errors="replace"):
                raise StorageError(
                    f"`{path}` is missing or damaged, and `{manifest.name}` belongs to a run with "
                    "other settings: put it back, or use another --name"
                )
        return None


def refuse_other(run: Path, record: dict[str, Any], facts: dict[str, Any], identity: str) -> None:
    """Raise `UsageError` that names the first fact in which the `record` of a run differs.

    Raises `StorageError` where it was written under another schema version.
    """
    version = record.get("schema_version")
    if version != SCHEMA_VERSION:
        raise StorageError(
            f"`{run}` was written under schema version {version}, this is version "
            f"{SCHEMA_VERSION}: use another --name, or the Callforge that wrote it"
        )
    if record.get("identity") == identity:
        return
    field, before, now = different_fact(record["facts"], facts)
    raise UsageError(
        f"run `{run.name}` exists with another `{field}` ({before}, now {now}): "
        "use another --name, or the settings it was made with"
    )


def _short(value: Any) -> str:
    text = canonical_json(value)
    return text if len(text) <= 60 else text[:57] + "…"
