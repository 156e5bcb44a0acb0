"""Mends JSON that is broken in known ways, and only where nothing is left to be guessed.

`json-repair` proposes; a proposal counts only if it says exactly what was written: the same texts,
numbers, literals and brackets in the same order, with nothing but closing brackets added at the
end. So a trailing comma, single quotes, `True` and `None`, unquoted keys and forgotten closing
brackets are mended; a text or number that is cut off, comments, `NaN`, words without quotes and
two answers in one are not.
"""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import json_repair

from data import strict_json

_TOKEN = re.compile(
    r"\s+|[,:]|(?P<bracket>[{}\[\]])|(?P<double>\"(?:[^\"\\]|\\.)*\")|(?P<single>'(?:[^'\\]|\\.)*')"
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![\w.]))|(?P<word>[A-Za-z_]\w*)",
    re.DOTALL,
)
_LITERALS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_END = re.compile(r"```|</tool_call>|\[/TOOL_CALLS\]")
_LONGEST = 100_000
_MOST_DIGITS = 4000

Token = tuple[str, str]


def repaired(text: str, start: int) -> tuple[Any, int] | None:
    """The value that begins at `start`, mended, and where it ends; None where that is guessing."""
    end = _END.search(text, start)
    stop = end.start() if end else len(text)
    broken = text[start:stop].rstrip()
    if len(broken) > _LONGEST:
        return None
    written = list(_tokens(broken))
    if not written or written[-1][0] not in ("]", "}"):
        return None  # cut off in the middle, or words that are no JSON
    try:
        value = strict_json.loads(json.dumps(json_repair.loads(broken)))
    except (ValueError, RecursionError):
        return None
    said = list(_flat(value))
    closing = said[len(written) :]
    if said[: len(written)] != written or any(kind not in ("]", "}") for kind, _ in closing):
        return None
    return value, stop


def _tokens(text: str) -> Iterator[Token]:
    """What a text says, as (kind, content); ends with a token of kind `?` where it is unclear."""
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            yield "?", ""
            return
        position = match.end()
        if bracket := match["bracket"]:
            yield bracket, ""
        elif quoted := match["double"] or match["single"]:
            try:
                content = json.loads(quoted) if match["double"] else ast.literal_eval(quoted)
            except (ValueError, SyntaxError):
                yield "?", ""
                return
            yield "text", content
        elif number := match["number"]:
            if len(number) > _MOST_DIGITS:
                yield "?", ""
                return
            yield "number", json.dumps(json.loads(number))
        elif word := match["word"]:
            if word in _LITERALS:
                yield "literal", json.dumps(_LITERALS[word])
            elif text[position:].lstrip()[:1] == ":":
                yield "text", word
            else:
                yield "?", word
                return


def _flat(value: Any) -> Iterator[Token]:
    if isinstance(value, dict):
        yield "{", ""
        for key, item in value.items():
            yield "text", key
            yield from _flat(item)
        yield "}", ""
    elif isinstance(value, list):
        yield "[", ""
        for item in value:
            yield from _flat(item)
        yield "]", ""
    elif isinstance(value, str):
        yield "text", value
    elif isinstance(value, bool) or value is None:
        yield "literal", json.dumps(value)
    else:
        yield "number", json.dumps(value)
