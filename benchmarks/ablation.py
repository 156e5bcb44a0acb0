"""Whether verification is worth it: training on verified rows against as many unverified ones.

The embedded generator goes wrong in 15, 30 and 60 % of its drafts. Each run is trained on twice,
from the same base model with the same settings: on its rows that passed all checks, and on as many
of its drafts as they came, kept or rejected. Both are asked the same 200 queries of the run
without faults. See `docs/closed_loop.md`.

    OMP_NUM_THREADS=1 python benchmarks/ablation.py --plot docs/ablation.png

How the faults are planted was written down before any model was trained on them, and stays:

- Shares. APIGen's generators had 15.85, 34.0, 61.5 and 65.6 % of 40,000 drafts rejected
  (arXiv 2406.18518), of which 15, 30 and 60 % are the round figures.
- 60 % of the faults are habits (`generators/embedded/habits.py`), the others are drawn anew for
  each draft (`KINDS`). Two *different* models that both err give the same wrong answer in 60 % of
  the cases ("Correlated Errors in Large Language Models", ICML 2025); for one model asked twice
  that is a low estimate.
- A habit is one mistake with one tool or parameter, which the seed decides once, evenly among the
  mistakes that can be made with it. It shows in queries of one wording of that tool, in most of
  them: in a share drawn evenly between 50 and 100 %. Its details (the factor of a unit, the suffix
  of a name) are always the same.
- Nothing is done to make mistakes visible to the checks. One that leaves a valid call whose values
  all stand in the query (a neighbouring tool that takes fewer arguments) is let through, and
  stays in both arms; how many were is printed.
- The workshop has neither dates nor optional parameters, and one call answers each query, so that
  habits with those are not among the faults.

A verified arm is no better than what is left: where a habit shows, right rows are few.

Intervals are of the paired bootstrap: seeds are drawn with replacement, and the questions of each,
on which both arms are compared. With so few seeds such an interval is rather too narrow, so
Student's over the seeds alone, the stricter measure, is printed beside it.
`--random` plants faults without habits, as this benchmark did at first.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from api_registry.registry import load_apis
from examples.closed_loop import loop
from examples.closed_loop.closed_loop import SETTINGS
from generators.embedded.generator import EmbeddedGenerator, split_phrasings
from generators.embedded.habits import Habit, HabitualGenerator, habits_of
from generators.plan import Plan

HABITS = 0.6
"""Share of the faults that are habits."""
KINDS = (
    "wrong_number wrong_text swapped_arguments missing_argument unknown_argument number_as_text "
    "null_argument out_of_range unknown_tool wrong_tool duplicate_call extra_call"
).split()
"""Wrong values, tools, and numbers of calls; faults of writing would leave nothing to train on."""
RANDOM = "drawn for each draft"
ARMS = ("verified", "unverified")
STAGES = ("format", "execution", "semantic")
PASSED = "let through"
_DRAWS = 10_000
_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
"""Of Student's distribution, for 95 %, by the number of seeds; with more, rather too wide."""


@dataclass(frozen=True)
class Trial:
    """One training."""

    arm: str
    faults: float
    seed: int
    wrong: float
    """Share of the rows that say something else than the run without faults."""
    right: tuple[bool, ...]
    """Question by question, whether the calls were the right ones."""

    @property
    def exact(self) -> float:
        """Share of the questions answered rightly."""
        return statistics.fmean(self.right)


@dataclass(frozen=True)
class Sizes:
    """How much is made, and trained on, and asked."""

    rows: int
    drafts: int
    epochs: float
    questions: int


Seen = Counter[tuple[str, str]]
"""(mistake, the stage that rejected it or `PASSED`) → drafts that were wrong."""


