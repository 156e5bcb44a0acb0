"""The sections of a card that tell figures: each from the manifest, empty where it has none."""

from collections.abc import Mapping

from data.dataset_manifest import DatasetManifest
from data.judging import judge_line
from data.markdown import percent, quoted, table
from data.set_figures import TOKENIZER, token_span
from data.shortcuts import AIMS
from data.statistics import Histogram

_WIDEST = 12
"""Most lines of a histogram."""
_VERIFIED = {
    "executed": "its calls were run",
    "not_executed": "its calls were not run, for want of their code",
    "rules": "rules compared it with its query",
    "judge": "models judged it",
    "human": "a person judged it",
}


def checks_section(manifest: DatasetManifest) -> str:
    """What vouches for the rows, and how arguments follow from queries."""
    statistics = manifest.statistics
    parts = ["## What verified the rows"]
    meanings = [
        (f"`{name or 'nothing'}`", f"{count:,}", _said(name))
        for name, count in statistics.verified_by.items()
    ]
    parts.append(table(("verified by", "rows", "which means"), meanings))
    if statistics.derivation:
        parts += [
            "How arguments follow from the query:",
            _counts("class", "arguments", statistics.derivation),
        ]
    cells = [
        (name, f"{tally.drafts:,}", f"{tally.kept:,}", percent(tally.kept, tally.drafts))
        for name, tally in manifest.funnel.categories.items()
    ]
    if manifest.review is not None:
        right = manifest.review.right
        parts.append(
            f"A person looked at {right.of:,} rows drawn at random and found {right.share:.1%} "
            f"right ({right.low:.1%} to {right.high:.1%} at 95 %)."
        )
    parts += ["Keep rate by category:", table(("category", "drafts", "kept", "share"), cells)]
    return "\n\n".join(parts)


def judging_section(manifest: DatasetManifest) -> str:
    """The judges, how they did on records whose truth is known, and the audit."""
    judging = manifest.judging
    if judging is None:
        return ""
    lines = [f"- {judge_line(calibration)}" for calibration in judging.calibrations]
    told = (
        f"Judges: {', '.join(f'`{name}`' for name in judging.judges)}, {judging.samples} votes "
        f"each, {judging.vote}; prompts {judging.version}. Calibrated on {judging.clean:,} right "
        f"and {judging.faulty:,} faulty records."
    )
    if judging.self_judged:
        told += (
            " Of the generator's own family, whose mistakes they tend to like: "
            f"{', '.join(judging.self_judged)}."
        )
    return "\n\n".join(["## Judges", told, "\n".join(lines)]).rstrip()


def copies_section(manifest: DatasetManifest) -> str:
    """What was left out after the checks, and what it was compared with."""
    funnel, settings = manifest.funnel, manifest.settings
    copies = funnel.rejected.get("dedup", {})
    near = (
        f"near copies share at least {settings.dedup.threshold:.0%} of their runs of "
        f"{settings.dedup.shingle_words} words, tools and arguments"
        if settings.dedup.near
        else "near copies were not looked for"
    )
    against = ["BFCL's public questions"] if settings.decontamination.bfcl else []
    against += [f"`{name.rpartition('/')[2]}`" for name in settings.decontamination.against]
    hits = sum(funnel.rejected.get("decontamination", {}).values())
    lines = [
        f"- Left out as copies, over all splits at once: {sum(copies.values()):,}. Exact ones have "
        f"the same words and calls; {near}.",
        f"- Left out for a question of {' or '.join(against)}: {hits:,}."
        if against
        else "- Compared with no benchmark's questions.",
        "- Left out for standing on two sides of a split: "
        f"{sum(funnel.rejected.get('split', {}).values()):,}.",
    ]
    figures = manifest.figures
    if figures is not None and figures.apis[0]:
        offered, known = figures.apis
        names = ", ".join(f"`{name}`" for name in figures.benchmark_names)
        told = f"- {known:,} of {offered:,} tools have the name of a function of BFCL"
        lines.append(told + (f", among them {names}." if names else "."))
    held = {split: len(names) for split, names in manifest.held_out.items()}
    if held:
        told = " and ".join(f"{count} APIs in `{split}`" for split, count in held.items())
        lines.append(f"- Held out of every other split: {told}.")
    examples = [
        f"- {stage}, {reason}: “{quoted(shown.query)}” ({quoted(shown.detail)})"
        for stage, reasons in manifest.removed.items()
        for reason, rows in reasons.items()
        for shown in rows[:1]
        # The words of a benchmark's question are not to be spread.
        if stage != "decontamination"
    ]
    return "\n\n".join(
        ["## Copies and contamination", "\n".join(lines), "\n".join(examples)]
    ).rstrip()


