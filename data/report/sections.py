"""The parts of a page, worked out from counts: plain data for the template, no markup but plots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from data.funnel import Funnel, Tally
from data.report.figures import bars, columns
from data.report.text import label
from data.skeletons import Skeletons
from data.statistics import Histogram, Statistics, mean, quantile
from data.types import STYLES, Stage

Reasons = Mapping[str, Mapping[str, str]]
"""Stage → reason → meaning."""

STAGES: tuple[str, ...] = get_args(Stage)
_ALWAYS = ("generation", "format", "execution", "semantic", "dedup", "decontamination")
"""Stages that are shown also where they rejected nothing."""
_COLUMNS = 40


@dataclass(frozen=True)
class Figure:
    """A plot and the same figures as a table."""

    title: str
    remark: str
    svg: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Reason:
    """One reason of rejection."""

    stage: str
    code: str
    meaning: str
    drafts: int
    share: str
    example: str
    """Detail of one row; empty where none is shown."""
    query: str


def percent(part: int, whole: int) -> str:
    """A share to one digit; `100 %` and `0 %` only where nothing is missing and nothing there."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    return f"{share:.0f} %" if share in (0, 100) else f"{share:.1f} %"


def funnel_figure(funnel: Funnel) -> Figure:
    """Drafts left after each stage."""
    stages = [stage for stage in STAGES if stage in funnel.rejected or stage in _ALWAYS]
    stages += sorted(set(funnel.rejected) - set(stages))
    left = funnel.drafts
    drawn: list[tuple[str, float, float, str]] = [("drafts", left, 0, f"{left:,}")]
    table: list[tuple[str, ...]] = []
    for stage in stages:
        lost = sum(funnel.rejected.get(stage, {}).values())
        left -= lost
        note = f"{left:,}" + (f"   −{lost:,} ({percent(lost, funnel.drafts)})" if lost else "")
        drawn.append((f"after {stage}", left, lost, note))
        table.append((label(stage), f"{lost:,}", percent(lost, funnel.drafts), f"{left:,}"))
    title = f"Of {funnel.drafts:,} drafts, {funnel.kept:,} were kept"
    return Figure(
        title,
        "",
        bars("funnel", title, drawn, total=funnel.drafts),
        ("stage", "rejected", "share of drafts", "left"),
        tuple(table),
    )


def styles_figure(funnel: Funnel) -> Figure:
    """Drafts kept and rejected, by style."""
    tallies = [(name, funnel.styles[name]) for name in ordered_styles(funnel)]
    drawn = [
        (name, tally.kept, tally.drafts - tally.kept,
         f"{tally.kept:,} of {tally.drafts:,}  ({percent(tally.kept, tally.drafts)})")
        for name, tally in tallies
    ]  # fmt: skip
    longest = max((tally.drafts for _, tally in tallies), default=0)
    title = "Rows kept and rejected by style"
    return Figure(
        title,
        "",
        bars("styles", title, drawn, total=longest),
        ("style", "drafts", "kept", "keep rate"),
        tuple(_tally_row(name, tally) for name, tally in tallies),
    )


def ordered_styles(funnel: Funnel) -> list[str]:
    """The styles there are: the known ones in their order, then others by name."""
    known = [style for style in STYLES if style in funnel.styles]
    return known + sorted(set(funnel.styles) - set(known))


def reasons(funnel: Funnel, meanings: Reasons, rows: Sequence[Mapping[str, Any]]) -> list[Reason]:
    """Every reason that occurs, the commonest of each stage first, with an example of `rows`."""
    examples: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in rows:
        examples.setdefault((row["stage"], row["reason"]), row)
    found = []
    order = [*STAGES, *sorted(set(funnel.rejected) - set(STAGES))]
    for stage in order:
        counts = funnel.rejected.get(stage, {})
        for code, drafts in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            example = examples.get((label(stage), label(code)), {})
            found.append(
                Reason(
                    label(stage),
                    label(code),
                    meanings.get(stage, {}).get(code, ""),
                    drafts,
                    percent(drafts, funnel.drafts),
                    example.get("detail", ""),
                    example.get("query", ""),
                )
            )
    return found


