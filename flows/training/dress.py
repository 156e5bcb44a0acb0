"""What stands beside a trained adapter when others get it: its card, its record, its plot."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from data.dataset_manifest import DatasetManifest, read_dataset_manifest
from data.publishing.adapter import CARD
from data.shards import write_atomically
from flows.evaluation.comparison import FILE as COMPARISON
from flows.evaluation.comparison import read_comparison
from flows.training.card import adapter_card, public_record
from flows.training.curves import PLOT
from flows.training.record import FILE, DataRecord, TrainingRecord


def dress(folder: Path, record: TrainingRecord, *, published: str | None = None) -> Path:
    """Write card and record beside the weights of a training in `folder`; returns their folder.

    Only what changed is written, so that repeating it changes nothing. `published` is the name on
    the Hub of the run's data set, where it went there; the card that is there says it as well.
    """
    place = folder / record.result
    named = {source.path for source in record.data}
    before = [name for name in _header(place / CARD).get("datasets") or () if name not in named]
    published = published or next(iter(before), None)
    comparison = read_comparison(folder)
    card = adapter_card(
        record,
        manifests_of(record.data),
        comparison=comparison,
        base_license=model_license(record.model),
        published=published,
    )
    _write(place / CARD, card.encode())
    _write(place / FILE, json.dumps(public_record(record), indent=1).encode() + b"\n")
    for name in (PLOT, *([COMPARISON] if comparison else [])):
        if (folder / name).is_file():
            _write(place / name, (folder / name).read_bytes())
    return place


def manifests_of(data: Iterable[DataRecord]) -> dict[str, DatasetManifest]:
    """Path → manifest of the sources that are runs, and are there still."""
    found = {
        source.path: read_dataset_manifest(Path(source.run) / "dataset")
        for source in data
        if source.run is not None
    }
    return {path: manifest for path, manifest in found.items() if manifest is not None}


def model_license(model: str) -> str | None:
    """The licence that a model's own card names; None where there is none to be read.

    Of a model on the Hub, the card in its cache is read: nothing is fetched.
    """
    card = Path(model).expanduser() / CARD
    if not card.is_file():
        from huggingface_hub import try_to_load_from_cache

        try:
            cached = try_to_load_from_cache(model, CARD)
        except ValueError:  # a folder, whose path is no name on the Hub
            return None
        if not isinstance(cached, str):
            return None
        card = Path(cached)
    licence = _header(card).get("license")
    return licence if isinstance(licence, str) else None


def _header(card: Path) -> dict[str, Any]:
    """The YAML of a card; nothing where it has none that can be read."""
    try:
        text = card.read_text(encoding="utf-8", errors="replace")
        found = yaml.safe_load(text[4:].partition("\n---")[0]) if text[:4] == "---\n" else None
    except (OSError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        write_atomically(path, content)
