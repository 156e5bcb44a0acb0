"""What a generator is asked for, and what it answers."""

from datetime import date
from typing import Any, Protocol

from api_registry.types import Api, Model, Tool
from data.types import Sample, Style
from generators.variants import Variant


class Context(Model):
    """Where and when a conversation takes place; becomes its system turn."""

    today: date
    timezone: str
    """IANA name, e.g. `Europe/Lisbon`."""
    place: str
    """City and country, e.g. `Lisbon, Portugal`."""

    def system_text(self) -> str:
        """The system turn: date with weekday, place and time zone."""
        return (
            f"Today is {self.today:%A}, {self.today.isoformat()}. "
            f"The user is in {self.place} (time zone {self.timezone})."
        )


class DraftPlan(Model):
    """Everything about a draft that must hold across the data set, decided beforehand."""

    index: int
    """0-based draft number."""
    group: str
    """Drafts of one group never cross splits."""
    style: Style
    split: str
    """`train`, `validation`, `test`, `unseen_api`, `unseen_category` or `unseen_phrasing`."""
    category: str
    targets: tuple[Api, ...]
    """The APIs to call, one entry per call and in order (a parallel draft repeats one). For
    `irrelevant` the one API that the query is about, which is not offered, or none: small talk."""
    tools: tuple[Tool, ...]
    """What the model is offered, in the order shown."""
    variant: Variant | None = None
    """How the tools are shown otherwise than they are; one of `generators.variants.VARIANTS`."""
    look: int = 0
    """Seed of that: rows that share it show a tool alike."""
    missing: str | None = None
    """`missing_argument` only: the required parameter of the target that the query leaves out."""
    contrast_of: int | None = None
    """`irrelevant` only: draft whose query is asked again without the tool it needs."""
    held_out_phrasing: bool = False
    """Use the phrasings that training rows never see."""
    context: Context | None = None
    """System turn; relative dates, `here` and `my` are allowed only with one."""
    register_name: str = "plain"
    """Tone of the query, out of `REGISTERS`."""
    language: str = "en"
    final_answer: bool = False
    """The row goes on after its calls: with their results, and an answer in words."""
    seed: int
    """Seed of everything random in this draft: 64 bits, from the run's seed and `index`."""


REGISTERS: tuple[str, ...] = ("plain", "polite", "casual", "terse", "chatty", "formal")


class Example(Model):
    """A good query and its answer, shown to a model that writes others."""

    style: Style
    query: str
    answers: tuple[dict[str, Any], ...]
    """Calls as `{"name", "arguments"}`."""
    reply: str = ""
    """The assistant's words, where it makes no call."""
    language: str = "en"


class Mistake(Model):
    """An answer that was rejected, as it goes back to its writer."""

    answer: str
    error: str
    """What was wrong with it."""


class Request(Model):
    """One question to the generator: write a query and its answer for each plan."""

    index: int
    plans: tuple[DraftPlan, ...]
    examples: tuple[Example, ...] = ()
    """Good pairs about other APIs, for generators that learn from some."""
    attempt: int = 0
    """1 where a draft is made again."""
    mistake: Mistake | None = None
    """What came of the first attempt."""


class Completion(Model):
    """What a generator answered, unparsed."""

    text: str
    """`{"pairs": [{"query", "answers", "reply"?, "thought"?}]}` from a well-behaved generator;
    `reply` is the assistant's words where `answers` is empty."""
    tool_calls: tuple[dict[str, Any], ...] = ()
    """Native tool calls in OpenAI's form, where the endpoint returned any."""
    finish_reason: str = "stop"
    usage: dict[str, int] = {}


class RequestFailed(Exception):
    """One request failed for good: its drafts are rejected, the run goes on. Names no host."""


class RequestRefused(RequestFailed):
    """The endpoint will never answer this request, however often it is asked."""


class BudgetSpent(Exception):
    """A budget is used up: what is under way ends, nothing new begins, and the run closes."""


class Generator(Protocol):
    """Writes queries and calls."""

    name: str
    """Goes into provenance and identity, e.g. `embedded@3`."""

    async def draft(self, request: Request) -> Completion:
        """Answer one request; a bad answer is a completion.

        Raises `RequestFailed` where there is none, `BudgetSpent` where there may be no more, and
        `EndpointError` where no other request could do better.
        """
        ...


class Closer(Protocol):
    """Writes the last message of rows that go on after their calls."""

    name: str
    """With a version, as it is part of a run's identity."""

    async def close(self, sample: Sample) -> Completion:
        """Answer a sample whose calls have run: `{"answer": "…"}`. Raises as a generator does."""
        ...
