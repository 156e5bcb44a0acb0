"""Which model a server of one's own serves, and how. None of it changes what a run makes."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from api_registry.types import Model

_SECRETS = ("--api-key", "--hf-token")
_SECRETS_SAFE = "set CALLFORGE_API_KEY (the server's key) or HF_TOKEN in the environment"
PRESETS = Path(__file__).parent / "presets"


class ServeConfig(Model):
    """A vLLM server that starts with the command and ends with it."""

    preset: str | None = None
    """`small`, `medium` or `large`: a model and its flags; what else is given wins."""
    model: str = ""
    """Name on the Hub, or a folder; no server is started where it is empty."""
    served_name: str | None = None
    """What requests call the model; the model itself, of a folder its last part, unless given."""
    host: str = "127.0.0.1"
    """Address to listen on; `0.0.0.0` opens the server to the network."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """A free one unless given."""
    tensor_parallel: Annotated[int, Field(ge=1)] = 1
    """GPUs that one copy of the model is split over."""
    data_parallel: Annotated[int, Field(ge=1)] = 1
    """Copies of the model, each on GPUs of its own."""
    quantization: str | None = None
    """As vLLM names it, such as `fp8`; of a quantised checkpoint it is found out."""
    max_model_len: Annotated[int, Field(ge=256)] | None = None
    """Longest prompt and answer together, in tokens; the model's own limit unless given."""
    max_num_seqs: Annotated[int, Field(ge=1)] | None = None
    """Requests answered at once; vLLM's own default unless given."""
    gpu_memory: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of each GPU's memory that vLLM takes; vLLM's own default unless given."""
    cpu_cache_gib: Annotated[int, Field(ge=1)] = 4
    """Memory for keys and values where there is no GPU."""
    adapters: dict[str, str] = {}
    """LoRA adapters to serve beside the model: name in requests → folder, as peft saves it or
    `callforge finetune` leaves it, or name on the Hub."""
    max_lora_rank: Annotated[int, Field(ge=1)] = 16
    """Highest rank among adapters on the Hub; those in folders say their own."""
    args: tuple[str, ...] = ()
    """Further arguments for vLLM's server, passed on as they are; they win over those above."""
    python: str | None = None
    """Python of the environment that vLLM is installed in; that of `.venv-vllm` unless given."""
    start_minutes: Annotated[float, Field(gt=0)] = 60.0
    """How long loading may take, the download of the model included."""
    stop_seconds: Annotated[float, Field(ge=0)] = 15.0
    """How long the server may take to end before it is killed."""

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, given: Any) -> Any:
        name = given.get("preset") if isinstance(given, dict) else None
        if not isinstance(name, str):
            return given
        preset = read_preset(name)
        flags, given_flags = tuple(preset.get("args", ())), tuple(given.get("args", ()))
        if given_flags[: len(flags)] != flags:  # else these are settings that were read before
            given_flags = (*flags, *given_flags)  # what comes last wins
        return preset | given | {"args": given_flags}

    @field_validator("args")
    @classmethod
    def _no_secrets(cls, args: tuple[str, ...]) -> tuple[str, ...]:
        for arg in args:
            if arg.partition("=")[0] in _SECRETS:
                raise ValueError(f"`{arg.partition('=')[0]}` would stand in logs: {_SECRETS_SAFE}")
        return args

    @field_validator("adapters")
    @classmethod
    def _named(cls, adapters: dict[str, str]) -> dict[str, str]:
        for name, place in adapters.items():
            if not name or not place:
                raise ValueError(f"`{name}={place}`: expected NAME=PATH, as in mine=./adapter")
        return adapters

    @property
    def name(self) -> str:
        """What requests call the model."""
        if self.served_name:
            return self.served_name
        folder = Path(self.model).expanduser()
        return folder.resolve().name if folder.is_dir() else self.model


def preset_names() -> list[str]:
    """The presets there are, small ones first."""
    order = ("small", "medium", "large")
    return sorted((path.stem for path in PRESETS.glob("*.toml")), key=order.index)


def read_preset(name: str) -> dict[str, Any]:
    """The settings of a preset. Raises `ValueError` where there is none of that name."""
    if name not in preset_names():
        raise ValueError(f"unknown preset `{name}`; known: {', '.join(preset_names())}")
    text = (PRESETS / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
