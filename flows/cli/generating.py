"""The command that makes records."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.options import Allow, Preset, Sandbox, given

_MODELS, _JUDGES = "Who writes: a built-in grammar, or a model", "Judges"
_AFTER = "After the run: publish, fine-tune, compare (more in --config)"
_BUDGETS, _RUN = "Budgets: the run closes in good order when one is spent", "The run"


def generate(
    samples: Annotated[int | None, typer.Option(help="Drafts to make (2000).")] = None,
    kept: Annotated[
        int | None, typer.Option(help="Rows to keep, instead: as many drafts as it takes.")
    ] = None,
    max_drafts: Annotated[
        int | None, typer.Option(help="Most drafts made for --kept (20 times as many).")
    ] = None,
    apis: Annotated[
        list[str] | None,
        typer.Option(metavar="SPEC", help="Module or file, as in ./my_tools.py:func; repeatable."),
    ] = None,
    generator: Annotated[
        str | None, typer.Option(help="Who writes the drafts (embedded).", rich_help_panel=_MODELS)
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Model that the generator llm asks; implies it.", rich_help_panel=_MODELS
        ),
    ] = None,
    base_url: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="Endpoint, ending in /v1; repeatable.", rich_help_panel=_MODELS
        ),
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Start a vLLM server of this model for the run.",
            rich_help_panel=_MODELS,
        ),
    ] = None,
    preset: Preset = None,
    vllm_arg: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ARG",
            help="For that server, as in --vllm-arg=--swap-space=8.",
            rich_help_panel=_MODELS,
        ),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Requests in flight at most (256).", rich_help_panel=_MODELS)
    ] = None,
    final_answer: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Close so many rows with an answer in words (0).",
            rich_help_panel=_MODELS,
        ),
    ] = None,
    regenerate: Annotated[
        bool | None,
        typer.Option(
            "--regenerate",
            help="Send drafts that fail in form or execution back once.",
            rich_help_panel=_MODELS,
        ),
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="Model that judges, or MODEL@URL; repeatable.",
            rich_help_panel=_JUDGES,
        ),
    ] = None,
    judge_samples: Annotated[
        int | None, typer.Option(help="Opinions asked of each judge (1).", rich_help_panel=_JUDGES)
    ] = None,
    judge_vote: Annotated[
        str | None,
        typer.Option(
            metavar="majority|unanimous",
            help="How judges decide (majority).",
            rich_help_panel=_JUDGES,
        ),
    ] = None,
    judge_base_url: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Endpoint of the judges (the generator's); repeatable.",
            rich_help_panel=_JUDGES,
        ),
    ] = None,
    judge_audit: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", help="Judge this share of kept rows again.", rich_help_panel=_JUDGES
        ),
    ] = None,
    judge_audit_model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Model that does, or MODEL@URL.", rich_help_panel=_JUDGES
        ),
    ] = None,
    max_requests: Annotated[
        int | None,
        typer.Option(
            help="Send no more requests than this, then close the run.", rich_help_panel=_BUDGETS
        ),
    ] = None,
    max_tokens_total: Annotated[
        int | None,
        typer.Option(help="Close the run after so many tokens.", rich_help_panel=_BUDGETS),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            help="Close the run at this cost; needs prices in --config.", rich_help_panel=_BUDGETS
        ),
    ] = None,
    max_minutes: Annotated[
        float | None,
        typer.Option(help="Close the run after so many minutes.", rich_help_panel=_BUDGETS),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the plan (0).")] = None,
    name: Annotated[
        str | None, typer.Option(metavar="RUN", help="Name of the run.", rich_help_panel=_RUN)
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|URL",
            help="Folder of the runs (runs), or a URL such as s3://bucket/runs.",
            rich_help_panel=_RUN,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="TOML file; options given here win.", rich_help_panel=_RUN
        ),
    ] = None,
    shard_size: Annotated[
        int | None, typer.Option(help="Drafts per shard (1000).", rich_help_panel=_RUN)
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that run calls (2).", rich_help_panel=_RUN)
    ] = None,
    sandbox: Sandbox = None,
    allow: Allow = None,
    shares: Annotated[
        str | None, typer.Option(metavar="STYLE=SHARE,...", help="Share of each style; sum 1.")
    ] = None,
    publish: Annotated[
        str | None,
        typer.Option(
            metavar="USER/NAME", help="Publish the data set on the Hub.", rich_help_panel=_AFTER
        ),
    ] = None,
    finetune: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Fine-tune this model on the run, and compare it with itself.",
            rich_help_panel=_AFTER,
        ),
    ] = None,
    compare: Annotated[
        bool | None,
        typer.Option(
            "--compare/--no-compare",
            help="Ask the model before and after (yes).",
            rich_help_panel=_AFTER,
        ),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option(
            metavar="USER/NAME", help="Publish the adapter on the Hub.", rich_help_panel=_AFTER
        ),
    ] = None,
    private: Annotated[
        bool | None,
        typer.Option("--private", help="Make new repositories private.", rich_help_panel=_AFTER),
    ] = None,
    runner: Annotated[
        str | None,
        typer.Option(
            metavar="local|dask|ray",
            help="Who makes the shards (local); a cluster's tasks run under --prefect.",
            rich_help_panel=_RUN,
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Of the cluster, as in tcp://scheduler:8786; one is started here without it.",
            rich_help_panel=_RUN,
        ),
    ] = None,
    prefect: Annotated[
        bool,
        typer.Option(
            help="Run as the Prefect flow generate-fc, a task per shard.", rich_help_panel=_RUN
        ),
    ] = False,
) -> None:
    """Make verified records; the same command goes on where an interrupted run stopped."""
    from flows.config import parse_shares, read_config
    from flows.generate_command import generate_run

    overrides: dict[str, Any] = {
        "samples": samples,
        "kept": kept,
        "max_drafts": max_drafts,
        "apis": apis or None,
        "seed": seed,
        "name": name,
        "generator": {
            "regenerate": regenerate,
            "name": generator or ("llm" if model or (base_url and not judge) else None),
            "llm": {"model": model},
        },
        "endpoint": {
            "base_urls": base_url or None,
            "concurrency": concurrency,
            "budget": {
                "max_requests": max_requests,
                "max_tokens_total": max_tokens_total,
                "max_cost": max_cost,
                "max_minutes": max_minutes,
            },
        },
        "serve": {"model": serve, "preset": preset, "args": vllm_arg or None},
        "judge": {
            "models": judge or None,
            "samples": judge_samples,
            "vote": judge_vote,
            "base_urls": judge_base_url or None,
            "audit": judge_audit,
            "audit_model": judge_audit_model,
        },
        "plan": {
            "shares": parse_shares(shares) if shares is not None else None,
            "final_answer": final_answer,
        },
        "execution": {
            "workers": workers,
            "sandbox": sandbox,
            "allow_effects": allow or None,
        },
        "output": {"out": out, "shard_size": shard_size},
        "publish": {"repo": publish, "adapter": push, "private": private},
        "finetune": {"model": finetune},
        "comparison": {"skip": None if compare is None else not compare},
        "runner": {"name": runner, "address": address},
    }
    run_config = read_config(config, given(overrides))
    prefect = prefect or run_config.runner.name != "local"
    generate_run(run_config, command=shlex.join(["callforge", *sys.argv[1:]]), prefect=prefect)
