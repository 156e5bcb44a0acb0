"""What a model is asked for. All of it is part of a run's identity."""

from typing import Annotated, Literal

from pydantic import Field

from api_registry.types import Model

Structured = Literal["json_schema", "tools", "plain"]
"""How an answer's form is enforced: by a JSON schema, by a forced tool call, or not at all."""


class LlmConfig(Model):
    """Settings of the generator `llm`."""

    model: str = ""
    """Name of the model, as the endpoint knows it."""
    pairs: Annotated[int, Field(ge=1, le=32)] = 4
    """Query-answer pairs per request; the shard size is a multiple of it."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.8
    """0 asks for the likeliest answer, which repeats itself; more is more varied."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Tokens are drawn from the likeliest that come to this share."""
    max_tokens: Annotated[int, Field(ge=16)] = 512
    """Per pair; an answer that is cut off is a reject."""
    structured: Literal["auto", "json_schema", "tools", "plain"] = "auto"
    """`auto` takes the first that the endpoint supports, found out by asking it at the start."""
    examples: Annotated[int, Field(ge=0, le=12)] = 2
    """Good pairs shown in each request: shipped ones, then verified rows of earlier shards."""
    thoughts: bool = False
    """Ask for a line of reasoning before each answer."""
