"""What a server's log says to somebody who did not ask for a log."""

import re
from pathlib import Path

_READ = 64 * 1024
_LINES, _WIDTH = 20, 240
_PREFIX = re.compile(r"^\(\w+(?: pid=\d+)?\) ?(?:(?:ERROR|INFO|WARNING) \d\S* \S+ \[\S+\] ?)?")
"""Process, level, time and place, which vLLM puts before each line."""
_ERROR = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?[A-Za-z_]\w*(?:Error|Exception|Exit): \S")
_FOLLOWS = re.compile("root cause", re.IGNORECASE)
"""In errors that only say that there was another."""
_NOISE = re.compile(r"^( - (leaked|\.\.\. skipped)|nanobind: |See https://nanobind)")
"""What libraries say about themselves at the end, page after page."""


def tail(log: Path, lines: int = _LINES) -> str:
    """The last lines, each after a bar."""
    return "\n".join(f"  | {line[:_WIDTH]}" for line in _end(log)[-lines:])


def last_line(log: Path) -> str:
    """The last line without its prefix; empty at first."""
    lines = _end(log)
    return _PREFIX.sub("", lines[-1]).strip()[:_WIDTH] if lines else ""


def cause(log: Path) -> str:
    """The first line in the log's end that names an error, where there is one."""
    for line in _end(log):
        bare = _PREFIX.sub("", line).strip()
        if _ERROR.match(bare) and not _FOLLOWS.search(bare):
            return bare[: 2 * _WIDTH]
    return ""


def _end(log: Path) -> list[str]:
    """The lines within the last 64 KiB, without noise, empty ones and those that underline."""
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - _READ, 0))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    lines = (line.rstrip() for line in text.splitlines() if line.strip(" ^~|"))
    return [line for line in lines if not _NOISE.match(line)]
