"""The page on which a person marks rows: one file, which loads nothing and sends nothing."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from data.report.embedding import embedded, policy
from data.report.samples import shown

_FOLDER = files("data.review")


def render(rows: Sequence[dict[str, Any]], *, title: str, shards: str, seed: int) -> str:
    """Return the page as HTML; `rows` are stored rows, in the order in which they are shown."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style, script = _asset("review.css"), _asset("review.js")
    sample = shown(rows)
    facts = {"identity": shards, "seed": seed, "drawn": len(rows), "title": title}
    return environment.from_string(_asset("review.html.j2")).render(
        title=title,
        rows=[
            row | {"id": stored["id"], "offered": [sample["tools"][n] for n in row["tools"]]}
            for row, stored in zip(sample["rows"], rows, strict=True)
        ],
        policy=policy(style, script),
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        data=Markup(embedded(facts)),  # noqa: S704 - escaped there
    )


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