def shape_section(manifest: DatasetManifest) -> str:
    """Calls, tools, lengths and optional parameters."""
    statistics = manifest.statistics
    parts = ["## Shape of the rows", _histogram("calls", statistics.calls)]
    parts.append(_histogram("tools offered", statistics.tools))
    figures = manifest.figures
    if figures is not None:
        median, high, longest = token_span(figures.tokens)
        parts.append(
            f"Length with tools, in {TOKENIZER}, by a sample of {figures.rows:,} rows: median "
            f"{median:,}, 95 % under {high + 100:,}, longest under {longest + 100:,}. Calls give "
            f"{percent(figures.optional_given, figures.optional_offered)} of the optional "
            "parameters that they could."
        )
    return "\n\n".join(part for part in parts if part)


def shortcut_section(manifest: DatasetManifest) -> str:
    """What small classifiers that see one side of a row predict."""
    figures = manifest.figures
    if figures is None or not figures.shortcuts:
        return ""
    rows = []
    for found in figures.shortcuts:
        aim = AIMS.get((found.sees, found.predicts))
        rows.append(
            (
                found.sees,
                found.predicts,
                f"{found.accuracy:.1%}",
                f"{found.chance:.1%}",
                f"{found.points:+.1f}",
                "" if aim is None else f"at most {aim:g}",
            )
        )
    return "\n\n".join(
        [
            "## Shortcuts",
            "Small classifiers that see one side of a row only. What they predict above chance, a "
            "model may learn in place of the task; that query and tool share words is the task "
            f"itself. Tested on {figures.shortcuts[0].rows:,} rows: chance alone moves a share by "
            f"{100 * (0.25 / figures.shortcuts[0].rows) ** 0.5:.1f} points or so.",
            table(("sees", "predicts", "accuracy", "chance", "points above", "aim"), rows),
        ]
    )


def variety_section(manifest: DatasetManifest) -> str:
    """How different the rows are from each other."""
    figures = manifest.figures
    if figures is None or not figures.rows:
        return ""
    diversity = figures.diversity
    rows = [
        *((f"distinct {n}-grams", f"{share:.1%}") for n, share in diversity.distinct.items()),
        ("mean similarity of two queries", f"{diversity.similarity:.3f}"),
        ("mean similarity with the nearest query", f"{diversity.nearest:.3f}"),
        ("different openings of two words", f"{diversity.distinct_openings:,}"),
        ("APIs called", f"{diversity.apis:,}"),
        ("evenness of calls over APIs", f"{diversity.coverage:.3f}"),
        ("different arguments", percent(diversity.distinct_values, diversity.values)),
        (
            "different query skeletons",
            percent(manifest.skeletons.distinct, manifest.skeletons.rows),
        ),
    ]
    told = f"By a sample of {diversity.rows:,} rows; skeletons by all rows with calls."
    return "\n\n".join(["## Variety", told, table(("", ""), rows)])


def _said(verified_by: str) -> str:
    return "; ".join(_VERIFIED.get(part, part) for part in verified_by.split(",") if part)


def _counts(name: str, what: str, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return table((name, what, "share"), [(k, f"{n:,}", percent(n, total)) for k, n in ordered])


def _histogram(name: str, counts: Histogram) -> str:
    if not counts:
        return ""
    shown = dict(sorted(counts.items())[:_WIDEST])
    rows = [(str(number), f"{rows:,}") for number, rows in shown.items()]
    rest = sum(counts.values()) - sum(shown.values())
    return table((name, "rows"), [*rows, *([("more", f"{rest:,}")] if rest else [])])
