"""Options that several commands share."""

from typing import Annotated, Any

import typer

from api_registry.errors import UsageError

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
Apis = Annotated[
    list[str] | None,
    typer.Option(metavar="SPEC", help="Module or file whose functions run the calls."),
]
DATA_HELP = "Run, by name or folder, data set, file of rows, or BFCL's."
DataFormat = Annotated[
    str | None, typer.Option("--format", metavar="bfcl|rows", help="What DATA is (as shown).")
]
Matching = Annotated[
    str | None,
    typer.Option(metavar="bfcl|strict", help="How calls are matched (bfcl for BFCL's data)."),
]
BaseUrl = Annotated[
    list[str] | None,
    typer.Option(metavar="URL", help="Endpoint, ending in /v1; repeatable."),
]
Concurrency = Annotated[int | None, typer.Option(help="Requests in flight at most (256).")]
Runs = Annotated[str, typer.Option(metavar="DIR", help="Folder of the runs.")]


def given(values: dict[str, Any]) -> dict[str, Any]:
    """Drop what the command line did not say, so that the file's and default values stand."""
    kept = {}
    for key, value in values.items():
        inner = given(value) if isinstance(value, dict) and key != "shares" else value
        if inner is not None and inner != {}:
            kept[key] = inner
    return kept


def refuse_beside(option: str, others: dict[str, Any]) -> None:
    """Raise `UsageError` for an option that means nothing beside another."""
    for name, value in others.items():
        if value is not None:
            raise UsageError(f"{name} means nothing beside {option}: leave one of them out")
