"""The template grammar of `docs/phrasings.md`, from text to a tree.

template := (text | slot | words | choice | clause)*
slot     := "{" name (":" style)? "}"
words    := "{" name "=" value ":" template "}"
choice   := "[" template ("|" template)* "]"
clause   := "<" template ">"
"""

from collections.abc import Iterator
from dataclasses import dataclass

from api_registry.errors import UsageError

STYLES = frozenset("money percent fraction ordinal quoted digits minutes seconds hours".split())
"""How the value of a slot may be written: as it would be said unless one of these is given."""


class PhrasingError(UsageError):
    """A template that cannot be read; the message shows it and where it breaks."""


@dataclass(frozen=True)
class Slot:
    """The value of an argument, in words."""

    name: str
    style: str = ""
    """One of `STYLES`, or none."""


@dataclass(frozen=True)
class Words:
    """Words that stand for one value of an argument."""

    name: str
    value: str
    body: "Template"


@dataclass(frozen=True)
class Choice:
    """One of several."""

    options: tuple["Template", ...]


@dataclass(frozen=True)
class Clause:
    """Stands only when every parameter in it is given."""

    body: "Template"


Node = str | Slot | Words | Choice | Clause
Template = tuple[Node, ...]


def read_template(text: str) -> Template:
    """Read a template. Raises `PhrasingError`."""
    nodes, end = _nodes(text, 0, "")
    if end != len(text):
        raise _error(text, end, f"`{text[end]}` closes nothing")
    return nodes


def walk(nodes: Template) -> Iterator[Node]:
    """Yield every node, outer before inner."""
    for node in nodes:
        yield node
        if isinstance(node, Choice):
            for option in node.options:
                yield from walk(option)
        elif isinstance(node, Clause | Words):
            yield from walk(node.body)


def _nodes(text: str, position: int, closing: str) -> tuple[Template, int]:
    """Read nodes until one of the characters in `closing`; return them and where it stands."""
    nodes: list[Node] = []
    while position < len(text) and text[position] not in closing:
        character = text[position]
        if character == "{":
            node, position = _slot(text, position)
            nodes.append(node)
        elif character == "[":
            choice, position = _choice(text, position)
            nodes.append(choice)
        elif character == "<":
            body, end = _nodes(text, position + 1, ">")
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


def _choice(text: str, start: int) -> tuple[Choice, int]:
    options: list[Template] = []
    position = start
    while position == start or text[position] == "|":
        option, position = _nodes(text, position + 1, "|]")
        options.append(option)
        if position == len(text):
            raise _error(text, start, "`[` is not closed")
    if text[position] != "]":
        raise _error(text, position, f"`{text[position]}` stands where `]` is due")
    return Choice(tuple(options)), position + 1


def _slot(text: str, start: int) -> tuple[Slot | Words, int]:
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
        body, close = _nodes(text, colon + 1, "}")
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
