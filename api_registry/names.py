"""Tool names as APIs have them, as OpenAI's API takes them, and as models write them.

OpenAI's API takes names of letters, digits, `_` and `-`, 64 at most (`^[a-zA-Z0-9_-]{1,64}$`);
real tools are called `calendar.events.list` or `получить_погоду`. `SafeNames` gives each a name of
that form that no other has, and knows the way back.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

_SAFE = re.compile(r"[a-zA-Z0-9_-]{1,64}", re.ASCII)
_UNSAFE = re.compile(r"[^a-zA-Z0-9_-]", re.ASCII)
_LONGEST = 64
_DIGEST = 8
_NAMESPACES = ("functions.", "function.", "tools.", "tool.", "functions:", "tools:", "default_api.")
"""Put before names by models whose training wraps tools in a namespace."""


def is_safe(name: str) -> bool:
    """Whether a name can be sent to OpenAI's API as it is."""
    return _SAFE.fullmatch(name) is not None


class SafeNames:
    """A reversible mapping from the names of a set of tools to safe and unique ones.

    It depends on the set alone, not on its order: safe names stay as they are, the others get `_`
    for what is not allowed, and a hash of the name where that is too long or taken.
    """

    def __init__(self, names: Iterable[str]) -> None:
        every = sorted(set(names))
        self._safe = {name: name for name in every if is_safe(name)}
        mended = {name: _UNSAFE.sub("_", name) for name in every if name not in self._safe}
        counts: dict[str, int] = {}
        for short in (*self._safe, *mended.values()):
            counts[short] = counts.get(short, 0) + 1
        taken = {*self._safe, *mended.values()}
        for name, short in mended.items():
            if not is_safe(short) or counts[short] > 1:
                short = _hashed(name, short, taken)
            taken.add(short)
            self._safe[name] = short
        self._names = {safe: name for name, safe in self._safe.items()}

    def safe(self, name: str) -> str:
        """The safe name of a tool. Raises `KeyError` for a name outside the set."""
        return self._safe[name]

    def original(self, safe: str) -> str | None:
        """The tool that a safe name stands for, None for a name that was never given out."""
        return self._names.get(safe)


def _hashed(name: str, short: str, taken: set[str]) -> str:
    """A readable beginning and a hash of the whole name, counting on while that is taken."""
    for attempt in range(len(taken) + 1):
        text = name if attempt == 0 else f"{name}\n{attempt}"
        mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
        safe = f"{short[: _LONGEST - _DIGEST - 1]}_{mark}"
        if safe not in taken:
            return safe
    raise AssertionError("more names taken than there are")


def resolve_name(written: str, offered: Sequence[str]) -> str | None:
    """The offered tool that a model means by a name, None unless it is exactly one.

    Besides the name itself: the name behind a namespace (`functions.search`), and the safe name.
    A name that is merely similar is not resolved: guessing would train on guesses.
    """
    if written in offered:
        return written
    for namespace in _NAMESPACES:
        if written.startswith(namespace):
            return resolve_name(written[len(namespace) :], offered)
    return SafeNames(offered).original(written)
