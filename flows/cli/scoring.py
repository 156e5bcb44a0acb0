"""The commands that put models to the test."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DATA_HELP,
    Allow,
    Apis,
    AsJson,
    BaseUrl,
    Concurrency,
    DataFormat,
    Matching,
    Runs,
    Sandbox,
    given,
)


def score(
    predictions: Annotated[
        Path, typer.Argument(help="JSON lines with `id` and an answer, or BFCL's result folder.")
    ],
    data: Annotated[str | None, typer.Option(metavar="DATA", help=DATA_HELP)] = None,
    data_format: DataFormat = None,
    mode: Matching = None,
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
    report: Annotated[
        Path | None, typer.Option(metavar="PAGE", help="Write scores and errors as a page here.")
    ] = None,
    apis: Apis = None,
    sandbox: Sandbox = None,
    allow: Allow = None,
    runs: Runs = "runs",
    as_json: AsJson = False,
) -> None:
    """Score a model's answers to BFCL's questions or to a data set's; nothing is sent anywhere."""
    from flows.score_command import score_file

    score_file(
        predictions, data=data, runs=runs, data_format=data_format, mode=mode, split=split,
        underscore_to_dot=underscore_to_dot, baseline=baseline, out=out, page=report,
        as_json=as_json, apis=apis or (),
        execution=given({"sandbox": sandbox, "allow_effects": allow or None}),
    )  # fmt: skip


def evaluate(
    data: Annotated[str, typer.Option(metavar="DATA", help=DATA_HELP)],
    model: Annotated[
        str | None, typer.Option(help="Name that the endpoint knows the model by.")
    ] = None,
    adapter: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Adapter that is served, or its folder; asked instead."),
    ] = None,
    transformers: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Run the model of this folder here, without a server."),
    ] = None,
    base_url: BaseUrl = None,
    data_format: DataFormat = None,
    mode: Matching = None,
    split: Annotated[
        list[str] | None, typer.Option(help="Split to ask, repeatable (all but train).")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Category to ask, repeatable (all).")
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(metavar="plain|renamed|shuffled|swapped", help="Repeatable (all four)."),
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
    concurrency: Concurrency = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the result (evaluations/…).")
    ] = None,
    apis: Apis = None,
    sandbox: Sandbox = None,
    allow: Allow = None,
    prefect: Annotated[bool, typer.Option(help="Run as the Prefect flow evaluate-fc.")] = False,
    runs: Runs = "runs",
    as_json: AsJson = False,
) -> None:
    """Ask a model the questions of a data set, as they are and changed, and score its answers."""
    from api_registry.errors import UsageError
    from flows.evaluate_command import evaluate_model

    if (model is None) == (transformers is None):
        raise UsageError(
            "expected one of --model, by which an endpoint knows it, and --transformers, its folder"
        )
    settings = {
        "model": model or (str(transformers) if transformers is not None else None),
        "adapter": adapter,
        "transformers": str(transformers) if transformers is not None else None,
        "data": data,
        "format": data_format,
        "mode": mode,
        "splits": split or None,
        "categories": category or None,
        "variants": variant or None,
        "calling": "prompted" if prompted else None,
        "constrained": constrained,
        "questions": questions,
        "apis": apis or None,
        "execution": {"sandbox": sandbox, "allow_effects": allow or None},
        "endpoint": {"base_urls": base_url or None, "concurrency": concurrency},
        "out": str(out) if out is not None else None,
    }
    evaluate_model(given(settings), runs=runs, prefect=prefect, as_json=as_json)


def difficulty(
    model: Annotated[str, typer.Option(help="Name that the endpoint knows the model by.")],
    data: Annotated[
        str, typer.Option(metavar="DATA", help="Run or its name, data set, or one Parquet file.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the copies.")],
    k: Annotated[int, typer.Option(min=1, help="Answers to each row.")] = 8,
    base_url: BaseUrl = None,
    split: Annotated[list[str] | None, typer.Option(help="Split, repeatable (all).")] = None,
    temperature: Annotated[float, typer.Option(help="Of the model's sampling.")] = 1.0,
    concurrency: Concurrency = None,
    runs: Runs = "runs",
) -> None:
    """Ask a model each row k times; the share of right answers goes to the column `difficulty`."""
    from flows.evaluate_command import measure_difficulty

    settings = {
        "model": model,
        "data": data,
        "splits": split or None,
        "temperature": temperature,
        "endpoint": {"base_urls": base_url or None, "concurrency": concurrency},
        "out": str(out),
    }
    measure_difficulty(given(settings), k, runs=runs)
