"""Under what terms a set may be passed on: the most restrictive of its rows and its generator."""

from collections.abc import Iterable

from api_registry.errors import UsageError

OWN = "apache-2.0"
"""Rows that Callforge's own catalogue and grammar make, unless the settings say otherwise."""

RANKS: dict[str, int] = {
    "cc0-1.0": 0,
    "unlicense": 0,
    "mit": 1,
    "bsd-3-clause": 1,
    "apache-2.0": 1,
    "cc-by-3.0": 2,
    "cc-by-4.0": 2,
    "odc-by": 2,
    "llama3.1": 3,
    "llama3.2": 3,
    "llama3.3": 3,
    "gemma": 3,
    "cc-by-sa-4.0": 4,
    "odbl": 4,
    "gpl-3.0": 4,
    "cc-by-nc-4.0": 5,
    "cc-by-nc-sa-4.0": 6,
}
"""The Hub's identifier → how much it asks of whoever uses the set; more includes less."""
_SHARE_ALIKE = frozenset({"cc-by-sa-4.0", "odbl", "gpl-3.0", "cc-by-nc-sa-4.0"})
_NO_CHANGES = frozenset({"cc-by-nd-4.0", "cc-by-nc-nd-4.0"})


def strictest(licences: Iterable[str]) -> str:
    """Return the licence that a set of such rows has; `unknown` where one of them is not known."""
    found = set(licences)
    if unknown := found - RANKS.keys():
        return sorted(unknown)[0] if len(unknown) == 1 else "unknown"
    return max(sorted(found), key=lambda name: RANKS[name], default=OWN)


def refuse_incompatible(licences: Iterable[str]) -> None:
    """Raise `UsageError` where rows under these licences may not be published as one set."""
    found = sorted(set(licences))
    forbidden = [name for name in found if name in _NO_CHANGES]
    if forbidden:
        raise UsageError(
            f"rows under `{forbidden[0]}` may not be published as part of a set: leave them out"
        )
    unknown = [name for name in found if name not in RANKS]
    if unknown:
        raise UsageError(
            f"the licence `{unknown[0]}` of some rows, or of what the generator writes, is not one "
            f"that Callforge can judge: name it in `dataset.license` or "
            f"`dataset.generator_license` as one of {', '.join(RANKS)}"
        )
    alike = [name for name in found if name in _SHARE_ALIKE]
    if len(alike) > 1 or (alike and RANKS[strictest(found)] > RANKS[alike[0]]):
        raise UsageError(
            f"rows under {' and '.join(f'`{name}`' for name in found)} cannot be one set: each of "
            f"`{alike[0]}` asks for its own terms; publish them apart"
        )
