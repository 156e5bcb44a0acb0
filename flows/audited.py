"""What an audit is of: one file of rows, or a run with the APIs that it was made with."""

import json
from pathlib import Path

from api_registry.errors import UsageError
from data.reading.batches import UnreadableFile
from data.run_folder import find_data
from flows.evaluation.questions import parquet_files


def named(file: str, apis: tuple[str, ...], runs: Path) -> tuple[str, tuple[str, ...]]:
    """Return what to audit, and with which APIs.

    A name may be that of a run below `runs`; the APIs that a run was made with run its calls where
    none are given. What is neither there nor a run is returned as it is: reading it says so.
    """
    if Path(file).is_file() or not (Path(file).exists() or (runs / file).is_dir()):
        return file, apis
    folder = find_data(file, runs)
    return str(folder), apis or _made_with(folder)


def audited_files(path: Path) -> list[Path]:
    """Return the file itself, or all splits of a run or data set. Raises `UnreadableFile`."""
    if not path.is_dir():
        return [path]
    try:
        return parquet_files(path)
    except UsageError as error:
        raise UnreadableFile(
            f"`{path}` is a directory without a data set: name a run, a folder of Parquet files, "
            "or a file, such as rows.jsonl or rows.parquet"
        ) from error


def _made_with(folder: Path) -> tuple[str, ...]:
    """The APIs in a run's settings; none for a folder that is no run, or an imported one."""
    try:
        settings = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        apis = settings["config"]["apis"]
    except (OSError, ValueError, KeyError, TypeError):
        return ()
    return tuple(apis) if isinstance(apis, list) else ()
