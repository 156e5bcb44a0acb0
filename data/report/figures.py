"""Plots as inline SVG, drawn by matplotlib.

Text stays text, so it takes the page's font and can be selected, and colours are classes that the
page's style sheet fills in for light, dark and print. Equal figures are equal bytes.
"""

import io
import logging
import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from data.report.text import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABEL = 28
_SVG = "{http://www.w3.org/2000/svg}"
_COLOURS = {
    "#000001": "ink",
    "#000002": "muted",
    "#000003": "rule",
    "#000004": "kept",
    "#000005": "lost",
}
"""What matplotlib is told → the class that stands for it on the page."""
_INK, _MUTED, _RULE, _KEPT, _LOST = _COLOURS
_WIDE, _NARROW = 13.6, 6.8
"""Inches of 72 points, a point being a pixel on the page: the width of its column, and of half."""
_CHARACTER = 0.112
"""Inches that a character of 14 points takes in the page's fonts."""

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "callforge",
    "text.parse_math": False,
    "text.color": _INK,
    "font.size": 14.0,
    "axes.labelsize": 13.0,
    "xtick.labelsize": 13.0,
    "ytick.labelsize": 14.0,
    "axes.edgecolor": _RULE,
    "axes.labelcolor": _MUTED,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": _MUTED,
    "ytick.color": _INK,
    "xtick.major.size": 0.0,
    "ytick.major.size": 0.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def bars(
    name: str,
    title: str,
    rows: Sequence[tuple[str, float, float, str]],
    *,
    total: float,
    wide: bool = True,
) -> str:
    """Horizontal bars: per bar its label, its kept and its lost part, and a note beside it.

    `total` is the length of a full bar. A wide plot is followed by a narrow one of the same bars,
    which the style sheet shows in its place on a telephone.
    """
    if wide:
        drawn = _bars(name, title, rows, total=total, width=_WIDE)
        return drawn + _bars(f"{name}-narrow", title, rows, total=total, width=_NARROW, small=True)
    return _bars(name, title, rows, total=total, width=_NARROW)


def _bars(
    name: str,
    title: str,
    rows: Sequence[tuple[str, float, float, str]],
    *,
    total: float,
    width: float,
    small: bool = False,
) -> str:
    longest = max((len(note) for *_, note in rows), default=0)
    margin = 0.25 + _CHARACTER * max((min(len(row[0]), _LABEL) for row in rows), default=0)
    left = max(margin, 2.1 if width == _WIDE else 1.6)

    def draw(axes: "Axes") -> None:
        places = range(len(rows))
        # Notes stand right of their bars, the longest one included.
        share = min((longest * _CHARACTER + 0.2) / (width - left), 0.6)
        room = (total or 1) / (1 - share)
        kept, lost = [row[1] for row in rows], [row[2] for row in rows]
        axes.barh(places, kept, color=_KEPT, height=0.62)
        axes.barh(places, lost, left=kept, color=_LOST, height=0.62)
        for place, (_, inside, outside, note) in zip(places, rows, strict=True):
            axes.text(inside + outside + room * 0.012, place, note, va="center", ha="left")
        axes.set_yticks(list(places), [cut(row[0], _LABEL) for row in rows])
        axes.set_xlim(0, room)
        axes.set_xticks([])
        axes.invert_yaxis()
        for side in ("bottom", "left"):
            axes.spines[side].set_visible(False)

    size = (width, 0.4 * max(len(rows), 1) + 0.15)
    classes = "plot small" if small else "plot large" if width == _WIDE else "plot"
    return _drawn(name, title, size, draw, left=left, bottom=0.05, classes=classes)


def columns(
    name: str, title: str, counts: Sequence[tuple[str, float]], *, across: str, up: str
) -> str:
    """Vertical bars in the order given; labels are thinned out where they would touch."""

    def draw(axes: "Axes") -> None:
        places = list(range(len(counts)))
        axes.bar(places, [count for _, count in counts], color=_KEPT, width=0.8)
        step = -(-len(counts) // 12)
        axes.set_xticks(places[::step], [cut(label, _LABEL) for label, _ in counts[::step]])
        axes.set_xlim(-0.7, max(len(counts), 2) - 0.3)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value % 1 == 0 else "")
        axes.tick_params(axis="y", labelcolor=_MUTED)
        axes.grid(axis="y", color=_RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(across)
        axes.set_ylabel(up)

    return _drawn(name, title, (_NARROW, 3.3), draw, left=0.95, bottom=0.75)


def lines(
    name: str,
    title: str,
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    across: str,
    up: str,
) -> str:
    """Lines through points, each with its name at its end; at most four."""

    def draw(axes: "Axes") -> None:
        for (label, points), colour in zip(series, (_MUTED, _INK, _KEPT, _LOST), strict=False):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            axes.plot(xs, ys, color=colour, linewidth=1.6, marker="o" if len(xs) < 30 else "",
                      markersize=3)  # fmt: skip
            axes.annotate(cut(label, _LABEL), (xs[-1], ys[-1]), xytext=(6, 0), color=colour,
                          textcoords="offset points", va="center", fontsize=12)  # fmt: skip
        axes.margins(x=0.25)
        axes.tick_params(axis="y", labelcolor=_MUTED)
        axes.grid(axis="y", color=_RULE, linewidth=0.6)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(across)
        axes.set_ylabel(up)

    return _drawn(name, title, (_NARROW, 3.3), draw, left=0.95, bottom=0.75)


def _drawn(
    name: str,
    title: str,
    size: tuple[float, float],
    draw: Callable[["Axes"], None],
    *,
    left: float,
    bottom: float,
    classes: str = "plot",
) -> str:
    """Draw axes with margins of `left` and `bottom` inches on a figure of `size` inches."""
    # Half a second to import, and only pages with plots need it.
    import matplotlib
    from matplotlib.figure import Figure

    # It tells of its font cache at first use; a run's log is not the place.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    buffer = io.StringIO()
    with matplotlib.rc_context(), warnings.catch_warnings():
        # A glyph that its own font lacks is the browser's business.
        warnings.simplefilter("ignore", UserWarning)
        # The user's own matplotlibrc must not change what a run's page looks like.
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        figure: Figure = Figure(figsize=size)
        width, height = size
        axes = figure.add_axes(
            (left / width, bottom / height, 0.995 - left / width, 1 - (bottom + 0.1) / height)
        )
        draw(axes)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return _inlined(buffer.getvalue(), name, title, classes)


def _inlined(svg: str, name: str, title: str, classes: str) -> str:
    """Strip what only a file needs, and turn styles into attributes and classes.

    A page whose policy forbids inline styles shows none of them, and colours belong to the page.
    """
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg)  # noqa: S314 - matplotlib's own output
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style"):
                parent.remove(child)
    for element in root.iter():
        _restyle(element)
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif "#" in value:
                element.set(key, re.sub(r"#(\w+)", rf"#{name}-\1", value))
            elif key == "d":
                element.set(key, " ".join(value.split()))
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("class", classes)
    root.set("role", "img")
    root.set("aria-label", title)
    return ElementTree.tostring(root, encoding="unicode")


def _restyle(element: ElementTree.Element) -> None:
    classes = []
    for declaration in element.attrib.pop("style", "").split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if value in _COLOURS:
            classes.append(f"{key}-{_COLOURS[value]}")
        elif key in ("font-size", "text-anchor", "stroke-width", "fill", "stroke", "opacity"):
            element.set(key, value)
    if element.tag == f"{_SVG}text" and not any(name.startswith("fill-") for name in classes):
        classes.append("fill-ink")
    if classes:
        element.set("class", " ".join(classes))
