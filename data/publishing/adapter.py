"""An adapter's folder as it leaves the machine: weights, configuration, tokenizer, card, record."""

from pathlib import Path

from api_registry.errors import StorageError, UsageError
from data.publishing.bundle import Bundle, BundleFile
from data.publishing.config import Published
from data.publishing.secrets import refuse_secrets
from data.shards import file_digest

CARD = "README.md"
_WEIGHTS = (".safetensors", ".bin", ".pt")
_KNOWN = ("adapter_config.json", "config.json")
"""One of them says that a folder holds an adapter, or a whole model."""


def adapter_bundle(folder: Path, name: str) -> Bundle:
    """Gather the files of an adapter's folder; hidden ones and folders within are left out.

    Raises `UsageError` for a folder that holds none, or has no card, and `StorageError` where a
    file cannot be read.
    """
    if not any((folder / known).is_file() for known in _KNOWN):
        raise UsageError(f"`{folder}` holds no adapter: expected {' or '.join(_KNOWN)} in it")
    if not (folder / CARD).is_file():
        raise UsageError(
            f"`{folder}` has no {CARD}: the command that trained it writes one when it is repeated"
        )
    files = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        sha256 = file_digest(path)
        if sha256 is None:
            raise StorageError(f"`{path}` cannot be read")
        files.append(BundleFile(path.name, path, sha256))
    return Bundle(name, tuple(files))


def publish_adapter(folder: Path, name: str, repo: str, *, private: bool) -> Published:
    """Send an adapter to a model repository of the Hub; repeating it sends nothing twice.

    Raises as `adapter_bundle` does, and `StorageError` for what looks like a secret in a file that
    can be read, or a Hub that refuses.
    """
    bundle = adapter_bundle(folder, name)
    texts = (file for file in bundle.files if file.path.suffix not in _WEIGHTS)
    refuse_secrets((file.name, file.path) for file in texts)
    # Only those who publish to the Hub wait for its library.
    from data.publishing.hub import publish_to_hub

    return publish_to_hub(bundle, repo, private=private, kind="model")
