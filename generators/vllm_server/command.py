"""The command line and environment of vLLM's server: a pure function of settings and build."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generators.vllm_server.adapters import adapter_folder, read_adapter
from generators.vllm_server.installation import Installation
from generators.vllm_server.settings import ServeConfig

_MODULE = "vllm.entrypoints.openai.api_server"
_STRUCTURED = {"backend": "xgrammar", "disable_any_whitespace": True}
"""Without the second, a weak model may write blanks until its answer is cut off."""
_LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM makes room for; a rank between two needs the higher."""
_CPU_CONTEXT = 8192
_CPU_SEQUENCES = 64
_OWN_SECRETS = ("CALLFORGE_API_KEY", "OPENAI_API_KEY", "VLLM_API_KEY")


@dataclass(frozen=True)
class ServerCommand:
    """What is started."""

    argv: tuple[str, ...]
    environment: dict[str, str]


def server_command(
    config: ServeConfig, installation: Installation, port: int, environment: Mapping[str, str]
) -> ServerCommand:
    """Render settings; `environment` is the caller's, of which Python's own settings are left out.

    A CPU build gets the flags that it needs: no compilation, no chunked prefill, where a request
    with a seed ends the engine.
    """
    # With -P, since the module would import our `data` and `flows` from the working directory.
    argv = [str(installation.python), "-P", "-m", _MODULE]
    argv += ["--model", _absolute(config.model), "--served-model-name", config.name]
    argv += ["--host", config.host, "--port", str(port)]
    argv += ["--structured-outputs-config", json.dumps(_STRUCTURED, separators=(",", ":"))]
    context, sequences = config.max_model_len, config.max_num_seqs
    if installation.cpu:
        context, sequences = context or _CPU_CONTEXT, sequences or _CPU_SEQUENCES
        argv += ["--enforce-eager", "--no-enable-chunked-prefill"]
        argv += ["--max-num-batched-tokens", str(max(context, sequences))]
    for flag, value, unset in (
        ("--tensor-parallel-size", config.tensor_parallel, 1),
        ("--data-parallel-size", config.data_parallel, 1),
        ("--quantization", config.quantization, None),
        ("--max-model-len", context, None),
        ("--max-num-seqs", sequences, None),
        ("--gpu-memory-utilization", None if installation.cpu else config.gpu_memory, None),
    ):
        if value != unset:
            argv += [flag, str(value)]
    if config.adapters:
        rank = next((room for room in _LORA_RANKS if room >= _rank(config)), _LORA_RANKS[-1])
        argv += ["--enable-lora", "--max-lora-rank", str(rank), "--lora-modules"]
        argv += [f"{name}={_absolute(str(adapter_folder(place) or place))}"
                 for name, place in config.adapters.items()]  # fmt: skip
    return ServerCommand((*argv, *config.args), _environment(config, installation, environment))


def _rank(config: ServeConfig) -> int:
    """The highest rank among the adapters, as their folders say and as is said for the others."""
    adapters = (read_adapter(*adapter) for adapter in config.adapters.items())
    known = [adapter.rank for adapter in adapters if adapter is not None]
    if len(known) < len(config.adapters):
        known.append(config.max_lora_rank)
    return max(known)


def _absolute(place: str) -> str:
    """A folder as an absolute path; a name on the Hub as it is."""
    folder = Path(place).expanduser()
    return str(folder.resolve()) if folder.exists() else place


def _environment(
    config: ServeConfig, installation: Installation, environment: Mapping[str, str]
) -> dict[str, str]:
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("PYTHON") and name != "VIRTUAL_ENV" and name not in _OWN_SECRETS
    }
    # Compilers and tools of the server's own environment come first.
    path = [str(installation.python.parent), environment.get("PATH", os.defpath)]
    kept |= {"PATH": os.pathsep.join(path), "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if key := environment.get("CALLFORGE_API_KEY"):
        # By the environment: a command line can be read by everybody on the machine.
        kept["VLLM_API_KEY"] = key
    if Path(config.model).expanduser().is_dir():
        kept.setdefault("HF_HUB_OFFLINE", "1")
    if installation.cpu:
        kept.setdefault("VLLM_CPU_KVCACHE_SPACE", str(config.cpu_cache_gib))
    return kept
