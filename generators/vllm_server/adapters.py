"""What a LoRA adapter's own configuration says, and whether a server can serve it.

vLLM loads the model first, which takes minutes, and then ends over an adapter that does not fit;
peft writes all that is needed to know so before (`adapter_config.json`).
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_registry.errors import ServerError

CONFIG = "adapter_config.json"
_INNER = "adapter"
"""Where a fine-tuning's output folder holds its adapter."""
_QUANTISED = re.compile(
    r"[-_.](?:fp8|nvfp4|mxfp4|awq|gptq|int[48]|w4a16|w8a8|bnb-4bit|4bit|8bit)\b.*$", re.IGNORECASE
)
"""How the name of a quantised checkpoint goes on after that of the model."""


@dataclass(frozen=True)
class Adapter:
    """A LoRA adapter in a folder."""

    folder: Path
    rank: int
    """The highest of its modules."""
    base: str
    """The model that it was trained on: a name on the Hub, or a folder; empty where unknown."""


def adapter_folder(place: str) -> Path | None:
    """The folder that holds the adapter, also within a fine-tuning's output; None for other places.

    A place that is no folder is a name on the Hub.
    """
    folder = Path(place).expanduser()
    if not folder.is_dir():
        return None
    inner = folder / _INNER
    return inner if not (folder / CONFIG).is_file() and (inner / CONFIG).is_file() else folder


def adapter_name(place: str) -> str:
    """What an adapter is called unless somebody says: its folder, or what that is the output of."""
    folder = Path(place).expanduser()
    if folder.is_dir() and folder.resolve().name == _INNER:
        return folder.resolve().parent.name
    return folder.resolve().name if folder.is_dir() else Path(place).name


def read_adapter(name: str, place: str) -> Adapter | None:
    """Read an adapter's configuration; None for a name on the Hub.

    Raises `ServerError` for what is no adapter, or one of a kind that vLLM does not serve.
    """
    folder = adapter_folder(place)
    if folder is None:
        return None
    config = _read(name, folder)
    kind = config.get("peft_type")
    if kind != "LORA":
        raise ServerError(f"adapter `{name}`: vLLM serves LoRA adapters, and this is {kind}")
    for key, what in (("use_dora", "DoRA"), ("modules_to_save", "whole modules beside the LoRA")):
        if config.get(key):
            raise ServerError(
                f"adapter `{name}` has {what} (`{key}` in its {CONFIG}), which vLLM does not "
                "serve: merge it into its model, and serve that"
            )
    pattern = config.get("rank_pattern")
    ranks = [config.get("r"), *(pattern.values() if isinstance(pattern, dict) else ())]
    known = [rank for rank in ranks if isinstance(rank, int)]
    if not known:
        raise ServerError(f"adapter `{name}`: its {CONFIG} says no rank (`r`)")
    return Adapter(folder, max(known), str(config.get("base_model_name_or_path") or ""))


def refuse_other_base(name: str, adapter: Adapter, model: str) -> None:
    """Raise `ServerError` where an adapter was trained on another model than the one served."""
    if not adapter.base or same_model(adapter.base, model):
        return
    raise ServerError(
        f"adapter `{name}` was trained on `{adapter.base}`, and `{model}` is to be served: serve "
        f"its own model, or, if that is the same under another name, say so in "
        f"`base_model_name_or_path` of `{adapter.folder / CONFIG}`"
    )


def same_model(one: str, other: str) -> bool:
    """Whether two places hold the same model, as far as their names tell.

    Folders are the same where they are one, names where their last parts are: models are moved
    and copied from the Hub. A quantised checkpoint is the model that it was made of.
    """
    first, second = Path(one).expanduser(), Path(other).expanduser()
    if first.is_dir() and second.is_dir() and first.samefile(second):
        return True
    return _bare(one) == _bare(other)


def _bare(place: str) -> str:
    folder = Path(place).expanduser()
    name = folder.resolve().name if folder.is_dir() else place.rstrip("/").rpartition("/")[2]
    return _QUANTISED.sub("", name).lower()


def _read(name: str, folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(config, dict):
            return config
    except FileNotFoundError:
        raise ServerError(
            f"adapter `{name}`: there is no {CONFIG} in `{folder}`: expected a folder as peft "
            "saves it, or the output of callforge finetune"
        ) from None
    except (OSError, ValueError) as error:
        raise ServerError(f"adapter `{name}`: `{path}` cannot be read: {error}") from error
    raise ServerError(f"adapter `{name}`: `{path}` holds no JSON object")
