"""Content addressing: equal content, equal id, on every machine."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from api_registry.per_tool import PerTool
from api_registry.types import Tool
from data.types import Turn

# Made once: `json.dumps` would make one for each call.
_COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
)
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def compact_json(value: Any) -> str:
    """Dump JSON for storage: no spaces, keys in the order given, text unescaped, NaN refused."""
    return _COMPACT.encode(value)


def json_line(value: Any) -> str:
    """Dump JSON as one line for whoever reads it: Unicode's own line ends are escaped as well."""
    return one_line(compact_json(value))


def one_line(json_text: str) -> str:
    """Escape Unicode's own line ends in compact JSON."""
    return json_text if json_text.isascii() else json_text.translate(_LINE_ENDS)


def canonical_json(value: Any) -> str:
    """Dump JSON for hashing and comparing: as `compact_json`, with keys sorted."""
    return _CANONICAL.encode(value)


def digest(text: str) -> str:
    """SHA-256 of the UTF-8 text, as 64 hex digits."""
    # surrogatepass: a rejected completion may hold lone surrogates and still needs an id.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def tool_json(tool: Tool) -> str:
    """Return the tool as stored: name, description and parameters."""
    return _tool_texts(tool)[0]


def sample_id(tools: Sequence[Tool], turns: Sequence[Turn], environment: str | None) -> str:
    """Hash what a reader of the sample sees, without verdicts and provenance: 32 hex digits."""
    text = "\n".join(
        [
            *(_tool_texts(tool)[1] for tool in tools),
            *(canonical_json(_turn(turn)) for turn in turns),
            environment or "",
        ]
    )
    return digest(text)[:32]


def completion_id(text: str) -> str:
    """Id of a draft that could not be parsed: the hash of what was answered."""
    return digest("unparsed\n" + text)[:32]


@PerTool
def _tool_texts(tool: Tool) -> tuple[str, str]:
    """Stored and canonical JSON of a tool."""
    shown = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return compact_json(shown), canonical_json(shown)


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "role": turn.role,
        "content": turn.content,
        "thought": turn.thought,
        "calls": [[call.id, call.name, call.arguments] for call in turn.calls],
        "call": turn.call,
        "train": turn.train,
        "state": turn.state,
        "tools_added": [_tool_texts(tool)[1] for tool in turn.tools_added],
    }
