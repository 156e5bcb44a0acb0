"""The data set's README: what the Hub shows, made from numbers of the manifest alone."""

from collections.abc import Sequence

from data.funnel import Funnel


def card_text(funnel: Funnel, splits: Sequence[str], command: str) -> str:
    """Return Markdown with the YAML header by which `load_dataset` finds the splits."""
    files = "\n".join(
        f'      - split: {split}\n        path: "{split}-*-of-*.parquet"' for split in splits
    )
    return f"""---
task_categories:
  - text-generation
language:
  - en
tags:
  - function-calling
  - tool-use
  - synthetic
  - callforge
configs:
  - config_name: default
    data_files:
{files}
---

# Verified function-calling data

Queries are template-made: a seeded grammar wrote them, not a model and not a person.
Every call was checked against its tool's schema, executed, and compared with its query
({funnel.drafts:,} drafts, {funnel.kept:,} kept).

{funnel_markdown(funnel)}

## Columns

`messages` holds the conversation, `tools`, `answers` and `results` are JSON strings, so that every
tool and argument comes back exactly as it went in. For training, render rows through
`data.training_view(row)` of Callforge: it decodes arguments and drops absent keys, which chat
templates need.

Made with:

```
{command}
```
"""


def funnel_markdown(funnel: Funnel) -> str:
    """Return the funnel as two Markdown tables: by stage and reason, and by style."""
    lines = ["| | drafts | share |", "|---|---:|---:|", f"| drafts | {funnel.drafts:,} | |"]
    for stage, reasons in funnel.rejected.items():
        for reason, count in reasons.items():
            share = count / max(funnel.drafts, 1)
            lines.append(f"| rejected: {stage}, `{reason}` | {count:,} | {share:.1%} |")
    lines.append(
        f"| **kept** | **{funnel.kept:,}** | **{funnel.kept / max(funnel.drafts, 1):.1%}** |"
    )
    lines += ["", "| style | drafts | kept | share |", "|---|---:|---:|---:|"]
    for style, tally in funnel.styles.items():
        share = tally.kept / max(tally.drafts, 1)
        lines.append(f"| {style} | {tally.drafts:,} | {tally.kept:,} | {share:.1%} |")
    lines += ["", "| split | rows |", "|---|---:|"]
    lines += [f"| {split} | {count:,} |" for split, count in funnel.splits.items()]
    return "\n".join(lines)
