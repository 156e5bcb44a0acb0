"""Templates put together with style sheet, script and data into one file that loads nothing.

The policy in its head lets the browser load nothing and run only the script shipped here, by its
hash, so that text in a record stays text whatever it says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from data.report.embedding import embedded, policy

_FOLDER = files("data.report")


@dataclass(frozen=True)
class Records:
    """The table of records on a page, and how it can be searched."""

    title: str
    intro: str
    search: str
    """What the search looks through."""
    filters: Sequence[tuple[str, Sequence[str]]]
    """Key of the rows, and the values it can be filtered by."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Key → what a reader calls it, where that is not the key."""


def rendered(
    template: str,
    sample: Mapping[str, Any],
    records: Records,
    *,
    folder: Traversable = _FOLDER,
    **context: Any,
) -> str:
    """Return a page as HTML; equal pages are equal text.

    `template` lies in `folder` and extends `page.html.j2`; `sample` is what the script gets, rows
    and tools as `samples.shown` returns them.
    """

    def source(name: str) -> str:
        place = folder if name == template else _FOLDER
        return (place / name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    style, script = source("report.css"), source("report.js")
    return environment.get_template(template).render(
        records=records,
        policy=policy(style, script),
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        data=Markup(embedded(sample)),  # noqa: S704 - escaped there
        svg=Markup,
        **context,
    )


def values_of(rows: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    """The values of a key that a filter offers."""
    return sorted({row[key] for row in rows} - {""})
