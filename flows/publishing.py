"""Publishing whatever a folder holds: a run's data set, or what was trained."""

from pathlib import Path

from api_registry.errors import UsageError
from data.publishing.adapter import publish_adapter
from data.publishing.config import PublishConfig, Published
from data.publishing.publish import publish
from data.run_folder import find_run
from flows.training.dress import dress
from flows.training.folder import TrainingFolder


def publish_any(config: PublishConfig) -> Published:
    """Publish a run, or an adapter: the folder of a training, or the weights' own within it.

    An adapter of ours gets its card first. Raises as `publish` and `publish_adapter` do, and
    `UsageError` for an adapter that is to go elsewhere than to the Hub.
    """
    folder = find_run(config.run, Path(config.runs))
    weights = _weights(folder)
    if weights is None:
        return publish(config)
    if config.repo is None:
        raise UsageError(f"`{folder}` holds an adapter, which goes to the Hub: name --repo")
    # A training's own folder is the one with a name, `adapter` is what all of them have within.
    name = weights.parent if weights.name in ("adapter", "model") else weights
    return publish_adapter(weights, name.resolve().name, config.repo, private=config.private)


def _weights(folder: Path) -> Path | None:
    """The folder of the weights, with their card; None where none were trained there."""
    for training in (folder, folder.parent):
        record = TrainingFolder(training).finished()
        weights = training / record.result if record else training
        # A copy of the record stands beside the weights, where there are none within.
        if record is not None and weights.is_dir() and folder in (training, weights):
            return dress(training, record)
    return folder if (folder / "adapter_config.json").is_file() else None
