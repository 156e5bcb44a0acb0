"""Whether splits are apart: no group on two sides, no held-out API where training could see it.

The plan keeps them apart; this is the proof of it, and what it finds in rows from elsewhere is left
out. Near copies across splits are the affair of `data.dedup`, which looks at all splits at once.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from data.funnel import split_of
from data.stored_tools import stored_tools

REASONS: dict[str, str] = {
    "group_crosses": "its group has rows in an earlier split already",
    "held_out_tool": "offers a tool that is held out for an unseen split",
}
COLUMNS = ("group", "tools", "provenance")
"""What the check reads of a row."""
UNSEEN = ("unseen_api", "unseen_category")
"""Splits whose tools no other split offers."""


class SplitCheck:
    """Looks at rows one by one."""

    def __init__(self, held_out: Iterable[str]) -> None:
        """`held_out`: names of the APIs that only unseen splits may offer."""
        self._held_out = frozenset(held_out)
        self._groups: dict[str, str] = {}

    def find(self, row: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return reason and detail for a row that stands in two splits at once, else None."""
        split = split_of(row)
        first = self._groups.setdefault(row["group"], split)
        if first != split:
            return "group_crosses", f"group {row['group']} is in `{first}`, this row in `{split}`"
        if split not in UNSEEN and self._held_out:
            seen = sorted(offered_apis(row) & self._held_out)
            if seen:
                return "held_out_tool", f"`{seen[0]}` is held out, this row is in `{split}`"
        return None


def offered_apis(row: Mapping[str, Any]) -> set[str]:
    """Names of the APIs behind a row's tools, whatever the tools are called there."""
    renamed = json.loads(row["provenance"]).get("renamed") or {}
    return {renamed.get(tool.name, tool.name) for tool in stored_tools(row)}
