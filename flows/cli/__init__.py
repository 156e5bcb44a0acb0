"""The command line `callforge`. Heavy modules are imported by the command that needs them."""

import sys

import typer

from api_registry.errors import CallforgeError
from flows.cli.checking import check_apis, list_apis, report, show_apis, verify
from flows.cli.deploying import up
from flows.cli.generating import generate
from flows.cli.publishing import decontaminate, export, import_set, publish, review
from flows.cli.scoring import difficulty, evaluate, score
from flows.cli.serving import serve
from flows.cli.training import finetune

__all__ = ["app", "main"]

COMMANDS = {
    "Make data": (generate, serve),
    "Look at it": (report, review, verify),
    "Hand it on": (export, decontaminate, publish),
    "Train on it": (finetune,),
    "Test models on it": (evaluate, score, difficulty),
    "Have it done": (up,),
}
"""What stands in the help, in this order, under these headings."""

app = typer.Typer(
    name="callforge",
    help="Turn executable APIs into verified function-calling training data.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="--debug anywhere shows the traceback of an error.",
)
for heading, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=heading)(command)

app.command("import", rich_help_panel="Make data")(import_set)

apis_app = typer.Typer(help="Look at the APIs that would be offered.", no_args_is_help=True)
app.add_typer(apis_app, name="apis", rich_help_panel="Look at it")
apis_app.command("list")(list_apis)
apis_app.command("show")(show_apis)
apis_app.command("check")(check_apis)


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
