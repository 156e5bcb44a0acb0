"""Publishes a run: gathers its files, looks for secrets, then sends."""

from pathlib import Path

from data.publishing.bundle import bundle_of
from data.publishing.config import PublishConfig, Published
from data.publishing.secrets import refuse_secrets
from data.publishing.store import publish_to_store
from data.run_folder import find_run


def publish(config: PublishConfig) -> Published:
    """Publish a run's data set; safe to repeat.

    Raises `UsageError` where run or place is not there or licences forbid it, and `StorageError`
    where the data set is broken, holds what looks like a secret, or the place cannot be reached.
    """
    bundle = bundle_of(find_run(config.run, Path(config.runs)))
    refuse_secrets((file.name, file.path) for file in bundle.files)
    if config.to is not None:
        return publish_to_store(bundle, config.to)
    # Only those who publish to the Hub wait for its library.
    from data.publishing.hub import publish_to_hub

    return publish_to_hub(bundle, str(config.repo), private=config.private)
