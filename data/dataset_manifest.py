"""The manifest of a data set: what it is made of, and every number that a reader is shown."""

from pathlib import Path
from typing import Any

from api_registry.types import Model
from data.dataset_config import DatasetConfig
from data.funnel import Funnel
from data.judging import Judging
from data.removed import Example
from data.review.marks import Review
from data.schema import SCHEMA_VERSION
from data.set_figures import SetFigures
from data.shards import FileRecord, file_digest
from data.skeletons import Skeletons
from data.statistics import Statistics
from data.usage import Usage

SPLITS: tuple[str, ...] = (
    "train",
    "validation",
    "test",
    "unseen_api",
    "unseen_category",
    "unseen_phrasing",
)


class DatasetManifest(Model):
    """What a data set is made of; every number a reader is shown comes from here."""

    schema_version: str = SCHEMA_VERSION
    identity: str
    shards: str
    """Digest of the shards it was made from: the same shards, the same data set."""
    funnel: Funnel
    statistics: Statistics
    """Figures of its rows."""
    skeletons: Skeletons
    command: str
    """The command line that made it."""
    apis: int
    """APIs that drafts could be about."""
    wanted: int | None = None
    """Rows that were asked for; None where drafts were."""
    usage: Usage | None = None
    """What the answers of models cost; None where no model was asked."""
    cost: float | None = None
    """In the currency of the prices that were given; None without prices."""
    versions: dict[str, str]
    """What it was made with: `callforge`, `python`, and the library that wrote the files."""
    settings: DatasetConfig = DatasetConfig()
    """What counted as a copy and as a benchmark's question."""
    held_out: dict[str, tuple[str, ...]] = {}
    """Split → the APIs that no other split offers."""
    removed: dict[str, dict[str, tuple[Example, ...]]] = {}
    """Stage → reason → a few of the rows left out, which `removed.parquet` of the run holds all."""
    licenses: dict[str, int] = {}
    """Licence → rows under it."""
    generator: str = ""
    """Who wrote the drafts, with the version of its prompts; `embedded` is a grammar."""
    facts: dict[str, Any] = {}
    """What the run's identity is made of: seed, plan, models, prompts, checks."""
    sandbox: tuple[str, ...] = ()
    """Tiers of isolation that calls ran in."""
    unsteady: dict[str, str] = {}
    """APIs that do not give the same result for the same call: `stateful` or `random`."""
    figures: SetFigures | None = None
    """Figures of a sample of the rows: variety, shortcuts, lengths; None in older manifests."""
    judging: Judging | None = None
    """The judges and how they did; None where there were none."""
    review: Review | None = None
    """What a person found of a random sample; None where nobody looked."""
    splits: dict[str, dict[str, FileRecord]]
    """Split → file name → rows, bytes, sha256."""


def read_dataset_manifest(folder: Path) -> DatasetManifest | None:
    """Return the manifest of a whole data set, None for any other: it is cheap to make again."""
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
        manifest = DatasetManifest.model_validate_json(text)
    except (OSError, ValueError):
        return None
    files = {name: record for split in manifest.splits.values() for name, record in split.items()}
    intact = all(file_digest(folder / name) == record.sha256 for name, record in files.items())
    return manifest if intact else None
