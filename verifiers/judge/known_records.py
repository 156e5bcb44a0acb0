"""Records whose truth is known: right by construction, and the same with a fault of every kind."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from api_registry.types import Api, Executor
from data.identity import canonical_json
from data.types import Sample
from generators.embedded.faults import plant
from generators.embedded.generator import EmbeddedGenerator
from generators.embedded.pair_faults import PAIR_FAULTS
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import Completion, DraftPlan, Request
from verifiers.base import Verifier
from verifiers.execution_check import ExecutionVerifier
from verifiers.format_check import FormatVerifier
from verifiers.judge.mutants import FOREIGN_RESULT, REPLY_FAULTS, with_foreign_result
from verifiers.parsing import parse
from verifiers.semantic import SemanticVerifier

KINDS: tuple[str, ...] = (*PAIR_FAULTS, *REPLY_FAULTS, FOREIGN_RESULT)
"""Every kind of fault that leaves a record; faults in how an answer is written never reach it."""
_TRIES = 80
"""Drafts that are looked at for one more record."""


@dataclass(frozen=True)
class Known:
    """A record and its truth."""

    sample: Sample
    fault: str | None
    """Kind of the fault in it; None where it is right."""


@dataclass(frozen=True)
class KnownRecords:
    """What judges are tried on."""

    records: tuple[Known, ...]
    unseen: tuple[str, ...]
    """Kinds that never got as far as a judge: the format or execution check rejects them."""


async def known_records(
    apis: Sequence[Api], executor: Executor, *, count: int, seed: int
) -> KnownRecords:
    """Make up to `count` records, the first half right; as many of each kind as there can be.

    All of them have passed what comes before judges in a run: right ones the rules as well, faulty
    ones the format and execution checks, because what these reject no judge is shown.
    """
    maker = _Maker(apis, executor, seed)
    clean: list[Known] = []
    while len(clean) < count - count // 2:
        found = await maker.next(None)
        if found is None:
            break
        clean.append(Known(found, None))
    faulty: list[Known] = []
    made = dict.fromkeys(KINDS, 0)
    left = list(KINDS)
    while left and len(faulty) < count // 2:
        kind = left.pop(0)
        found = await maker.next(kind)
        if found is not None:
            faulty.append(Known(found, kind))
            made[kind] += 1
            left.append(kind)
    # A kind whose turn never came is not unseen.
    unseen = tuple(kind for kind in KINDS if not made[kind] and kind not in left)
    return KnownRecords((*clean, *faulty), unseen)


class _Maker:
    """Goes through drafts once, each looked at for one record, so that queries hardly repeat."""

    def __init__(self, apis: Sequence[Api], executor: Executor, seed: int) -> None:
        self.apis = {api.name: api for api in apis}
        # Shards of one draft have no contrast pairs: each draft stands for itself.
        self.plan = Plan(apis, PlanConfig(), seed=seed, shard_size=1)
        self.generator = EmbeddedGenerator()
        self.before: tuple[Verifier, ...] = (
            FormatVerifier(),
            ExecutionVerifier(executor, self.apis),
        )
        self.rules = SemanticVerifier(self.apis)
        self.seen: set[str] = set()
        self._index = 0

    async def next(self, kind: str | None) -> Sample | None:
        """The next record with such a fault, or with none; None where no more can be found."""
        for _ in range(_TRIES):
            index = self._index
            self._index += 1
            sample = await self._made(kind, index)
            if sample is None:
                continue
            content = canonical_json([sample.id, [result.value for result in sample.results]])
            if content not in self.seen:
                self.seen.add(content)
                return sample
        return None

    async def _made(self, kind: str | None, index: int) -> Sample | None:
        draft = self.plan(index)
        completion = await self.generator.draft(Request(index=index, plans=(draft,)))
        if kind is None:
            return await self._right(draft, completion)
        if kind == FOREIGN_RESULT:
            right = await self._right(draft, completion)
            return await self._with_result_of(right, index + 1) if right else None
        rng = random.Random(f"known/{kind}/{draft.seed}")
        # Most kinds end here, at the price of a look at the schema.
        mutant = await self._checked(draft, self._planted(kind, completion, draft, rng))
        right = await self._right(draft, completion) if mutant else None
        if mutant is None or right is None or mutant.turns == right.turns:
            return None
        return None if _means_the_same(mutant, right) else mutant

    async def _right(self, draft: DraftPlan, completion: Completion) -> Sample | None:
        """What the generator wrote, if it is right by all checks."""
        sample = await self._checked(draft, completion)
        sample = await self.rules.check(sample) if sample else None
        return sample if sample and not sample.rejected else None

    def _planted(
        self, kind: str, completion: Completion, draft: DraftPlan, rng: random.Random
    ) -> Completion | None:
        if kind in PAIR_FAULTS:
            return plant(kind, completion, draft, rng)
        [pair] = json.loads(completion.text)["pairs"]
        changed = REPLY_FAULTS[kind](pair, draft, self.apis, rng)
        if changed is None:
            return None
        return completion.model_copy(update={"text": json.dumps({"pairs": [changed]})})

    async def _checked(self, draft: DraftPlan, completion: Completion | None) -> Sample | None:
        """The sample of a completion, if it gets past format and execution."""
        if completion is None:
            return None
        request = Request(index=draft.index, plans=(draft,))
        [sample] = parse(completion, request, generator=self.generator.name).samples
        for verifier in self.before:
            if sample.rejected:
                return None
            sample = await verifier.check(sample)
        return None if sample.rejected else sample

    async def _with_result_of(self, right: Sample, index: int) -> Sample | None:
        draft = self.plan(index)
        completion = await self.generator.draft(Request(index=index, plans=(draft,)))
        other = await self._checked(draft, completion)
        if other is None or not other.results:
            return None
        return with_foreign_result(right, other.results[0].value)


def _means_the_same(mutant: Sample, right: Sample) -> bool:
    """Whether a change of values changed nothing that anybody could see, as in `gcd(a, b)`."""
    if mutant.query != right.query or not right.calls or len(mutant.calls) != len(right.calls):
        return False
    results = [[result.value for result in sample.results] for sample in (mutant, right)]
    names = [[call.name for call in sample.calls] for sample in (mutant, right)]
    return results[0] == results[1] and names[0] == names[1]
