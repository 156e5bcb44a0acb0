"""Phrasings: templates (`template`) that are parsed once, and expanded for every draft."""

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from api_registry.types import Api
from generators.embedded.template import (
    Choice,
    Clause,
    Node,
    PhrasingError,
    Slot,
    Template,
    Words,
    read_template,
    walk,
)


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
    nodes: Template
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
    nodes = read_template(text)
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
        for name in api.required:
            if name not in _always(phrasing.nodes):
                problems.append(f"`{text}` does not mention the required `{name}`")
        optional = set(properties) - set(api.required)
        for name in sorted(optional & _bare(phrasing.nodes)):
            problems.append(f"`{text}` mentions the optional `{name}` outside a clause")
    return problems


def value_text(value: Any) -> str:
    """How templates write a value: `true`, `3`, `ascending`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _names(nodes: Template) -> set[str]:
    return {node.name for node in walk(nodes) if isinstance(node, Slot | Words)}


def _outside(nodes: Template) -> set[str]:
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


def _bare(nodes: Template) -> set[str]:
    """Parameters whose slot stands outside any clause."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, Slot):
            names.add(node.name)
        elif isinstance(node, Choice):
            for option in node.options:
                names |= _bare(option)
    return names


def _always(nodes: Template) -> set[str]:
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


def _shown(nodes: Template, values: Collection[str]) -> set[str]:
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
