"""Which APIs of those that were loaded a run goes on with, and what is known of their results."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api_registry.check import check_examples
from api_registry.errors import SourceError
from api_registry.execution.pool import RunnerPool
from api_registry.steadiness import Unsteady, declared, find_unsteady, marked, needing
from api_registry.types import Api, Skipped
from generators.embedded.pools import sample_value

logger = logging.getLogger("callforge")

_DRAWN = 3
"""Calls drawn for an API that has no examples."""


@dataclass(frozen=True)
class Offered:
    """APIs that a run can use."""

    apis: tuple[Api, ...]
    """As declared: what a run's identity is made of."""
    marked: tuple[Api, ...]
    """The same, those marked that gave other results when calls were repeated."""
    skipped: tuple[Skipped, ...]
    unsteady: dict[str, Unsteady]
    """APIs that do not give the same result for the same call, as declared or found."""


async def offered(apis: Sequence[Api], pool: RunnerPool) -> Offered:
    """Leave out what needs what is not allowed, and what fails on its own examples.

    Raises `SourceError` when nothing is left.
    """
    reasons = {
        api.name: f"it needs {', '.join(needed)}: allow that with `--allow {needed[0]}`"
        for api in apis
        if (needed := needing(api, pool.config.allow_effects))
    }
    checks = await check_examples([api for api in apis if api.name not in reasons], pool)
    reasons |= {check.api: check.detail for check in checks if not check.passed}
    working = tuple(api for api in apis if api.name not in reasons)
    if not working:
        name, reason = next(iter(reasons.items()))
        raise SourceError(f"no API works on its own examples; the first, `{name}`: {reason}")
    skipped = tuple(Skipped(where=name, reason=reason) for name, reason in reasons.items())
    found = await find_unsteady(working, sample_arguments(working), pool)
    for kind, words in (("random", "by chance or time"), ("stateful", "depending on other calls")):
        if names := [name for name, mark in found.items() if mark == kind]:
            logger.warning("results of %s differ %s; marked `%s`", _listed(names), words, kind)
    unsteady = declared(working) | found
    return Offered(working, marked(working, found), skipped, unsteady)


def sample_arguments(apis: Sequence[Api]) -> dict[str, list[dict[str, Any]]]:
    """Arguments to try each API with: its examples, or some drawn to fit its schema."""
    return {api.name: list(api.examples) or _drawn(api) for api in apis}


def _drawn(api: Api) -> list[dict[str, Any]]:
    rng = random.Random(api.name)
    properties = api.parameters.get("properties", {})
    return [
        {
            name: sample_value(
                properties[name],
                rng,
                about=f"{name}: {properties[name].get('description', '')}\n{api.description}",
                root=api.parameters,
            )
            for name in api.required
        }
        for _ in range(_DRAWN)
    ]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(f"`{name}`" for name in names[:5]) + more
