"""What two rows are compared by: the words of their queries, the tools offered, the calls made.

A row is never compared by its query alone: asked with another tool or answered with another call,
it is another example. That is what contrast pairs and variants are.
"""

from collections.abc import Mapping
from typing import Any

from xxhash import xxh3_64_intdigest

from data.contamination.words import words_of
from data.identity import canonical_json, digest
from data.rows import row_calls
from data.schema import SAID
from data.stored_tools import stored_tools

COLUMNS = ("query", "tools", "answers", *SAID, "n_turns")
"""What the comparison reads of a row."""
_SHORT = 3
"""Messages of a conversation whose only question is `query`: system, user, assistant."""


class RowKeys:
    """The keys of one row."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.words = words_of(asked(row))
        self.calls = row_calls(row)
        self.tools = sorted({tool.name for tool in stored_tools(row)})

    def exact(self) -> bytes:
        """Equal for rows that ask the same, word for word, and make the same calls.

        Where nothing is called, the tools offered are what makes the answer right.
        """
        answer = self.calls or self.tools
        return bytes.fromhex(digest(" ".join(self.words) + "\n" + canonical_json(answer)))[:16]

    def meaning_block(self) -> int:
        """64 bits, different for rows with other calls or, without calls, other tools."""
        return _hash(canonical_json(self.calls or self.tools))

    def block(self) -> int:
        """64 bits, different for rows that call other tools: those are never near copies."""
        return _hash("\n".join(sorted(call["name"] for call in self.calls)))

    def shingles(self, words: int) -> list[int]:
        """Return 64-bit hashes of runs of `words` words, tools offered, and arguments given."""
        runs = range(max(len(self.words) - words + 1, 1))
        texts = {"w " + " ".join(self.words[start : start + words]) for start in runs}
        texts.update("t " + name for name in self.tools)
        for call in self.calls:
            arguments = call["arguments"]
            if isinstance(arguments, dict):
                texts.update(
                    f"a {call['name']} {name} {canonical_json(value)}"
                    for name, value in arguments.items()
                )
        return sorted(_hash(text) for text in texts)


def asked(row: Mapping[str, Any]) -> str:
    """Everything that the user says in a row."""
    if row["n_turns"] <= _SHORT:
        return str(row["query"])
    said = (message["content"] for message in row["messages"] if message["role"] == "user")
    return "\n".join(said)


def _hash(text: str) -> int:
    return xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
