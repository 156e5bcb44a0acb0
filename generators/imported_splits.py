"""Splits of rows that nobody planned: tools held out by family, the rest by hash of the question.

A row whose calls are all to held-out tools tests what training never sees. One that mixes both
sides belongs in neither; `data.split_check` finds it, as it would in a planned run.
"""

import hashlib
from collections.abc import Iterable, Mapping

from pydantic import Field

from api_registry.types import Api, Model, Tool
from data.contamination.words import words_of
from data.identity import digest
from data.types import Sample
from generators.plan_config import PlanConfig, Share
from generators.similarity import Similarity
from generators.splits import split_sides


class ImportedSplitConfig(Model):
    """Shares of what training does not see."""

    unseen_api: Share = 0.05
    """Share of the tools that are held out, near-duplicates together."""
    validation: float = Field(default=0.02, ge=0, lt=0.5)
    test: float = Field(default=0.02, ge=0, lt=0.5)


class ImportedSplits:
    """Says of each row where it belongs."""

    def __init__(
        self,
        tools: Iterable[Tool],
        config: ImportedSplitConfig,
        seed: int,
    ) -> None:
        """`tools`: all tools of the set, one of each name."""
        apis = [_as_api(tool) for tool in tools]
        plan = PlanConfig(unseen_api=config.unseen_api, unseen_category=0)
        sides = split_sides(apis, Similarity(apis).families(), plan, seed)
        self.apis = len(apis)
        self.held_out: Mapping[str, tuple[str, ...]] = {
            "unseen_api": tuple(
                sorted(api.name for api, side in zip(apis, sides, strict=True) if side != "train")
            )
        }
        self._barred = frozenset(self.held_out["unseen_api"])
        self._config, self._seed = config, seed

    def group(self, sample: Sample) -> str:
        """The same for rows that ask the same, whatever tools they offer: 16 hex digits."""
        asked = [turn.content for turn in sample.turns if turn.role == "user"]
        return digest(" ".join(words_of("\n".join(asked))))[:16]

    def split(self, sample: Sample) -> str:
        """The split of a row: by what it calls or, where it calls nothing, by what it offers."""
        named = {call.name for call in sample.calls} or {tool.name for tool in sample.tools}
        if named and named <= self._barred:
            return "unseen_api"
        text = f"{self._seed}/split/{self.group(sample)}".encode()
        drawn = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest()) / 2**64
        if drawn < self._config.validation:
            return "validation"
        return "test" if drawn < self._config.validation + self._config.test else "train"


def _as_api(tool: Tool) -> Api:
    """What is compared of a tool; nobody has checked its schema yet."""
    properties = tool.parameters.get("properties")
    items = properties.items() if isinstance(properties, dict) else ()
    described = {name: schema for name, schema in items if isinstance(schema, dict)}
    return Api(
        name=tool.name,
        description=tool.description,
        parameters={"properties": described},
        category="imported",
        ref="",
    )
