"""The data set's README: what the Hub shows, made from the manifest alone, no number by hand."""

from collections.abc import Iterable, Mapping, Sequence

import yaml

from data.card_figures import (
    checks_section,
    copies_section,
    judging_section,
    shape_section,
    shortcut_section,
    variety_section,
)
from data.dataset_manifest import DatasetManifest
from data.funnel import Funnel
from data.licences import strictest
from data.markdown import fenced, percent, table
from data.schema import ROW_SCHEMA

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

IMPORTED = "imported: "
"""Begins the name of the generator of rows that were made elsewhere; their file's name follows."""


def card_text(manifest: DatasetManifest) -> str:
    """Return Markdown with the YAML header by which `load_dataset` finds the splits."""
    parts = [
        f"---\n{yaml.safe_dump(header(manifest), sort_keys=False, allow_unicode=True)}---",
        f"# Verified function-calling data: {manifest.funnel.kept:,} rows",
        lead(manifest),
        f"## Funnel\n\n{funnel_markdown(manifest.funnel)}",
        checks_section(manifest),
        judging_section(manifest),
        copies_section(manifest),
        shape_section(manifest),
        shortcut_section(manifest),
        variety_section(manifest),
        _columns(),
        _making(manifest),
        _limits(manifest),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def lead(manifest: DatasetManifest) -> str:
    """Say first who wrote the queries: a reader must not take templates for people's words."""
    funnel = manifest.funnel
    if is_imported(manifest):
        return (
            f"**Imported: `{manifest.generator.removeprefix(IMPORTED)}` was made elsewhere; who "
            "wrote its queries and calls, and from what, is not known here.** Calls were checked "
            "against their tools' schemas and compared with their queries, and not run: "
            f"{funnel.kept:,} of {funnel.drafts:,} rows were kept (they are the drafts below)."
        )
    if is_template_made(manifest):
        said = (
            "**Template-made: a seeded grammar wrote all queries and calls, not a model and not a "
            "person.**"
        )
    else:
        said = (
            f"**Model-written: `{_models(manifest)}` wrote the queries and calls; contrast rows "
            "repeat the query of another row.**"
        )
    return (
        f"{said} Calls were checked against their tools' schemas, run where the tools have code, "
        f"and compared with their queries: {funnel.kept:,} of {funnel.drafts:,} drafts were kept."
    )


def is_template_made(manifest: DatasetManifest) -> bool:
    """Whether a grammar wrote the drafts; so it is in manifests that do not say."""
    return not manifest.generator or manifest.generator.startswith("embedded")


def is_imported(manifest: DatasetManifest) -> bool:
    """Whether somebody else made the rows."""
    return manifest.generator.startswith(IMPORTED)


def licences_of(manifest: DatasetManifest) -> set[str]:
    """All terms that the rows stand under, those of the generator included."""
    found = set(manifest.licenses) or {manifest.settings.license}
    if not is_template_made(manifest) and not is_imported(manifest):
        found.add(manifest.settings.generator_license or "unknown")
    return found


def header(manifest: DatasetManifest) -> dict[str, object]:
    """The YAML that the Hub reads."""
    licence = strictest(licences_of(manifest))
    known: dict[str, object] = {"license": licence if licence != "unknown" else "other"}
    if licence == "unknown":
        known["license_name"] = "unknown"
    rows = manifest.funnel.kept
    return {
        **known,
        "pretty_name": "Verified function-calling data",
        "language": sorted(manifest.statistics.languages) or ["en"],
        "task_categories": ["text-generation"],
        "size_categories": [next((name for top, name in _SIZES if rows < top), "n>1M")],
        "tags": [
            "function-calling",
            "tool-use",
            *(() if is_imported(manifest) else ("synthetic",)),
            "callforge",
        ],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": split, "path": f"{split}-*-of-*.parquet"} for split in manifest.splits
                ],
            }
        ],
    }


