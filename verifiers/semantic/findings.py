"""What a rule says of a sample, and of one argument."""

from dataclasses import dataclass
from typing import Any

from api_registry.types import JsonSchema


@dataclass(frozen=True)
class Problem:
    """A contradiction that a rule has found."""

    reason: str
    detail: str
    """One line: where, and what contradicts what."""
    call: str | None = None
    """The call it is about, if it is about one."""


@dataclass(frozen=True)
class Finding:
    """What was found about one argument."""

    kind: str
    """A derivation class."""
    reason: str | None = None
    """Reason code when the value is contradicted: it would have to stand there and does not."""


@dataclass(frozen=True)
class Parameter:
    """Where a value goes."""

    name: str
    schema: JsonSchema
    said: str
    """What is said about it."""
    about: str
    """What the tool says about itself."""

    @property
    def described(self) -> str:
        """All that the tool says where it concerns this parameter."""
        return f"{self.about}\n{self.said}"

    def inner(self, schema: Any, name: str = "") -> "Parameter":
        """The parameter of a part of the value."""
        part = schema if isinstance(schema, dict) else {}
        said = f"{self.said}\n{part.get('description', '')}"
        return Parameter(f"{self.name}_{name}" if name else self.name, part, said, self.about)
