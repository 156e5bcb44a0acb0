"""What the fake endpoint is told."""

from typing import Annotated

from pydantic import Field, model_validator

from api_registry.types import Model
from generators.fake_server.evaluated import ANSWER_FAULTS, KnownCall
from generators.fake_server.faults import FAULTS

Share = Annotated[float, Field(ge=0, le=1)]


class FakeSettings(Model):
    """How the fake endpoint behaves."""

    seed: int = 0
    """Decides answers, latencies and faults, each from the request's own content."""
    models: tuple[str, ...] = ("fake-model",)
    api_key: str | None = None
    """Asked for in every request where set."""
    latency: Annotated[float, Field(ge=0)] = 0.0
    """Median seconds that an answer takes once it has a slot."""
    jitter: Annotated[float, Field(ge=0)] = 0.0
    """Sigma of the log-normal factor on the latency."""
    slots: Annotated[int, Field(ge=1)] | None = None
    """Answers made at once; further requests queue."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """Requests held at once, queue included; further ones get 429 and a Retry-After."""
    retry_after: Annotated[float, Field(ge=0)] = 0.2
    """Seconds in the Retry-After of 429 and 503."""
    faults: dict[str, Share] = {}
    """Kind → share of requests; the kinds are in `FAULTS`."""
    structured: bool = True
    """Whether `response_format` with a JSON schema is supported; refused with 400 otherwise."""
    tools: bool = True
    """Whether `tools` are supported; refused with 400 otherwise."""
    judge_catch: Share = 0.9
    """As a judge: share of the faulty records that it rejects."""
    judge_false_reject: Share = 0.05
    """As a judge: share of all other records that it rejects."""
    judge_nonsense: Share = 0.0
    """As a judge: share of its answers that are no verdict."""
    closing_faults: Share = 0.0
    """Share of its closing answers that hold a number of its own."""
    known_faults: frozenset[str] = frozenset()
    """Tags of the records that are faulty: it cannot tell by itself, and takes others for right."""
    known_answers: dict[str, tuple[KnownCall, ...]] = {}
    """Query → the calls that answer it, as a model that is evaluated knows them."""
    answer_faults: dict[str, Share] = {}
    """Kind → share of the known questions; the kinds are in `ANSWER_FAULTS`."""

    @model_validator(mode="after")
    def _known(self) -> "FakeSettings":
        unknown = sorted(self.faults.keys() - FAULTS.keys())
        if unknown:
            raise ValueError(f"unknown fault `{unknown[0]}`; known: {', '.join(FAULTS)}")
        unknown = sorted(self.answer_faults.keys() - set(ANSWER_FAULTS))
        if unknown:
            raise ValueError(f"unknown fault `{unknown[0]}`; known: {', '.join(ANSWER_FAULTS)}")
        if sum(self.faults.values()) > 1:
            raise ValueError("the shares of the faults sum to more than 1")
        return self
