"""`callforge review RUN`: writes the page to mark rows on, or reads the marks it gave."""

from pathlib import Path

import pyarrow.parquet as pq
import typer

from api_registry.errors import StorageError
from data.dataset import rewrite_card
from data.dataset_manifest import DatasetManifest, read_dataset_manifest
from data.review.draw import draw
from data.review.marks import read_marks, review_of, write_review
from data.review.page import render
from data.run_folder import find_run
from data.whole_files import appearing

PAPERS = 0.953
"""Share of 600 rows that people found right in APIGen's set (Liu et al. 2024, section 5.3)."""


def write_page(run: str, *, count: int, seed: int, out: Path | None, runs: str) -> None:
    """Write the page, and say what to do with it."""
    folder, manifest = _found(run, runs)
    rows = draw(folder / "dataset", manifest, count, seed)
    page = render(rows, title=folder.resolve().name, shards=manifest.shards, seed=seed)
    target = out or folder / "review.html"
    with appearing(target, "--out") as file:
        file.write(page.encode("utf-8", "replace"))
    typer.echo(str(target))
    typer.echo(
        f"{len(rows):,} rows to mark in a browser; then: callforge review {run} --marks marks.json"
    )


def count_marks(run: str, *, marks: Path, runs: str) -> None:
    """Print the share of right rows with its interval, and put it into manifest and card."""
    folder, manifest = _found(run, runs)
    names = [name for split in manifest.splits.values() for name in split]
    known = {
        identity
        for name in names
        for identity in pq.read_table(folder / "dataset" / name, columns=["id"])["id"].to_pylist()
    }
    review = review_of(read_marks(marks), manifest.shards, known)
    write_review(folder, review)
    rewrite_card(folder / "dataset", manifest.model_copy(update={"review": review}))
    right = review.right
    typer.echo(
        f"{right.hits:,} of {right.of:,} marked rows are right: {right.share:.1%}, "
        f"{right.low:.1%} to {right.high:.1%} at 95 %"
    )
    if right.of < review.drawn:
        typer.echo(f"{review.drawn - right.of:,} of the rows drawn are not marked yet")
    typer.echo(f"APIGen's paper found {PAPERS:.1%} of 600 rows right")


def _found(run: str, runs: str) -> tuple[Path, DatasetManifest]:
    folder = find_run(run, Path(runs))
    manifest = read_dataset_manifest(folder / "dataset")
    if manifest is None:
        raise StorageError(
            f"`{folder / 'dataset'}` is missing or damaged: the run's own command makes it again"
        )
    return folder, manifest
