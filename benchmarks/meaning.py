"""Copies by meaning: `python benchmarks/meaning.py RUN --model NAME_OR_FOLDER`.

Every tenth row with calls of a run is asked again, with small talk around it or introduced by a
polite sentence, its calls the same. Per threshold, with and without the search for near copies
before: how many of these are left out, and how many of the run's own rows. Needs
`pip install -e '.[embed]'`, and a model on the Hub or in a folder. Exits 1 when more than 1 % of
the run's own rows go at 0.95.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

# Run as a file, Python would take its neighbour `verifiers.py` for the package of that name.
sys.path[0] = str(Path(__file__).parent.parent)

from data.dedup.config import DedupConfig
from data.dedup.copies import find_copies
from data.dedup.meaning import load_model
from data.shards import row_batches

AIM_THRESHOLD, AIM_OWN = 0.95, 0.01
FORMS = {
    "small talk": "Hi, I hope you are well. {} Many thanks in advance!",
    "introduced": "Please, could you help me with this: {}",
}


def reworded(row: dict[str, Any], form: str) -> dict[str, Any]:
    """The row with its question asked in another form."""
    messages = [
        {**message, "content": form.format(message["content"])}
        if message["role"] == "user"
        else message
        for message in row["messages"]
    ]
    return {**row, "query": form.format(row["query"]), "messages": messages}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("--model", required=True, help="sentence-transformers model")
    parser.add_argument("--thresholds", type=float, nargs="+", default=[0.95, 0.9])
    parser.add_argument("--rows", type=int, default=1000, help="rows of the run, at most")
    options = parser.parse_args()
    rows = [
        row
        for path in sorted(options.run.glob("shards/kept-*.parquet"))
        for batch in row_batches(path)
        for row in batch
    ][: options.rows]
    embed = load_model(options.model)
    missed = False
    for threshold in options.thresholds:
        for near in (True, False):
            for name, form in FORMS.items():
                again = [reworded(row, form) for row in rows if row["n_calls"]][::10]
                config = DedupConfig(near=near, embedding_threshold=threshold)
                started = time.monotonic()
                copies = find_copies([*rows, *again], config, embed)
                seconds = time.monotonic() - started
                own = sum(place < len(rows) for place in copies)
                print(
                    f"{threshold:g}, {'after near copies' if near else 'alone'}, {name}: "
                    f"{len(copies) - own} of {len(again)} found, {own} of {len(rows)} own rows "
                    f"left out, {seconds:.1f} s"
                )
                missed |= threshold == AIM_THRESHOLD and own > AIM_OWN * len(rows)
    print(f"own rows left out at {AIM_THRESHOLD:g}: {'missed' if missed else 'met'}")
    sys.exit(missed)


if __name__ == "__main__":
    main()
