"""Finding copies among many rows: `python benchmarks/dedup.py [--rows 100000 1000000]`.

Rows are the embedded generator's, written without running them; among them copies are planted, each
a known change of an earlier row. Per size: CPU and wall-clock time, peak memory, recall by kind of
change, and precision. A row is rightly left out if it says the same as the earlier one, or if its
shingles, computed here anew as sets of text, overlap by the threshold. Exits 1 when an aim is
missed.
"""

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Run as a file, Python would take its neighbour `verifiers.py` for the package of that name.
sys.path[0] = str(Path(__file__).parent.parent)

import pyarrow as pa
import pyarrow.parquet as pq

from api_registry.registry import load_apis
from data.contamination.words import words_of
from data.dedup.config import DedupConfig
from data.dedup.copies import Copy, find_copies
from data.dedup.keys import COLUMNS
from data.dedup.near import bands_for
from data.rows import tools_json
from flows.config import CATALOG
from generators.embedded.generator import write
from generators.plan import Plan
from generators.plan_config import PlanConfig

AIM_MINUTES, AIM_GIB = 10, 4
"""For 1,000,000 rows on two cores."""
AIM_RECALL, AIM_PRECISION = 0.95, 0.99
PLANTED = 0.1
"""Share of rows that are changed copies of earlier ones."""
_FILE = 20_000
_WINDOW = 5_000
"""A copy is of one of so many rows before it, so that making rows takes little memory."""

Change = Callable[[str, random.Random], str]


def _typo(query: str, rng: random.Random) -> str:
    words = query.split(" ")
    place = rng.randrange(len(words))
    word = words[place]
    cut = rng.randrange(len(word)) if word else 0
    words[place] = word[:cut] + rng.choice("qxzj") + word[cut:]
    return " ".join(words)


CHANGES: dict[str, Change] = {
    "verbatim": lambda query, rng: query,
    "case": lambda query, rng: query.upper(),
    "punctuation": lambda query, rng: query.replace(",", " -").rstrip(".?!") + "!!",
    "word before": lambda query, rng: rng.choice(("Please: ", "Hello, ", "Quickly, ")) + query,
    "word after": lambda query, rng: query + rng.choice((" Thanks", " Cheers", " Please")),
    "typo": _typo,
}


