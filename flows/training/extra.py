"""The extra `train`: what training needs and the core installation lacks."""

from importlib.metadata import version
from importlib.util import find_spec

from api_registry.errors import UsageError, install_hint

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate")
_ALSO = ("callforge", "datasets", "tokenizers")


def require_extra() -> None:
    """Raise `UsageError` where training cannot run for lack of packages."""
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UsageError(f"fine-tuning needs {', '.join(missing)}: {install_hint('train')}")


def versions() -> dict[str, str]:
    """Versions of what a result depends on."""
    return {name: version(name) for name in (*_ALSO, *PACKAGES)}