def trials(
    out: Path, shares: Sequence[float], seeds: Sequence[int], sizes: Sizes, habitual: bool
) -> tuple[list[Trial], Seen]:
    """Train and ask; one line each is printed as it comes."""
    found, seen = [], Seen()
    for seed in seeds:
        over = {"samples": sizes.drafts, "seed": seed}
        clean = loop.generate(SETTINGS, out, f"clean-{seed}", **over)
        right = {loop.draft_of(row): said(row) for row in loop.drafts_of(clean)}
        for share in shares:
            name = f"faults-{share:g}-{seed}"
            faults = planted(share, seed, habitual=habitual)
            run = loop.generate(SETTINGS, out, name, **over, generator=faults)
            seen += seen_by_checks(run, right, faults["habits"], seed)
            drafted = [r for r in loop.drafted_rows(run) if loop.split_of(r) == "train"]
            arms = {"verified": loop.rows_of(run, "train"), "unverified": drafted}
            for arm in ARMS:
                trained = arms[arm][: sizes.rows]
                if len(trained) < sizes.rows:
                    sys.exit(
                        f"{name}: {len(trained)} {arm} rows, expected {sizes.rows}: add --drafts"
                    )
                parts = {"train": trained, "validation": loop.rows_of(run, "validation")}
                data = loop.write_rows(out / "rows" / f"{name}-{arm}", parts)
                adapter = loop.train(
                    SETTINGS, data, out / "trained" / f"{name}-{arm}",
                    epochs=sizes.epochs, seed=seed,
                )  # fmt: skip
                asked = loop.ask(
                    clean, adapter, out / "asked" / f"{name}-{arm}", questions=sizes.questions
                ).outcomes["plain"]
                wrong = sum(said(row) != right[loop.draft_of(row)] for row in trained) / sizes.rows
                found.append(
                    Trial(arm, share, seed, round(wrong, 4), tuple(o.valid for o in asked))
                )
                shown = asdict(found[-1]) | {"right": sum(found[-1].right), "of": len(asked)}
                print(json.dumps(shown), flush=True)
    return found, seen


def planted(share: float, seed: int, *, habitual: bool = True) -> dict[str, Any]:
    """The generator's settings with which it errs in a share of its drafts."""
    apis = load_apis([str(loop.HERE / "workshop.py")]).apis
    habits = habits_of(apis, HABITS * share, seed) if habitual else ()
    wordings = {api.name: len(split_phrasings(api)[0]) for api in apis}
    shown = sum(habit.rate / wordings[habit.api] for habit in habits) / len(apis)
    # Planted where no habit shows, so that `share` of all drafts are meant to be wrong.
    return {"faults": (share - shown) / (1 - shown), "fault_kinds": KINDS, "habits": habits}


def seen_by_checks(
    run: Path, right: dict[int, tuple[str, str]], habits: Sequence[Habit], seed: int
) -> Seen:
    """Which mistakes the checks saw, over all drafts of a run that say anything wrong."""
    config = loop.configured(SETTINGS, run.parent, seed=seed)
    apis = load_apis(config.apis).apis
    plan = Plan(apis, config.plan, seed=seed, shard_size=config.output.shard_size)
    generator = HabitualGenerator(EmbeddedGenerator(), habits, seed=seed)
    seen = Seen()
    for row in loop.drafts_of(run):
        draft = loop.draft_of(row)
        if said(row) != right[draft]:
            habit = generator.shown(plan(draft))
            seen[habit.mistake if habit else RANDOM, row["stage"] or PASSED] += 1
    return seen


def said(row: loop.Row) -> tuple[str, str]:
    """What a row asks and calls."""
    return row["query"], row["answers"]


