"""The command that trains models."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.options import Runs, given

_WHAT, _HOW, _WHERE = "What is trained on", "How", "Where"


def finetune(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN_OR_DATASET]...",
            help="Run, by name or folder, rows in files, or USER/NAME on the Hub; repeatable.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="M", help="A model's folder, or its name on the Hub.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the result (adapters/…).")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Do all that comes before a training, and nothing more.")
    ] = False,
    weights: Annotated[
        str | None,
        typer.Option(metavar="1,0.5", help="Weight of each data set (1).", rich_help_panel=_WHAT),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(metavar="sft|dpo", help="Repeatable, in order (sft).", rich_help_panel=_WHAT),
    ] = None,
    row_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="template|xlam",
            help="How rows become text (template).",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="lora|qlora|full", help="What is trained (lora).", rich_help_panel=_HOW
        ),
    ] = None,
    rank: Annotated[int | None, typer.Option(help="LoRA's r (16).", rich_help_panel=_HOW)] = None,
    alpha: Annotated[int | None, typer.Option(help="LoRA's α (32).", rich_help_panel=_HOW)] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest (1e-4 for LoRA).", rich_help_panel=_HOW)
    ] = None,
    epochs: Annotated[
        float | None, typer.Option(help="Times through (3).", rich_help_panel=_HOW)
    ] = None,
    max_steps: Annotated[
        int | None, typer.Option(help="Steps at most.", rich_help_panel=_HOW)
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Sequences at once (1).", rich_help_panel=_HOW)
    ] = None,
    gradient_accumulation: Annotated[
        int | None, typer.Option(help="Batches per step (8).", rich_help_panel=_HOW)
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(help="Tokens of the longest example (4096).", rich_help_panel=_HOW)
    ] = None,
    packing: Annotated[
        bool | None, typer.Option(help="Several examples per sequence (on).", rich_help_panel=_HOW)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed (0).", rich_help_panel=_HOW)] = None,
    merge: Annotated[
        bool | None,
        typer.Option("--merge", help="Also write the merged model.", rich_help_panel=_HOW),
    ] = None,
    accelerate_config: Annotated[
        str | None,
        typer.Option(
            metavar="fsdp2|zero2|zero3|multi-gpu|FILE",
            help="For several GPUs.",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(help="One for each GPU (all of them).", rich_help_panel=_WHERE)
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="TOML", help="More settings, in [finetune].", rich_help_panel=_WHERE),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option(
            metavar="USER/NAME", help="Publish the adapter on the Hub.", rich_help_panel=_WHERE
        ),
    ] = None,
    private: Annotated[
        bool | None,
        typer.Option("--private", help="Make a new repository private.", rich_help_panel=_WHERE),
    ] = None,
    runs: Runs = "runs",
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow finetune-fc.")] = False,
) -> None:
    """Train a model on verified rows; the same command goes on where it was stopped."""
    from flows.finetune_command import finetune_model

    settings: dict[str, Any] = {
        "model": model,
        "out": str(out) if out is not None else None,
        "stages": [{"kind": kind} for kind in stage] if stage else None,
        "format": row_format,
        "method": method,
        "lora": {"r": rank, "alpha": alpha},
        "learning_rate": learning_rate,
        "epochs": epochs,
        "max_steps": max_steps,
        "batch_size": batch_size,
        "gradient_accumulation": gradient_accumulation,
        "max_length": max_length,
        "packing": packing,
        "seed": seed,
        "merge": merge,
        "accelerate": accelerate_config,
        "processes": processes,
    }
    finetune_model(
        given(settings), config, data=data or [], weights=weights, runs=runs, check_only=check,
        prefect=prefect, command=shlex.join(["callforge", *sys.argv[1:]]),
        publish=given({"adapter": push, "private": private}),
    )  # fmt: skip
