"""What `callforge apis list` and `apis show` do, apart from how they are typed."""

import json
from collections.abc import Sequence
from typing import Any

import typer
from rich.markup import escape

from api_registry.registry import load_apis
from api_registry.types import Api, Loaded
from flows.config import CATALOG
from flows.console import make_console


def list_apis(specs: Sequence[str], *, as_json: bool) -> None:
    """Print what the specifications offer."""
    loaded = _load(specs)
    if as_json:
        _print_json(
            {
                "apis": [_public(api) for api in loaded.apis],
                "skipped": [skipped.model_dump() for skipped in loaded.skipped],
            }
        )
        return
    console = make_console()
    for api in sorted(loaded.apis, key=lambda api: (api.category, api.name)):
        console.print(f"{api.category:14} {api.name:32} {escape(_first_line(api.description))}")
    for skipped in loaded.skipped:
        console.print(f"skipped: {escape(skipped.where)}: {escape(skipped.reason)}")
    console.print(f"{len(loaded.apis)} APIs, {len(loaded.skipped)} skipped")


def show_apis(specs: Sequence[str], *, as_json: bool) -> None:
    """Print the APIs whole."""
    loaded = _load(specs)
    if as_json:
        _print_json([api.model_dump(mode="json") for api in loaded.apis])
        return
    console = make_console()
    for api in loaded.apis:
        console.print(f"[bold]{api.name}[/bold] ({api.category})")
        console.print(f"  {escape(api.description)}")
        console.print(f"  parameters: {escape(json.dumps(api.parameters, ensure_ascii=False))}")
        for example in api.examples:
            console.print(f"  example: {escape(json.dumps(example, ensure_ascii=False))}")
        for phrasing in api.phrasings:
            console.print(f"  phrasing: {escape(phrasing)}")


def _load(specs: Sequence[str]) -> Loaded:
    return load_apis(tuple(specs) or (CATALOG,))


def _public(api: Api) -> dict[str, Any]:
    return {
        "name": api.name,
        "description": api.description,
        "parameters": api.parameters,
        "category": api.category,
        "source": api.source,
    }


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
