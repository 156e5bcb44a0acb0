"""How varied the queries are: `python benchmarks/diversity.py [--drafts 10000] [--seed 0]`.

Makes drafts with the embedded generator, checks them, and prints: distinct query skeletons per API
(a skeleton is the query with its values masked), the commonest skeleton's share, skeletons shared
between train and unseen_phrasing, derivation-class shares, and whether the number of tools and the
place of the right one tell the style. Exits 1 when an aim is missed.
"""

import argparse
import asyncio
import sys
from collections import Counter, defaultdict
from pathlib import Path

# Run as a file, Python would take its neighbour `verifiers.py` for the package of that name.
sys.path[0] = str(Path(__file__).parent.parent)

from api_registry.execution.pool import RunnerPool
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from data.types import Sample
from flows.config import CATALOG
from flows.drafting import Line, draft_samples
from generators.embedded.generator import EmbeddedGenerator, write
from generators.plan import Plan
from generators.plan_config import PlanConfig
from generators.types import DraftPlan
from verifiers.build import build_verifiers

AIM_SKELETONS, AIM_SHARE, AIM_DERIVED = 20, 0.005, 0.30
"""At least 20 skeletons per API, none over 0.5 % of rows, 30 % of arguments not verbatim."""

SIZE = 1000


async def make(drafts: int, seed: int) -> tuple[Plan, list[Sample]]:
    apis = load_apis([CATALOG]).apis
    plan = Plan(apis, PlanConfig(), seed=seed, shard_size=SIZE)
    samples: list[Sample] = []
    async with RunnerPool(apis, ExecutionConfig()) as pool:
        line = Line(plan, EmbeddedGenerator(), build_verifiers(pool, apis))
        for first in range(0, drafts, SIZE):
            count = min(SIZE, drafts - first)
            made = await draft_samples(line, first, count, lambda drafts, kept: None)
            samples += made.samples
    return plan, samples


def skeleton(plan: Plan, draft: DraftPlan) -> str:
    """The query with every value masked, as the generator itself marked them."""
    base = draft if draft.contrast_of is None else plan(draft.contrast_of)
    return write(base).skeleton


def spread(plan: Plan, samples: list[Sample]) -> bool:
    """Print the skeleton figures; whether their aims are met."""
    per_api: dict[str, set[str]] = defaultdict(set)
    per_split: dict[str, set[str]] = defaultdict(set)
    rows: Counter[str] = Counter()
    for index, sample in enumerate(samples):
        draft = plan(index)
        if not draft.targets or sample.rejected:
            continue
        masked = skeleton(plan, draft)
        rows[masked] += 1
        per_split[draft.split].add(masked)
        for api in {api.name for api in draft.targets}:
            per_api[api].add(masked)
    fewest, api = min((len(found), api) for api, found in per_api.items())
    common, count = rows.most_common(1)[0]
    shared = per_split["train"] & per_split["unseen_phrasing"]
    share = count / len(samples)
    print(f"APIs: {len(per_api)}; skeletons: {len(rows):,}")
    print(f"fewest skeletons of an API: {fewest} ({api}); aim ≥ {AIM_SKELETONS}")
    print(f"commonest skeleton: {share:.2%} of rows (`{common}`); aim ≤ {AIM_SHARE:.1%}")
    print(f"shared between train and unseen_phrasing: {len(shared)}; aim 0")
    for text in sorted(shared)[:5]:
        print(f"  {text}")
    return fewest >= AIM_SKELETONS and share <= AIM_SHARE and not shared


def derivations(samples: list[Sample]) -> bool:
    """Print the shares of the derivation classes; whether enough arguments are not verbatim."""
    classes: Counter[str] = Counter()
    for sample in samples:
        if not sample.rejected:
            classes.update(sample.annotations.get("derivation", {}).values())
    total = sum(classes.values())
    print("derivation classes:")
    for name, count in classes.most_common():
        print(f"  {name:12} {count / total:6.1%}")
    derived = 1 - classes["verbatim"] / total
    print(f"not verbatim: {derived:.1%}; aim ≥ {AIM_DERIVED:.0%}")
    return derived >= AIM_DERIVED


def shortcuts(plan: Plan, samples: list[Sample]) -> None:
    """Print tool counts and the place of the right tool by style: both should look alike."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    places: dict[str, list[float]] = defaultdict(list)
    for index, sample in enumerate(samples):
        draft = plan(index)
        if sample.rejected or draft.split != "train":
            continue
        counts[draft.style][len(draft.tools)] += 1
        offered = [tool.api for tool in draft.tools]
        if draft.style != "irrelevant" and len(offered) > 1:
            for api in {api.name for api in draft.targets}:
                places[draft.style].append(offered.index(api) / (len(offered) - 1))
    sizes = sorted({size for counter in counts.values() for size in counter})
    print("tools offered, share of rows by style (training rows)")
    print(f"  {'style':18}" + "".join(f"{size:>6}" for size in sizes) + "   mean place")
    for style, counter in sorted(counts.items()):
        total = sum(counter.values())
        shares = "".join(f"{counter[size] / total:>6.0%}" for size in sizes)
        place = places[style]
        mean = f"{sum(place) / len(place):.3f}" if place else ""
        print(f"  {style:18}{shares}   {mean}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    plan, samples = asyncio.run(make(arguments.drafts, arguments.seed))
    met = spread(plan, samples)
    met &= derivations(samples)
    shortcuts(plan, samples)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
