"""The template grammar of `docs/phrasings.md`: parsed once, expanded for every draft.

template := (text | slot | words | choice | clause)*
slot     := "{" name (":" style)? "}"
words    := "{" name "=" value ":" template "}"
choice   := "[" template ("|" template)* "]"
clause   := "<" template ">"
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from api_registry.errors import UsageError
from api_registry.types import Api

STYLES = frozenset("money percent fraction ordinal quoted digits minutes seconds hours".split())


class PhrasingError(UsageError):
    """A template that cannot be read; the message shows it and where it breaks."""


@dataclass(frozen=True)
class Slot:
    """The value of an argument, in words."""

    name: str
    style: str = ""


@dataclass(frozen=True)
class Words:
    """Words that stand for one value of an argument."""

    name: str
    value: str
    body: "Sequence_"


@dataclass(frozen=True)
class Choice:
    """One of several."""

    options: tuple["Sequence_", ...]


@dataclass(frozen=True)
class Clause:
    """Stands only when every parameter in it is given."""

    body: "Sequence_"


Node = str | Slot | Words | Choice | Clause
Sequence_ = tuple[Node, ...]


@dataclass(frozen=True)
class Piece:
    """A stretch of an expanded template: fixed words, or the value of `name`."""

    text: str
    name: str | None = None


Render = Callable[[str, str], str]
"""Parameter name, slot style → the value in words."""


@dataclass(frozen=True)
class Phrasing:
    """A parsed template."""

    text: str
    nodes: Sequence_
    kind: Literal["question", "statement", "imperative"]
    mentioned: frozenset[str]
    """Parameters that it can mention."""
    droppable: frozenset[str]
    """Parameters that stand only in clauses of their own: without them the rest still reads."""
    words: Mapping[str, frozenset[str]]
    """Parameters mentioned by words alone → the values, as text, that it has words for."""

    def shown(self, values: Collection[str]) -> set[str]:
        """Parameters that an expansion mentions when `values` are given: a clause may drop some."""
        return _shown(self.nodes, values)

    def expand(self, rng: random.Random, values: Mapping[str, Any], render: Render) -> list[Piece]:
        """Fill the template for the arguments given."""
        return list(_expand(self.nodes, rng, values, render))


@lru_cache(maxsize=20_000)
def parse(text: str) -> Phrasing:
    """Parse a template. Raises `PhrasingError`."""
    nodes, end = _parse(text, 0, "")
    if end != len(text):
        raise _error(text, end, f"`{text[end]}` closes nothing")
    stripped = text.rstrip()
    kind: Literal["question", "statement", "imperative"] = "imperative"
    if stripped.endswith("?"):
        kind = "question"
    elif stripped.endswith("."):
        kind = "statement"
    slots = frozenset(node.name for node in walk(nodes) if isinstance(node, Slot))
    mentioned = slots | {node.name for node in walk(nodes) if isinstance(node, Words)}
    outside = _outside(nodes)
    alone = {
        next(iter(names))
        for node in walk(nodes)
        if isinstance(node, Clause) and len(names := _names(node.body)) == 1
    }
    covered: dict[str, set[str]] = {}
    for node in walk(nodes):
        if isinstance(node, Words) and node.name not in slots:
            covered.setdefault(node.name, set()).add(node.value)
    return Phrasing(
        text=text,
        nodes=nodes,
        kind=kind,
        mentioned=frozenset(mentioned),
        droppable=frozenset(alone - outside),
        words={name: frozenset(values) for name, values in covered.items()},
    )


def check_phrasings(api: Api) -> list[str]:
    """Return what is wrong with an API's phrasings: bad syntax, unknown or missing parameters."""
    properties = api.parameters.get("properties", {})
    problems = []
    for text in api.phrasings:
        try:
            phrasing = parse(text)
        except PhrasingError as error:
            problems.append(str(error))
            continue
        for name in sorted(phrasing.mentioned - set(properties)):
            problems.append(f"`{text}` mentions `{name}`, which is no parameter")
        for name in api.parameters.get("required", ()):
            if name not in _always(phrasing.nodes):
                problems.append(f"`{text}` does not mention the required `{name}`")
        optional = set(properties) - set(api.parameters.get("required", ()))
        for name in sorted(optional & _bare(phrasing.nodes)):
            problems.append(f"`{text}` mentions the optional `{name}` outside a clause")
    return problems


def walk(nodes: Sequence_) -> Iterator[Node]:
    """Yield every node, outer before inner."""
    for node in nodes:
        yield node
        if isinstance(node, Choice):
            for option in node.options:
                yield from walk(option)
        elif isinstance(node, Clause | Words):
            yield from walk(node.body)


