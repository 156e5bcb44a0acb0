"""What a reader of a data set wants to know besides counts: figures of a sample of its rows."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from api_registry.types import Model
from data.contamination.words import words_of
from data.diversity import COLUMNS as MEASURED
from data.diversity import Diversity, measure
from data.rows import row_calls, training_view
from data.shortcuts import COLUMNS as PROBED
from data.shortcuts import Probe, probe
from data.split_check import offered_apis
from data.statistics import Histogram, quantile
from data.stored_tools import StoredTool, stored_tools

TOKENIZER = r"words and marks (`\w+|[^\w\s]`)"
"""What token lengths are counted in: no model's tokenizer, and the same for everybody."""
_TOKEN = re.compile(r"\w+|[^\w\s]")
BFCL_TOOLS = Path(__file__).parent / "contamination" / "bfcl_tools.txt"
"""Hashes of the names of BFCL's functions; `python -m data.contamination.build` makes it again."""


class SetFigures(Model):
    """Figures of at most `data.row_sample.SIZE` rows."""

    rows: int
    diversity: Diversity
    shortcuts: tuple[Probe, ...]
    """What small classifiers that see one side of a row give away; empty for few rows."""
    tokens: Histogram
    """Length of a row as a model reads it, tools included, in tokens of `TOKENIZER`, rounded down
    to the hundred."""
    optional_offered: int
    """Optional parameters of the tools called, once per call."""
    optional_given: int
    """Those of them that the calls give."""
    apis: tuple[int, int]
    """APIs offered, and those among them that have the name of a function of BFCL."""
    benchmark_names: tuple[str, ...]
    """Their names, the first few."""


def figures_of(read: Callable[[Sequence[str]], Iterable[dict[str, Any]]]) -> SetFigures:
    """Work the figures out; `read` gives the rows of `data.row_sample` anew, by columns."""
    lengths = _Lengths()
    # One reading for both, without ever holding the rows, which are mostly tools.
    shortcuts = probe(lengths.seen(row) for row in read((*_Lengths.COLUMNS, *PROBED)))
    known = sorted(name for name in lengths.apis if tool_hash(name) in _benchmark_tools())
    return SetFigures(
        rows=lengths.rows,
        diversity=measure(read(MEASURED)),
        shortcuts=shortcuts,
        tokens=dict(sorted(lengths.tokens.items())),
        optional_offered=lengths.offered,
        optional_given=lengths.given,
        apis=(len(lengths.apis), len(known)),
        benchmark_names=tuple(known[:10]),
    )


class _Lengths:
    """Counts tokens, optional parameters and APIs of rows as they pass."""

    COLUMNS = ("messages", "tools", "answers", "provenance")

    def __init__(self) -> None:
        self.tokens: Counter[int] = Counter()
        self.rows = self.offered = self.given = 0
        self.apis: set[str] = set()

    def seen(self, row: dict[str, Any]) -> dict[str, Any]:
        """Count a row, and hand it on."""
        self.rows += 1
        self.apis |= offered_apis(row)
        tools = stored_tools(row)
        # No token goes beyond a bracket, so lengths of tools are counted once and added up.
        alone = _token_count(training_view({**row, "tools": "[]"}))
        length = alone + sum(map(_tool_tokens, tools)) + max(len(tools) - 1, 0)
        self.tokens[length // 100 * 100] += 1
        schemas = {tool.name: tool.parameters for tool in tools}
        for call in row_calls(row):
            schema = schemas.get(call["name"]) or {}
            required = set(schema.get("required", ()))
            optional = set(schema.get("properties", {})) - required
            arguments = call["arguments"] if isinstance(call["arguments"], dict) else {}
            self.offered += len(optional)
            self.given += len(optional & set(arguments))
        return row


def _token_count(value: Any) -> int:
    # Not as JSON with escapes: a model reads text.
    return len(_TOKEN.findall(json.dumps(value, ensure_ascii=False)))


@lru_cache(maxsize=500)
def _tool_tokens(tool: StoredTool) -> int:
    """Tokens of a tool in the form that chat templates take."""
    return _token_count({"type": "function", "function": tool.definition})


def token_span(tokens: Histogram) -> tuple[int, int, int]:
    """Median, 95th percentile and longest, each the lower end of its hundred."""
    return quantile(tokens, 0.5), quantile(tokens, 0.95), max(tokens, default=0)


def tool_hash(name: str) -> str:
    """Hash a function's name, whatever its convention; the last part of a dotted one."""
    spread = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.rpartition(".")[2]).replace("_", " ")
    return blake2b(" ".join(words_of(spread)).encode(), digest_size=6).hexdigest()


@cache
def _benchmark_tools() -> frozenset[str]:
    return frozenset(BFCL_TOOLS.read_text(encoding="ascii").split())
