"""Which APIs gave an answer in a run, and which never did: rows about those are not trained on.

Rows without calls, where a value is missing or no tool fits, run nothing, so that nothing in them
shows that their API works. Its other rows do: where each of their calls failed, a model would be
taught to ask for the arguments of a function that only ever raises.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from api_registry.types import Model
from data.types import Sample

ABOUT = "about"
"""Key of the provenance of rows without calls: the API that their query is about."""
REASONS: dict[str, str] = {
    "never_worked": "calls nothing, and is about an API of which every call in the run failed",
}


class Proof(Model):
    """What the calls of some drafts showed of their APIs; names sorted."""

    worked: tuple[str, ...] = ()
    """APIs with calls that gave an answer."""
    failed: tuple[str, ...] = ()
    """APIs with calls that gave none."""


def proof_of(samples: Iterable[Sample]) -> Proof:
    """What these drafts show: all calls of one that passed worked, else the one named failed."""
    worked: set[str] = set()
    failed: set[str] = set()
    for sample in samples:
        verdict = next((v for v in sample.verdicts if v.stage == "execution"), None)
        if verdict is None or not sample.calls:
            continue
        apis = {tool.name: tool.api for tool in sample.tools}
        called = {call.id: apis[call.name] for call in sample.calls}
        if verdict.passed:
            worked |= set(called.values())
        elif verdict.call is not None:
            failed.add(called[verdict.call])
    return Proof(worked=tuple(sorted(worked)), failed=tuple(sorted(failed)))


def never_worked(proofs: Iterable[Proof]) -> frozenset[str]:
    """APIs that were called and never gave an answer; one that nobody called is given credit."""
    worked: set[str] = set()
    failed: set[str] = set()
    for proof in proofs:
        worked.update(proof.worked)
        failed.update(proof.failed)
    return frozenset(failed - worked)


def about(row: Mapping[str, Any]) -> str | None:
    """The API that a stored row without calls is about."""
    if f'"{ABOUT}"' not in row["provenance"]:
        return None
    api: str | None = json.loads(row["provenance"]).get(ABOUT)
    return api
