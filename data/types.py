"""What a record is: one conversation with the tools offered in it, and what verified it."""

from typing import Any, Literal

from pydantic import Field

from api_registry.types import Call, CallResult, Model, Tool

Style = Literal[
    "simple", "multiple", "parallel", "parallel_multiple", "irrelevant", "missing_argument"
]
"""The shape of a row.

- `simple`: one call; the other tools offered are about something else.
- `multiple`: one call; the other tools offered are its nearest neighbours.
- `parallel`: several calls to one tool.
- `parallel_multiple`: several calls to at least two tools.
- `irrelevant`: no offered tool can serve; the assistant says so.
- `missing_argument`: a required value is not given; the assistant asks for it.
"""

STYLES: tuple[Style, ...] = (
    "simple",
    "multiple",
    "parallel",
    "parallel_multiple",
    "irrelevant",
    "missing_argument",
)

Stage = Literal[
    "generation", "format", "execution", "semantic", "dedup", "decontamination", "split", "quota"
]
"""Where a draft can be rejected, in the order the pipeline runs."""


class Turn(Model):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    """Never null: a turn that only calls tools has empty content."""
    thought: str | None = None
    """Reasoning before the answer, where the generator gave any."""
    calls: tuple[Call, ...] = ()
    """Assistant turns only."""
    call: str | None = None
    """Tool turns only: id of the call answered."""
    train: bool = False
    """Whether a trainer puts loss on this turn."""
    state: dict[str, Any] | None = None
    """Dialogue state after this turn, for task-oriented data."""
    tools_added: tuple[Tool, ...] = ()
    """Tools that become available from this turn on."""


class Verdict(Model):
    """What one check found."""

    stage: Stage
    passed: bool
    reason: str | None = None
    """Short code out of the verifier's `REASONS`; None when passed."""
    detail: str | None = None
    """One line: where, what was expected, what was found."""
    turn: int | None = None
    call: str | None = None
    by: Literal["rules", "judge"] = "rules"
    """Whether it follows from rules, or is the opinion of models."""


class Sample(Model):
    """One conversation on its way through the checks."""

    id: str
    """Hash of tools, turns and environment: equal content, equal id."""
    group: str
    """Ties samples that descend from one another; a group never crosses splits."""
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...]
    results: tuple[CallResult, ...] = ()
    style: str
    category: str
    language: str = "en"
    environment: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    origin: str = "callforge"
    # Made, not copied: pydantic copies a default as deep as it goes, for every sample.
    annotations: dict[str, Any] = Field(default_factory=dict)
    provenance: dict[str, Any] = Field(default_factory=dict)

    @property
    def query(self) -> str:
        """Content of the first user turn; empty when there is none."""
        return next((turn.content for turn in self.turns if turn.role == "user"), "")

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls of all assistant turns, in order."""
        return tuple(call for turn in self.turns for call in turn.calls)

    @property
    def rejected(self) -> Verdict | None:
        """The first failed verdict, or None while every check passed."""
        return next((verdict for verdict in self.verdicts if not verdict.passed), None)

    def with_verdict(self, verdict: Verdict, **changes: Any) -> "Sample":
        """The same sample with one more verdict, and with `changes` to other fields."""
        return self.model_copy(update={"verdicts": (*self.verdicts, verdict), **changes})
