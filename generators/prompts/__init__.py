"""The words that models are asked with: one file per prompt, known to a run by their hash."""

from functools import cache
from pathlib import Path

from data.identity import digest
from data.types import STYLES

_FOLDER = Path(__file__).parent


@cache
def prompt(name: str) -> str:
    """Return the text of `<name>.md`."""
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()


@cache
def generator_prompt() -> str:
    """What every request of the generator begins with: always the same, so servers cache it."""
    styles = [prompt(style) for style in STYLES]
    return "\n\n".join([prompt("generator"), *styles, prompt("output")])


@cache
def judge_prompt(*, calls: bool) -> str:
    """What every request of a judge begins with, for records with calls and for those without."""
    return "\n\n".join([prompt("judge"), prompt("judge_calls" if calls else "judge_no_call")])


@cache
def examples_text() -> str:
    """The pairs that are shown before a run has verified ones of its own, as a JSON list."""
    return (_FOLDER / "examples.json").read_text(encoding="utf-8")


def version_of(text: str) -> str:
    """Eight hex digits that change with a prompt's text."""
    return digest(text)[:8]
