"""The sampling plan: `plan(i)` says everything about draft i, as a pure function of seed and i.

What must hold across the whole data set (coverage, shares, split sides, what may be offered beside
what) is decided here before anything is generated, so shards can be made in any order, twice, or on
different machines, and come out the same.
"""

import random
from collections import Counter
from collections.abc import Sequence
from copy import copy
from functools import lru_cache

from api_registry.types import Api, tool_of
from data.types import Style
from generators.contexts import sample_context, takes_date, wants_context
from generators.draws import Draws, weighted
from generators.offering import Offering
from generators.plan_config import PlanConfig, cumulative
from generators.refill import Coverage, Refill
from generators.similarity import NEAR_DUPLICATE, Similarity
from generators.splits import split_sides
from generators.styles import CALLING, CONTRASTABLE, possible, varied
from generators.types import REGISTERS, DraftPlan
from generators.variants import varied_tools

_SMALL_TALK = 0.25
"""Share of the irrelevant rows without a contrast pair that are about nothing any API does."""

_AGAIN = 0.25
"""Share of the `parallel_multiple` rows that call one of their tools once more."""


class Plan:
    """The plan of one run over a fixed list of APIs."""

    def __init__(
        self, apis: Sequence[Api], config: PlanConfig, *, seed: int, shard_size: int
    ) -> None:
        """Decide the split sides; `shard_size` bounds how far back a contrast pair may look."""
        self.apis = tuple(apis)
        self.config = config
        self.seed = seed
        self.shard_size = shard_size
        self._draws = Draws(seed)
        self.similarity = Similarity(apis)
        self.sides = split_sides(self.apis, self.similarity.families(), config, seed)
        self._tools = [tool_of(api) for api in self.apis]
        self._dated = {api.name for api in self.apis if takes_date(api)}
        self._index = {api.name: index for index, api in enumerate(self.apis)}
        self._pools = {
            "train": [i for i, side in enumerate(self.sides) if side == "train"],
            "all": list(range(len(self.apis))),
        }
        # One more than is ever shown: the target's place can be taken by another of its cluster.
        self._offering = Offering(self.apis, self.similarity, self._pools, config.most_tools() + 1)
        self._twins = [self._near_duplicates(index) for index in range(len(self.apis))]
        self._styles, self._thresholds = config.cumulative_shares()
        self._permutation = lru_cache(maxsize=64)(self._make_permutation)
        self._refill: Refill | None = None

    def __call__(self, index: int) -> DraftPlan:
        """Return the plan of draft `index`."""
        style = self._style(index)
        if contrast := self._contrast(index, style):
            return contrast
        rng = self._draws.rng("draft", index)
        primary = self._primary(index)
        count = self._tool_count(rng)
        near = self._is_near(index, style)
        wanted = self._targets(rng, primary, style, count, near)
        offered = self._offered(rng, wanted, style, count, near)
        targets = tuple(self.apis[i] for i in wanted)
        if style == "irrelevant" and (not offered or rng.random() < _SMALL_TALK):
            targets = ()
            offered = offered or [primary]
        split, held_out = self._split(index, primary, style)
        variant = self._draws.name("variant", index, self.config.variants)
        look = self._draws.bits("look", index)
        dated = any(api.name in self._dated for api in targets)
        missing = rng.choice(self.apis[primary].required) if style == "missing_argument" else None
        return DraftPlan(
            index=index,
            group=self._group(index),
            style=style,
            split=split,
            category=self.apis[primary].category if targets else "small_talk",
            targets=targets,
            tools=varied_tools([self._tools[i] for i in offered], variant, look),
            variant=variant,
            look=look,
            missing=missing,
            held_out_phrasing=held_out,
            context=sample_context(rng) if wants_context(rng, dated=dated) else None,
            register_name=rng.choice(REGISTERS),
            language=self._draws.name("language", index, self.config.languages) or "en",
            final_answer=self._goes_on(index, style),
            seed=rng.getrandbits(64),
        )

    def held_out(self) -> dict[str, tuple[str, ...]]:
        """Return split → the names of its APIs, for the splits whose APIs training never sees."""
        sides = sorted(set(self.sides) - {"train"})
        return {
            side: tuple(
                api.name for api, own in zip(self.apis, self.sides, strict=True) if own == side
            )
            for side in sides
        }

    def coverage(self) -> Coverage:
        """The shares of styles and categories that the plan comes to over all its APIs."""
        styles: dict[str, float] = {}
        shares = self.config.shares
        for primary in range(len(self.apis)):
            for style in self._styles:
                possible = self._possible(style, primary)
                styles[possible] = styles.get(possible, 0.0) + shares[style] / len(self.apis)
        categories = Counter(api.category for api in self.apis)
        return Coverage(
            styles=styles,
            categories={name: count / len(self.apis) for name, count in categories.items()},
        )

    def refilled(self, refill: Refill) -> "Plan":
        """The same plan with other shares, for a shard that makes up for what was rejected."""
        plan = copy(self)
        plan._refill = refill
        plan._styles, plan._thresholds = cumulative(refill.styles)
        return plan

    # -- what is drawn -------------------------------------------------------------------------

    def _group(self, index: int) -> str:
        return f"{self._draws.bits('group', index):016x}"

    def _make_permutation(self, epoch: int) -> list[int]:
        order = list(range(len(self.apis)))
        self._draws.rng("permutation", epoch).shuffle(order)
        return order

    def _primary(self, index: int) -> int:
        epoch, position = divmod(index, len(self.apis))
        primary = self._permutation(epoch)[position]
        if self._refill is None:
            return primary
        category = self._refill.category(
            self.apis[primary].category,
            self._draws.uniform("refill", index),
            self._draws.uniform("refill category", index),
        )
        if category is None:
            return primary
        members = [i for i, api in enumerate(self.apis) if api.category == category]
        return members[int(self._draws.uniform("refill api", index) * len(members))]

    def _style(self, index: int) -> Style:
        """Draw a style; one that the draft's API cannot have becomes `simple`."""
        drawn = self._draws.uniform("style", index)
        place = next((i for i, top in enumerate(self._thresholds) if drawn < top), -1)
        return self._possible(self._styles[place], self._primary(index))

    def _possible(self, style: Style, primary: int) -> Style:
        beside = len(self._pools[self._pool(primary)])
        return possible(style, self.apis[primary], apis=len(self.apis), beside=beside)

    def _split(self, index: int, primary: int, style: Style) -> tuple[str, bool]:
        """Return the split, and whether the draft uses held-out phrasings."""
        side = self.sides[primary]
        if side != "train":
            return side, False
        unseen = self._draws.uniform("phrasing", index) < self.config.unseen_phrasing
        if style in CALLING and unseen:
            return "unseen_phrasing", True
        drawn = self._draws.uniform("split", index)
        if drawn < self.config.validation:
            return "validation", False
        if drawn < self.config.validation + self.config.test:
            return "test", False
        return "train", False

    def _goes_on(self, index: int, style: Style) -> bool:
        drawn = self._draws.uniform("final_answer", index)
        return style in CALLING and drawn < self.config.final_answer

    # -- targets and tools ---------------------------------------------------------------------

    def _pool(self, primary: int) -> str:
        """What may stand in a row about `primary`: a training row sees no held-out API."""
        return "train" if self.sides[primary] == "train" else "all"

    def _is_near(self, index: int, style: Style) -> bool:
        """Whether the tools are like each other; alike in all styles but the two that say so."""
        if style in ("simple", "multiple"):
            return style == "multiple"
        return self._draws.uniform("near", index) < self.config.hard_share()

    def _tool_count(self, rng: random.Random) -> int:
        if self.config.tool_counts:
            return weighted(rng, self.config.tool_counts)
        return rng.randint(self.config.tools_min, self.config.tools_max)

    def _targets(
        self, rng: random.Random, primary: int, style: Style, count: int, near: bool
    ) -> list[int]:
        calls = self.config.call_counts
        if style == "parallel":
            return [primary] * weighted(rng, calls or {2: 6, 3: 3, 4: 1})
        if style != "parallel_multiple":
            return [primary]
        # Of so many calls, some go to a tool once more; without a number, a few do.
        wanted = weighted(rng, calls) if calls else None
        if wanted is None:
            several = 1 + weighted(rng, {1: 7, 2: 3})
        else:
            several = wanted - (wanted > 2 and rng.random() < _AGAIN)
        several = max(min(several, count), 2)
        pool, cluster = self._pool(primary), primary if near else None
        distinct = self._offering.draw(rng, pool, [primary], [], several, cluster)
        repeated = [i for i in distinct if varied(self.apis[i])]
        if wanted is not None:
            distinct += [rng.choice(repeated) for _ in range(wanted - len(distinct)) if repeated]
        elif repeated and len(distinct) < 4 and rng.random() < _AGAIN:
            distinct.append(rng.choice(repeated))
        rng.shuffle(distinct)
        return distinct

    def _offered(
        self, rng: random.Random, wanted: list[int], style: Style, count: int, near: bool
    ) -> list[int]:
        """Choose the tools shown, in shown order; the targets are among them unless irrelevant."""
        barred = {twin for i in wanted for twin in self._twins[i]} | set(wanted)
        shown = [] if style == "irrelevant" else list(dict.fromkeys(wanted))
        cluster = wanted[0] if near else None
        return self._offering.draw(rng, self._pool(wanted[0]), shown, barred, count, cluster)

    def _near_duplicates(self, index: int) -> list[int]:
        return [
            other for score, other in self.similarity.neighbours(index) if score >= NEAR_DUPLICATE
        ]

    # -- contrast pairs ------------------------------------------------------------------------

    def _contrast(self, index: int, style: Style) -> DraftPlan | None:
        """Ask the query of the draft before again, its tool removed and its neighbours kept.

        None where the draft before is in another shard, is no plain call, or shows only its tool.
        """
        if style != "irrelevant" or index % self.shard_size == 0:
            return None
        if self._style(index - 1) not in CONTRASTABLE:
            return None
        base = self(index - 1)
        rng = self._draws.rng("draft", index)
        primary = self._index[base.targets[0].name]
        shown = self._offering.replaced(
            rng,
            self._pool(primary),
            [self._index[tool.api] for tool in base.tools],
            primary,
            {primary, *self._twins[primary]},
            near=self._is_near(index - 1, base.style),
        )
        if not shown:
            return None
        return base.model_copy(
            update={
                "index": index,
                "style": "irrelevant",
                "targets": base.targets[:1],
                "tools": varied_tools([self._tools[i] for i in shown], base.variant, base.look),
                "contrast_of": index - 1,
                "final_answer": False,
                "seed": rng.getrandbits(64),
            }
        )
