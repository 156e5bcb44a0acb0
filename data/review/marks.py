"""What a person marked, and the share of right rows that it stands for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from api_registry.errors import UsageError
from api_registry.types import Model
from data.agreement import Rate, rate
from data.shards import write_atomically

FILE = "review.json"
Mark = Literal["right", "wrong"]


class Marks(Model):
    """The file that the page gives."""

    identity: str
    """Digest of the set's shards, so that marks are not taken for another set's."""
    seed: int
    drawn: int
    """Rows on the page."""
    marks: dict[str, Mark]
    """Row's id → what the person found."""
    notes: dict[str, str] = Field(default_factory=dict)


class Review(Model):
    """What a person found of a random sample of the rows."""

    shards: str
    """Digest of the shards of the set that was looked at."""
    drawn: int
    right: Rate
    """Of the rows marked; what was not marked counts neither way."""


def read_marks(path: Path) -> Marks:
    """Read the file that the page gave. Raises `UsageError` for anything else."""
    try:
        return Marks.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"--marks `{path}` cannot be read: {error.strerror}") from error
    except (ValueError, ValidationError) as error:
        raise UsageError(
            f"--marks `{path}` is not a file that the review page gave: download it there again"
        ) from error


def review_of(marks: Marks, shards: str, known: Mapping[str, Any] | set[str]) -> Review:
    """Count marks. Raises `UsageError` for marks of another set, or none."""
    if marks.identity != shards or not marks.marks.keys() <= set(known):
        raise UsageError("these marks are of another data set: the set was made anew since")
    if not marks.marks:
        raise UsageError("no row is marked: mark some on the page, then download the file again")
    right = sum(mark == "right" for mark in marks.marks.values())
    return Review(shards=shards, drawn=marks.drawn, right=rate(right, len(marks.marks)))


def write_review(run: Path, review: Review) -> None:
    """Keep a review in a run's folder, for card and manifest."""
    write_atomically(run / FILE, review.model_dump_json(indent=1).encode() + b"\n")


def read_review(run: Path, shards: str) -> Review | None:
    """Return the review of exactly these shards, None where there is none."""
    try:
        review = Review.model_validate_json((run / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return review if review.shards == shards else None
