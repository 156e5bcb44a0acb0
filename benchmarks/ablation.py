"""Whether verification is worth it: training on verified rows against as many unverified ones.

The embedded generator errs in 15, 30 and 60 % of its drafts, in the ways that leave calls which can
be read and trained on (`KINDS`). Each run is trained on twice, from the same base model with the
same settings: on its rows that passed all checks, and on as many of its drafts as they came, kept
or rejected. Both are asked the same 200 queries of the run without faults.
See `docs/closed_loop.md`.

    OMP_NUM_THREADS=1 python benchmarks/ablation.py --plot docs/ablation.png
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

from examples.closed_loop import loop
from examples.closed_loop.closed_loop import SETTINGS

KINDS = (
    "wrong_number wrong_text swapped_arguments missing_argument unknown_argument number_as_text "
    "null_argument out_of_range unknown_tool wrong_tool duplicate_call extra_call"
).split()
"""Wrong values, tools, and numbers of calls; faults of writing would leave nothing to train on."""
ARMS = ("verified", "unverified")
_T = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""Of Student's distribution, for 95 %, by the number of seeds."""


@dataclass(frozen=True)
class Trial:
    """One training."""

    arm: str
    faults: float
    seed: int
    rows: int
    wrong: float
    """Share of the rows that say something else than the run without faults."""
    exact: float


def trials(
    out: Path, shares: Sequence[float], seeds: Sequence[int], rows: int, drafts: int, epochs: float
) -> list[Trial]:
    """Train and ask; one line each is printed as it comes."""
    found = []
    for seed in seeds:
        over = {"samples": drafts, "seed": seed}
        clean = loop.generate(SETTINGS, out, f"clean-{seed}", **over)
        right = {loop.draft_of(row): said(row) for row in loop.drafted_rows(clean)}
        for share in shares:
            name = f"faults-{share:g}-{seed}"
            faults = {"faults": share, "fault_kinds": KINDS}
            run = loop.generate(SETTINGS, out, name, **over, generator=faults)
            drafted = [r for r in loop.drafted_rows(run) if loop.split_of(r) == "train"]
            arms = {"verified": loop.rows_of(run, "train"), "unverified": drafted}
            for arm in ARMS:
                trained = arms[arm][:rows]
                if len(trained) < rows:
                    sys.exit(f"{name}: {len(trained)} {arm} rows, expected {rows}: add --drafts")
                parts = {"train": trained, "validation": loop.rows_of(run, "validation")}
                data = loop.write_rows(out / "rows" / f"{name}-{arm}", parts)
                adapter = loop.train(
                    SETTINGS, data, out / "trained" / f"{name}-{arm}", epochs=epochs, seed=seed
                )
                score = loop.exact_match(clean, adapter, out / "asked" / f"{name}-{arm}")
                wrong = sum(said(row) != right[loop.draft_of(row)] for row in trained) / rows
                found.append(Trial(arm, share, seed, rows, round(wrong, 4), score.value))
                print(json.dumps(asdict(found[-1])), flush=True)
    return found


def said(row: loop.Row) -> tuple[str, str]:
    """What a row asks and calls."""
    return row["query"], row["answers"]


def mean_of(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and half of its 95 % interval over seeds (0 where there is one)."""
    if len(values) < 2:
        return values[0], 0.0
    t = _T.get(len(values), 2.0)
    return statistics.fmean(values), t * statistics.stdev(values) / math.sqrt(len(values))


def of(found: Sequence[Trial], arm: str, share: float) -> list[Trial]:
    """The trials of one cell, by seed."""
    return [trial for trial in found if (trial.arm, trial.faults) == (arm, share)]


def table(found: Sequence[Trial], shares: Sequence[float]) -> list[str]:
    """The lines of a Markdown table."""
    lines = ["| faults planted | arm | wrong rows | exact match, by seed | mean ± 95 % |",
             "|---:|---|---:|---|---:|"]  # fmt: skip
    for share in shares:
        for arm in ARMS:
            cell = of(found, arm, share)
            wrong = f"{statistics.fmean(trial.wrong for trial in cell):.1%}"
            mean, half = mean_of([trial.exact for trial in cell])
            each = ", ".join(f"{trial.exact:.1%}" for trial in cell)
            lines.append(f"| {share:.0%} | {arm} | {wrong} | {each} | {mean:.1%} ± {half:.1%} |")
    return lines


def draw(found: Sequence[Trial], shares: Sequence[float], path: Path) -> None:
    """Draw both arms over the share of faults, with each seed as a dot."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    for arm, color in zip(ARMS, ("#1a6e8e", "#c2571a"), strict=True):
        cells = [[trial.exact for trial in of(found, arm, share)] for share in shares]
        means = [mean_of(cell) for cell in cells]
        axes.errorbar(shares, [mean for mean, _ in means], [half for _, half in means],
                      label=arm, color=color, marker="o", capsize=4)  # fmt: skip
        for share, cell in zip(shares, cells, strict=True):
            axes.plot([share] * len(cell), cell, ".", color=color, alpha=0.4)
    axes.set(xlabel="drafts with a planted fault", ylabel="exact match", ylim=(0, 1))
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xticks(shares)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)


def missed(found: Sequence[Trial], shares: Sequence[float]) -> bool:
    """Print the aims and whether they are met."""
    failed = False
    for share in shares:
        verified, unverified = (of(found, arm, share) for arm in ARMS)
        gains = [a.exact - b.exact for a, b in zip(verified, unverified, strict=True)]
        mean, half = mean_of(gains)
        met = mean > 0
        failed |= not met
        print(f"{share:.0%} faults: verified − unverified {mean:+.1%} ± {half:.1%} "
              f"(aim: above 0): {'met' if met else 'MISSED'}")  # fmt: skip
    most = max(shares)
    low = min(trial.exact for trial in of(found, "verified", most))
    high = max(trial.exact for trial in of(found, "unverified", most))
    print(f"{most:.0%} faults: worst verified {low:.1%}, best unverified {high:.1%} "
          f"(aim: apart): {'met' if low > high else 'MISSED'}")  # fmt: skip
    return failed or low <= high


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=float, nargs="+", default=[0.15, 0.3, 0.6])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--rows", type=int, default=800, help="rows of each training")
    parser.add_argument("--drafts", type=int, default=1900, help="drafts of each run")
    parser.add_argument("--epochs", type=float, default=1.5)
    parser.add_argument("--out", type=Path, help="folder to keep runs and adapters in")
    parser.add_argument("--plot", type=Path, help="PNG file to draw the result in")
    given = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="callforge-ablation-") as work:
        found = trials(given.out or Path(work), given.faults, given.seeds, given.rows,
                       given.drafts, given.epochs)  # fmt: skip
    print("\n".join(table(found, given.faults)))
    today, minutes = datetime.now(UTC).date(), (time.monotonic() - started) / 60
    print(f"{today}, {given.rows} rows, {given.epochs:g} epochs, {minutes:.0f} minutes")
    if given.plot:
        draw(found, given.faults, given.plot)
    sys.exit(missed(found, given.faults))


if __name__ == "__main__":
    main()
