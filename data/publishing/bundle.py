"""What is published, a data set or an adapter: its files, and the digest they are known by."""

from dataclasses import dataclass
from pathlib import Path

from api_registry.errors import StorageError
from data.card import licences_of
from data.dataset_manifest import DatasetManifest, read_dataset_manifest
from data.identity import digest
from data.licences import refuse_incompatible
from data.shards import file_digest

MANIFEST = "manifest.json"
_REPORT = "report.html"
"""Drawn anew by later commands (with a training's losses), of the same data: no content."""


@dataclass(frozen=True)
class BundleFile:
    """One file, under the name that it has where it goes."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Bundle:
    """What leaves the machine: a data set, or an adapter."""

    name: str
    """Name of the run or of the adapter."""
    files: tuple[BundleFile, ...]

    @property
    def digest(self) -> str:
        """64 hex digits; equal for equal files under equal names, whatever the report says."""
        content = (file for file in self.files if file.name != _REPORT)
        return digest("\n".join(f"{file.name} {file.sha256}" for file in content))

    @property
    def tag(self) -> str:
        """A name that git takes, of what is published and of this very content."""
        plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in self.name).strip("-.")
        return f"{plain or 'run'}-{self.digest[:8]}"


@dataclass(frozen=True)
class DatasetBundle(Bundle):
    """A data set: shards, card, report, and the manifest last."""

    manifest: DatasetManifest


def bundle_of(run: Path) -> DatasetBundle:
    """Gather what is published of a run.

    Raises `StorageError` where the data set is missing or damaged, and `UsageError` where its
    licences do not allow publishing it.
    """
    bundle = gathered(run)
    refuse_incompatible(licences_of(bundle.manifest))
    return bundle


def gathered(run: Path) -> DatasetBundle:
    """Gather a run's data set, to be kept by whoever made it.

    Raises `StorageError` where it is missing or damaged.
    """
    folder = run / "dataset"
    manifest = read_dataset_manifest(folder)
    if manifest is None:
        raise StorageError(
            f"`{folder}` is missing or damaged: the run's own command makes it again"
        )
    names = [name for split in manifest.splits.values() for name in split]
    paths = [*((name, folder / name) for name in names), ("README.md", folder / "README.md")]
    if (run / _REPORT).is_file():
        paths.append((_REPORT, run / _REPORT))
    paths.append((MANIFEST, folder / MANIFEST))
    files = []
    for name, path in paths:
        sha256 = file_digest(path)
        if sha256 is None:
            raise StorageError(f"`{path}` cannot be read: the run's own command makes it again")
        files.append(BundleFile(name, path, sha256))
    return DatasetBundle(run.resolve().name, tuple(files), manifest)