def funnel_markdown(funnel: Funnel) -> str:
    """Return the funnel as Markdown tables: by stage and reason, by style, and the splits."""
    stages: list[Sequence[object]] = [("drafts", f"{funnel.drafts:,}", "")]
    stages += [
        (f"rejected: {stage}, `{reason}`", f"{count:,}", percent(count, funnel.drafts))
        for stage, reasons in funnel.rejected.items()
        for reason, count in reasons.items()
    ]
    kept = percent(funnel.kept, funnel.drafts)
    stages.append(("**kept**", f"**{funnel.kept:,}**", f"**{kept}**"))
    return "\n\n".join(
        [
            table(("", "drafts", "share"), stages),
            _tallies("style", ((name, t.drafts, t.kept) for name, t in funnel.styles.items())),
            table(
                ("split", "rows"), [(split, f"{rows:,}") for split, rows in funnel.splits.items()]
            ),
        ]
    )


def _tallies(name: str, rows: Iterable[tuple[str, int, int]]) -> str:
    return table(
        (name, "drafts", "kept", "share"),
        [(key, f"{drafts:,}", f"{kept:,}", percent(kept, drafts)) for key, drafts, kept in rows],
    )


def _columns() -> str:
    return "\n\n".join(
        [
            "## Columns",
            "`messages` holds the conversation; `tools`, `answers` and `results` are JSON strings, "
            "so that every tool and argument comes back exactly as it went in. For training, "
            "render rows through `data.training_view(row)` of Callforge: it decodes arguments and "
            "drops absent keys, which chat templates need.",
            fenced(
                "from datasets import load_dataset\n\nfrom data import training_view\n\n"
                'rows = load_dataset("FOLDER OR NAME", split="train")\n'
                'training_view(rows[0])["messages"]',
                "python",
            ),
            table(
                ("column", "type"),
                [(f"`{field.name}`", f"`{_type(field.type)}`") for field in ROW_SCHEMA],
            ),
        ]
    )


def _type(kind: object) -> str:
    text = str(kind)
    return text if len(text) < 30 else "list of messages"


def _making(manifest: DatasetManifest) -> str:
    facts = manifest.facts
    rows: Mapping[str, object] = {
        "generator and prompts": manifest.generator or "embedded",
        "seed": facts.get("seed", ""),
        "APIs that drafts could be about": f"{manifest.apis:,}",
        "sandbox tier": ", ".join(manifest.sandbox),
        "results that vary": ", ".join(
            f"`{name}` ({kind})" for name, kind in manifest.unsteady.items()
        ),
        "versions": ", ".join(f"{name} {number}" for name, number in manifest.versions.items()),
        "licence": ", ".join(
            f"{name} ({count:,} rows)" for name, count in manifest.licenses.items()
        ),
        "terms of the generator": manifest.settings.generator_license or "",
        "identity": manifest.identity,
    }
    return "\n\n".join(
        [
            "## How it was made",
            fenced(manifest.command, ""),
            table(("", ""), [(name, str(told)) for name, told in rows.items() if told != ""]),
        ]
    )


def _models(manifest: DatasetManifest) -> str:
    generator = manifest.facts.get("generator")
    llm = generator.get("llm", generator) if isinstance(generator, dict) else {}
    model = llm.get("model") if isinstance(llm, dict) else None
    return str(model or manifest.generator)


def _limits(manifest: DatasetManifest) -> str:
    limits = [
        "Rules reject only what is decidable and contradicted: a swapped enum value or a dropped "
        "request needs an understanding of what was meant.",
        (
            "Rows are single requests with their calls"
            if not is_imported(manifest)
            else "Rows are conversations with their calls"
        )
        + (", some with results and a closing answer." if _goes_on(manifest) else "."),
    ]
    if is_template_made(manifest):
        limits.insert(
            0, "Queries follow phrasing templates: people say more, and say it less clearly."
        )
    if is_imported(manifest):
        limits.append("No call was run here: results, where rows have any, came with them.")
    if set(manifest.statistics.languages) <= {"en"}:
        limits.append("English only.")
    unseen = [
        who
        for who, found in (("model", manifest.judging), ("person", manifest.review))
        if found is None
    ]
    if unseen:
        limits.append(f"No {' and no '.join(unseen)} has judged the rows.")
    return "## Limits\n\n" + "\n".join(f"- {limit}" for limit in limits)


def _goes_on(manifest: DatasetManifest) -> bool:
    return any(turns > 3 for turns in manifest.statistics.turns)