def statistics_figures(statistics: Statistics) -> list[Figure]:
    """Query length, derivation, calls and tools; those that there is something to say of."""
    words = statistics.query_words
    figures = []
    if words:
        figures.append(
            _histogram(
                "words", "Query length", words, across="words in the query",
                remark=f"Median {quantile(words, 0.5)} words, mean {mean(words):.1f}; a tenth has "
                f"at most {quantile(words, 0.1)}, a tenth {quantile(words, 0.9)} or more.",
            )
        )  # fmt: skip
    if statistics.derivation:
        figures.append(_derivation(statistics.derivation))
    if statistics.calls:
        none = statistics.calls.get(0, 0)
        remark = f"{percent(none, statistics.rows)} of rows rightly make no call." if none else ""
        figures.append(
            _histogram("calls", "Calls per row", statistics.calls, across="calls", remark=remark)
        )
    if statistics.tools:
        remark = f"{mean(statistics.tools):.1f} on average."
        figures.append(
            _histogram(
                "tools", "Tools offered", statistics.tools, across="tools offered", remark=remark
            )
        )
    return figures


def skeleton_figure(skeletons: Skeletons) -> Figure:
    """How many skeletons are shared by how many rows."""
    return _histogram(
        "skeletons",
        "Rows that share a skeleton",
        skeletons.repeats,
        across="rows with the same skeleton",
        up="skeletons",
        remark=f"{skeletons.distinct:,} different skeletons in {skeletons.rows:,} rows.",
    )


def _derivation(classes: Mapping[str, int]) -> Figure:
    total = sum(classes.values())
    counts = sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    title = "How arguments follow from the query"
    drawn = [(name, count, 0, f"{count:,}  ({percent(count, total)})") for name, count in counts]
    verbatim = percent(total - classes.get("verbatim", 0), total)
    return Figure(
        title,
        f"{verbatim} of {total:,} arguments are not copied word for word.",
        bars("derivation", title, drawn, total=counts[0][1], wide=False),
        ("class", "arguments", "share"),
        tuple((label(name), f"{count:,}", percent(count, total)) for name, count in counts),
    )


def _histogram(
    name: str, title: str, counts: Histogram, *, across: str, remark: str, up: str = "rows"
) -> Figure:
    binned = _binned(counts)
    return Figure(
        title,
        remark,
        columns(
            name,
            title,
            [(place.partition("–")[0], count) for place, count in binned],
            across=across,
            up=up,
        ),
        (across, up),
        tuple((place, f"{count:,}") for place, count in binned),
    )


def _binned(counts: Histogram) -> list[tuple[str, int]]:
    """One column per number; where that is too many, per equal range, with all above in the last.

    The last one starts where hardly anything is left, so that one giant does not flatten the rest.
    """
    if not counts:
        return []
    low, high = min(counts), max(counts)
    if high - low < _COLUMNS:
        return [(str(number), counts.get(number, 0)) for number in range(low, high + 1)]
    end = max(quantile(counts, 0.99), low + 1)
    width = max(-(-(end - low + 1) // _COLUMNS), 1)
    binned = []
    for start in range(low, end + 1, width):
        inside = sum(counts.get(number, 0) for number in range(start, start + width))
        place = str(start) if width == 1 else f"{start}–{start + width - 1}"
        binned.append((place, inside))
        end = start + width
    above = sum(count for number, count in counts.items() if number >= end)
    return [*binned, (f"{end}+", above)] if above else binned


def _tally_row(name: str, tally: Tally) -> tuple[str, ...]:
    rate = percent(tally.kept, tally.drafts)
    return label(name), f"{tally.drafts:,}", f"{tally.kept:,}", rate