def interval(by_seed: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """The mean over questions, and its 95 % interval: seeds are drawn, then questions of each.

    All seeds have as many questions. Percentiles of 10,000 draws; always the same ones.
    """
    values = np.array(by_seed, dtype=float)
    seeds, questions = values.shape
    rng = np.random.default_rng(0)
    means = [
        values[
            rng.integers(seeds, size=seeds)[:, None], rng.integers(questions, size=values.shape)
        ].mean()
        for _ in range(_DRAWS)
    ]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(values.mean()), float(low), float(high)


def of(found: Iterable[Trial], arm: str, share: float) -> list[Trial]:
    """The trials of one cell, by seed."""
    return [trial for trial in found if (trial.arm, trial.faults) == (arm, share)]


def gains(found: Sequence[Trial], share: float) -> list[list[float]]:
    """Verified less unverified, by seed and question."""
    cells = zip(of(found, "verified", share), of(found, "unverified", share), strict=True)
    return [np.subtract(a.right, b.right, dtype=float).tolist() for a, b in cells]


def over_seeds(by_seed: Sequence[Sequence[float]]) -> str:
    """Student's 95 % interval of the means of seeds, in words."""
    if len(by_seed) < 2:
        return "not known of one seed"
    means = [statistics.fmean(values) for values in by_seed]
    half = _T.get(len(means), _T[max(_T)]) * statistics.stdev(means) / math.sqrt(len(means))
    return f"±{half:.1%}"


def table(found: Sequence[Trial], shares: Sequence[float]) -> list[str]:
    """The lines of a Markdown table of the scores."""
    lines = ["| faults planted | arm | wrong rows | exact match, by seed | mean | gain |",
             "|---:|---|---:|---|---:|---|"]  # fmt: skip
    for share in shares:
        mean, low, high = (100 * value for value in interval(gains(found, share)))
        for arm in ARMS:
            cell = of(found, arm, share)
            wrong = statistics.fmean(trial.wrong for trial in cell)
            each = ", ".join(f"{trial.exact:.1%}" for trial in cell)
            told = f"{mean:+.1f} ({low:+.1f} to {high:+.1f})" if arm == ARMS[0] else ""
            exact = statistics.fmean(trial.exact for trial in cell)
            lines.append(f"| {share:.0%} | {arm} | {wrong:.1%} | {each} | {exact:.1%} | {told} |")
    return lines


def table_of_checks(seen: Seen) -> list[str]:
    """The lines of a Markdown table of what was wrong, and which stage rejected it."""
    columns = (*STAGES, PASSED)
    lines = [f"| mistake | wrong drafts | {' | '.join(columns)} |", f"|---|{'---:|' * 5}"]
    mistakes = sorted({mistake for mistake, _ in seen} - {RANDOM})
    for mistake in (*mistakes, RANDOM):
        counts = [seen[mistake, column] for column in columns]
        cells = " | ".join(f"{count:,}" for count in (sum(counts), *counts))
        lines.append(f"| {mistake.replace('_', ' ')} | {cells} |")
    return lines


def draw(found: Sequence[Trial], shares: Sequence[float], path: Path) -> None:
    """Draw both arms over the share of faults, each seed a dot, and the gain beside them."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (scores, gained) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for arm, color in zip(ARMS, ("#1a6e8e", "#c2571a"), strict=True):
        cells = [of(found, arm, share) for share in shares]
        _bars(scores, shares, [interval([t.right for t in c]) for c in cells], arm, color)
        for share, cell in zip(shares, cells, strict=True):
            scores.plot([share] * len(cell), [t.exact for t in cell], ".", color=color, alpha=0.4)
    both = [interval(gains(found, share)) for share in shares]
    _bars(gained, shares, both, "", "#444444")
    gained.axhline(0, color="#999999", linewidth=0.8)
    scores.set(ylabel="exact match", ylim=(0, 1))
    scores.legend(frameon=False)
    gained.set(ylabel="verified less unverified")
    for axes in (scores, gained):
        axes.set(xlabel="drafts with a planted fault", xticks=shares)
        axes.xaxis.set_major_formatter("{x:.0%}")
        axes.yaxis.set_major_formatter("{x:.0%}")
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=130)


def _bars(
    axes: Any, shares: Sequence[float], cells: Sequence[tuple[float, float, float]], label: str,
    color: str,
) -> None:  # fmt: skip
    means = [mean for mean, _, _ in cells]
    spread = [[mean - low for mean, low, _ in cells], [high - mean for mean, _, high in cells]]
    axes.errorbar(shares, means, spread, label=label, color=color, marker="o", capsize=4)


def missed(found: Sequence[Trial], shares: Sequence[float]) -> bool:
    """Print the aims and whether they are met."""
    failed = False
    for share in shares:
        by_seed = gains(found, share)
        mean, low, high = interval(by_seed)
        met = mean > 0
        failed |= not met
        print(f"{share:.0%} faults: verified − unverified {mean:+.1%}, 95 % interval {low:+.1%} to "
              f"{high:+.1%}, over seeds alone {over_seeds(by_seed)} (aim: above 0): "
              f"{'met' if met else 'MISSED'}"
              f"{'' if low > 0 or not met else ', though the interval holds 0'}")  # fmt: skip
    most = max(shares)
    worst = min(trial.exact for trial in of(found, "verified", most))
    best = max(trial.exact for trial in of(found, "unverified", most))
    print(f"{most:.0%} faults: worst verified {worst:.1%}, best unverified {best:.1%} "
          f"(aim: apart): {'met' if worst > best else 'MISSED'}")  # fmt: skip
    return failed or worst <= best


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=float, nargs="+", default=[0.15, 0.3, 0.6])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--random", action="store_true", help="plant no habits")
    parser.add_argument("--rows", type=int, default=800, help="rows of each training")
    parser.add_argument("--drafts", type=int, default=2600, help="drafts of each run")
    parser.add_argument("--epochs", type=float, default=1.5)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--out", type=Path, help="folder to keep runs and adapters in")
    parser.add_argument("--plot", type=Path, help="PNG file to draw the result in")
    given = parser.parse_args()
    sizes = Sizes(given.rows, given.drafts, given.epochs, given.questions)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="callforge-ablation-") as work:
        found, seen = trials(
            given.out or Path(work), given.faults, given.seeds, sizes, not given.random
        )
    print("\n".join((*table(found, given.faults), "", *table_of_checks(seen), "")))
    today, minutes = datetime.now(UTC).date(), (time.monotonic() - started) / 60
    print(f"{today}, {given.rows} rows, {given.epochs:g} epochs, {minutes:.0f} minutes")
    if given.plot:
        draw(found, given.faults, given.plot)
    sys.exit(missed(found, given.faults))


if __name__ == "__main__":
    main()