def value_text(value: Any) -> str:
    """How templates write a value: `true`, `3`, `ascending`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _names(nodes: Sequence_) -> set[str]:
    return {node.name for node in walk(nodes) if isinstance(node, Slot | Words)}


def _outside(nodes: Sequence_) -> set[str]:
    """Parameters mentioned somewhere that a missing value of theirs would not drop."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, Slot | Words):
            names.add(node.name)
        elif isinstance(node, Choice):
            for option in node.options:
                names |= _outside(option)
        elif isinstance(node, Clause) and len(_names(node.body)) > 1:
            names |= _names(node.body)
    return names


def _bare(nodes: Sequence_) -> set[str]:
    """Parameters whose slot stands outside any clause."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, Slot):
            names.add(node.name)
        elif isinstance(node, Choice):
            for option in node.options:
                names |= _bare(option)
    return names


def _always(nodes: Sequence_) -> set[str]:
    """Parameters mentioned whichever options are chosen, as long as all of them are given."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, Slot | Words):
            names.add(node.name)
        elif isinstance(node, Clause):
            names |= _always(node.body)
        elif isinstance(node, Choice):
            names |= set.intersection(*(_always(option) for option in node.options))
    return names


def _shown(nodes: Sequence_, values: Collection[str]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, Slot | Words):
            names.add(node.name)
        elif isinstance(node, Choice):
            for option in node.options:
                names |= _shown(option, values)
        elif isinstance(node, Clause) and _clause_names(node) <= set(values):
            names |= _shown(node.body, values)
    return names


def _expand(
    nodes: Collection[Node], rng: random.Random, values: Mapping[str, Any], render: Render
) -> Iterator[Piece]:
    for node in nodes:
        if isinstance(node, str):
            yield Piece(node)
        elif isinstance(node, Slot):
            if node.name in values:
                yield Piece(render(node.name, node.style), node.name)
        elif isinstance(node, Words):
            if node.name in values and value_text(values[node.name]) == node.value:
                yield from _expand(node.body, rng, values, render)
        elif isinstance(node, Choice):
            yield from _expand(rng.choice(node.options), rng, values, render)
        elif all(name in values for name in _clause_names(node)):
            yield from _expand(node.body, rng, values, render)


@lru_cache(maxsize=20_000)
def _clause_names(clause: Clause) -> frozenset[str]:
    return frozenset(_names(clause.body))


def _parse(text: str, position: int, closing: str) -> tuple[Sequence_, int]:
    """Read nodes until one of the characters in `closing`; return them and where it stands."""
    nodes: list[Node] = []
    while position < len(text) and text[position] not in closing:
        character = text[position]
        if character == "{":
            node, position = _parse_slot(text, position)
            nodes.append(node)
        elif character == "[":
            choice, position = _parse_choice(text, position)
            nodes.append(choice)
        elif character == "<":
            body, end = _parse(text, position + 1, ">")
            if end == len(text):
                raise _error(text, position, "`<` is not closed")
            nodes.append(Clause(body))
            position = end + 1
        elif character in "}]>|":
            return tuple(nodes), position
        else:
            end = position
            while end < len(text) and text[end] not in "{}[]<>|":
                end += 1
            nodes.append(text[position:end])
            position = end
    return tuple(nodes), position


def _parse_choice(text: str, start: int) -> tuple[Choice, int]:
    options: list[Sequence_] = []
    position = start
    while position == start or text[position] == "|":
        option, position = _parse(text, position + 1, "|]")
        options.append(option)
        if position == len(text):
            raise _error(text, start, "`[` is not closed")
    if text[position] != "]":
        raise _error(text, position, f"`{text[position]}` stands where `]` is due")
    return Choice(tuple(options)), position + 1


def _parse_slot(text: str, start: int) -> tuple[Slot | Words, int]:
    end = start + 1
    while end < len(text) and text[end] not in "{}[]<>|:=":
        end += 1
    name = text[start + 1 : end].strip()
    if not name.isidentifier() or end == len(text):
        raise _error(text, start, "expected `{parameter}`")
    if text[end] == "}":
        return Slot(name), end + 1
    if text[end] == "=":
        colon = text.find(":", end)
        if colon < 0:
            raise _error(text, start, "expected `{parameter=value:words}`")
        body, close = _parse(text, colon + 1, "}")
        if close == len(text) or text[close] != "}":
            raise _error(text, start, "`{` is not closed")
        return Words(name, text[end + 1 : colon].strip(), body), close + 1
    close = text.find("}", end)
    style = text[end + 1 : close].strip()
    if text[end] != ":" or close < 0 or style not in STYLES:
        raise _error(
            text, start, f"unknown slot style `{style}`; known: {', '.join(sorted(STYLES))}"
        )
    return Slot(name, style), close + 1


def _error(text: str, position: int, problem: str) -> PhrasingError:
    return PhrasingError(f"phrasing `{text}`, character {position}: {problem}")