def made(count: int, seed: int) -> Iterator[tuple[dict[str, Any], tuple[int, str] | None]]:
    """Yield rows, each with place of its original and kind of change where it is a planted copy."""
    apis = load_apis([CATALOG]).apis
    plan = Plan(apis, PlanConfig(), seed=seed, shard_size=1)
    rng = random.Random(seed)
    window: list[tuple[int, dict[str, Any]]] = []
    kinds = list(CHANGES)
    draft = 0
    for place in range(count):
        if window and rng.random() < PLANTED:
            origin, row = window[rng.randrange(len(window))]
            kind = rng.choice(kinds)
            yield {**row, "query": CHANGES[kind](row["query"], rng)}, (origin, kind)
            continue
        planned = plan(draft)
        draft += 1
        written = write(planned)
        row = {
            "id": f"{place:032x}",
            "query": written.query,
            "tools": tools_json(planned.tools),
            "answers": json.dumps(written.answers),
            "messages": "",
            "n_turns": 2,
        }
        window.append((place, row))
        if len(window) > _WINDOW:
            del window[: _WINDOW // 2]
        yield row, None


def store(folder: Path, count: int, seed: int) -> dict[int, tuple[int, str]]:
    """Write the rows as Parquet files; return place → original and kind of the planted ones."""
    planted, batch = {}, []
    for place, (row, copy) in enumerate(made(count, seed)):
        if copy:
            planted[place] = copy
        batch.append(row)
        if len(batch) == _FILE or place == count - 1:
            pq.write_table(pa.Table.from_pylist(batch), folder / f"{place:09d}.parquet")
            batch = []
    return planted


def stored(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1000, columns=list(COLUMNS)):
                yield from batch.to_pylist()


def _search(folder: Path, config: DedupConfig, answer: Any) -> None:
    """In a process of its own, so that its peak memory is its own."""
    started, cpu = time.perf_counter(), time.process_time()
    copies = find_copies(stored(folder), config)
    answer.send(
        (
            copies,
            time.perf_counter() - started,
            time.process_time() - cpu,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        )
    )


def overlap(one: dict[str, Any], other: dict[str, Any], words: int) -> float:
    """Jaccard similarity, worked out from the description of it, not with the code measured."""

    def shingles(row: dict[str, Any]) -> set[Any]:
        said = words_of(row["query"])
        found: set[Any] = {
            tuple(said[at : at + words]) for at in range(max(len(said) - words + 1, 1))
        }
        found |= {("tool", tool["name"]) for tool in json.loads(row["tools"])}
        for call in json.loads(row["answers"]):
            for name, value in call["arguments"].items():
                found.add(("argument", call["name"], name, json.dumps(value, sort_keys=True)))
        return found

    mine, theirs = shingles(one), shingles(other)
    return len(mine & theirs) / len(mine | theirs)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two rows ask and answer the same, word for word."""
    asked_alike = words_of(one["query"]) == words_of(other["query"])
    return asked_alike and json.loads(one["answers"]) == json.loads(other["answers"])


def judge(
    folder: Path, copies: dict[int, Copy], planted: dict[int, tuple[int, str]], config: DedupConfig
) -> tuple[float, float]:
    """Print recall by kind and precision; return both."""
    rows: dict[int, dict[str, Any]] = {}
    asked = {place for copy in copies.values() for place in (copy.of,)} | set(copies)
    asked |= {place for place, _ in planted.values()} | set(planted)
    for place, row in enumerate(stored(folder)):
        if place in asked:
            rows[place] = {key: row[key] for key in ("query", "tools", "answers")}
    known, caught = Counter[str](), Counter[str]()
    for place, (origin, kind) in planted.items():
        if overlap(rows[place], rows[origin], config.shingle_words) >= config.threshold:
            known[kind] += 1
            caught[kind] += place in copies
    for kind in CHANGES:
        share = caught[kind] / max(known[kind], 1)
        print(f"  {kind:12} {known[kind]:>8,} planted, recall {share:.4f}")
    right = sum(
        same(rows[place], rows[copy.of])
        or overlap(rows[place], rows[copy.of], config.shingle_words) >= config.threshold
        for place, copy in copies.items()
    )
    others = sum(place not in planted for place in copies)
    recall, precision = caught.total() / max(known.total(), 1), right / max(len(copies), 1)
    print(
        f"  recall {recall:.4f} (aim {AIM_RECALL}), precision {precision:.4f} (aim {AIM_PRECISION})"
    )
    print(f"  {len(copies):,} left out, {others:,} of them copies that nobody planted")
    return recall, precision


def measure(count: int, seed: int, config: DedupConfig) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planted = store(folder, count, seed)
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_search, args=(folder, config, theirs))
        process.start()
        copies, wall, cpu, gib = mine.recv()
        process.join()
        print(f"{count:,} rows: {cpu / 60:.2f} min CPU, {wall / 60:.2f} min, peak {gib:.2f} GiB")
        recall, precision = judge(folder, copies, planted, config)
    # The aim is for a million rows; the work grows with the number of rows.
    minutes = max(AIM_MINUTES * count / 1_000_000, 1)
    met = cpu / 60 < minutes and gib < AIM_GIB
    print(f"  aims: under {minutes:g} min CPU and {AIM_GIB} GiB: {'met' if met else 'missed'}")
    return met and recall >= AIM_RECALL and precision >= AIM_PRECISION


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--threshold", type=float, default=DedupConfig().threshold)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    config = DedupConfig(threshold=options.threshold)
    bands, width = bands_for(config.threshold)
    print(
        f"threshold {config.threshold:g} on runs of {config.shingle_words} words, tools and "
        f"arguments; {bands} bands of {width}; {os.cpu_count()} processors"
    )
    met = [measure(count, options.seed, config) for count in options.rows]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
