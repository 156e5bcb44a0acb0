"""Settings of the sampling plan. All of them are part of a run's identity."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from api_registry.types import Model
from data.types import STYLES, Style
from generators.variants import Variant

Share = Annotated[float, Field(ge=0, le=1)]


class PlanConfig(Model):
    """What a run is made of."""

    shares: dict[Style, Share] = {
        "simple": 0.22,
        "multiple": 0.22,
        "parallel": 0.20,
        "parallel_multiple": 0.16,
        "irrelevant": 0.12,
        "missing_argument": 0.08,
    }
    """Share of drafts of each style; they sum to 1, styles left out are not made."""
    tools_min: Annotated[int, Field(ge=1)] = 3
    """Fewest tools offered in a row; alike in every style, so that it gives nothing away."""
    tools_max: Annotated[int, Field(ge=1)] = 8
    """Most tools offered in a row."""
    tool_counts: dict[Annotated[int, Field(ge=1, le=100)], Share] = {}
    """Share of drafts that offer so many tools, in place of `tools_min` and `tools_max`; they sum
    to 1. Unless given, every number from `tools_min` to `tools_max` is as likely."""
    call_counts: dict[Annotated[int, Field(ge=2, le=4)], Share] = {}
    """Share of the drafts of `parallel` and `parallel_multiple` that make so many calls; they sum
    to 1. Four is the most that every API asked for in parallel can make different."""
    hard_distractors: Share | None = None
    """Share of hard rows, whose tools are all like each other, among styles other than `simple`,
    which has none, and `multiple`, which has nothing else. Unless given, it is the share of
    `multiple` beside `simple`, so that the tools do not tell rows with calls from others."""
    variants: dict[Variant, Share] = {"renamed": 0.06, "masked": 0.04, "shuffled": 0.10}
    """Share of drafts whose tools are shown otherwise: other names, meaningless ones, other order
    of keys. What is left shows them as they are."""
    languages: dict[str, Share] = {}
    """Share of drafts in other languages than English, such as `de = 0.1`, where the generator
    writes them."""
    unseen_api: Share = 0.05
    """Share of the APIs held out of training, their categories seen."""
    unseen_category: Share = 0.05
    """Share of the APIs held out of training as whole categories."""
    unseen_phrasing: Share = 0.04
    """Share of the training APIs' calling drafts that use held-out phrasings."""
    final_answer: Share = 0.0
    """Share of the drafts with calls that go on: with the results, and an answer in words."""
    lag: Annotated[int, Field(ge=1)] = 4
    """What shard k learns (verified examples, keep rates) is used from shard k + `lag` on: so many
    shards can be made at once."""
    validation: Share = 0.02
    """Share of the training side's groups in the split `validation`."""
    test: Share = 0.02
    """Share of them in the split `test`."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, wholes in (
            ("shares", self.shares.values()),
            ("tool_counts", self.tool_counts.values() or (1.0,)),
            ("call_counts", self.call_counts.values() or (1.0,)),
        ):
            if abs(sum(wholes) - 1) > 1e-6:
                raise ValueError(f"{name} sum to {sum(wholes):g}, expected 1")
        for name, shares in (("variants", self.variants), ("languages", self.languages)):
            if sum(shares.values()) > 1:
                raise ValueError(f"{name} sum to {sum(shares.values()):g}, expected at most 1")
        if self.tools_min > self.tools_max:
            raise ValueError(f"tools_min {self.tools_min} is above tools_max {self.tools_max}")
        if self.validation + self.test >= 1:
            raise ValueError("validation and test leave nothing to train on")
        return self

    def facts(self) -> dict[str, Any]:
        """What a run's identity holds of it: counts only where they are given."""
        unset = {name for name in ("tool_counts", "call_counts") if not getattr(self, name)}
        return self.model_dump(mode="json", exclude=unset)

    def most_tools(self) -> int:
        """Most tools that a row may offer."""
        return max(self.tool_counts, default=self.tools_max)

    def hard_share(self) -> float:
        """Share of hard rows among the styles that may have both kinds."""
        if self.hard_distractors is not None:
            return self.hard_distractors
        simple, multiple = self.shares.get("simple", 0.0), self.shares.get("multiple", 0.0)
        return multiple / (simple + multiple) if simple + multiple else 0.5

    def cumulative_shares(self) -> tuple[tuple[Style, ...], tuple[float, ...]]:
        """Return the styles in fixed order, and the upper end of each one's share of [0, 1)."""
        return cumulative(self.shares)


def cumulative(shares: Mapping[Style, float]) -> tuple[tuple[Style, ...], tuple[float, ...]]:
    """Return the styles in fixed order, and the upper end of each one's share of [0, 1)."""
    styles = tuple(style for style in STYLES if shares.get(style))
    return styles, tuple(accumulate(shares[style] for style in styles))
