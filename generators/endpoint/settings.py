"""Where the model is, and how hard and how long it is asked. None of it changes what is made."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from api_registry.types import Model


class BudgetConfig(Model):
    """What one command may spend; reaching any of these ends the run in good order."""

    max_requests: Annotated[int, Field(ge=1)] | None = None
    """Requests sent, repeats included."""
    max_tokens_total: Annotated[int, Field(ge=1)] | None = None
    """Prompt and completion tokens, as the endpoint counts them."""
    max_cost: Annotated[float, Field(gt=0)] | None = None
    """In the currency of the prices."""
    max_minutes: Annotated[float, Field(gt=0)] | None = None
    """Minutes by the clock, from the first request on."""
    price_prompt: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million prompt tokens."""
    price_completion: Annotated[float, Field(ge=0)] = 0.0
    """Price of a million completion tokens."""

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.max_cost is not None and not (self.price_prompt or self.price_completion):
            raise ValueError(
                "`max_cost` needs prices: set `price_prompt` and `price_completion`, each per "
                "million tokens, in the part [endpoint.budget] of the --config file"
            )
        return self

    @property
    def bounds(self) -> bool:
        """Whether anything ends a run here."""
        limits = (self.max_requests, self.max_tokens_total, self.max_cost, self.max_minutes)
        return any(limit is not None for limit in limits)

    def price(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """What tokens cost; None where no price is given."""
        if not (self.price_prompt or self.price_completion):
            return None
        cost = prompt_tokens * self.price_prompt + completion_tokens * self.price_completion
        return cost / 1e6


class EndpointConfig(Model):
    """An OpenAI-compatible endpoint. The key comes from the environment alone."""

    base_urls: tuple[str, ...] = ("http://127.0.0.1:8000/v1",)
    """One or several servers of the same model; each request goes to the least busy one."""
    concurrency: Annotated[int, Field(ge=1, le=4096)] = 256
    """Requests in flight at most; fewer while the endpoint is overloaded."""
    attempts: Annotated[int, Field(ge=1, le=100)] = 8
    """Times a request is sent before its drafts are given up."""
    timeout: Annotated[float, Field(gt=0)] = 600.0
    """Seconds for one attempt, from sending to the last byte."""
    longest_wait: Annotated[float, Field(gt=0)] = 300.0
    """Longest Retry-After, in seconds, that is waited for; a longer one ends the run."""
    budget: BudgetConfig = BudgetConfig()

    @field_validator("base_urls")
    @classmethod
    def _usable(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        if not urls:
            raise ValueError("expected at least one URL, as in http://127.0.0.1:8000/v1")
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError(f"`{url}`: expected a URL as in http://127.0.0.1:8000/v1")
            if parts.username or parts.password or parts.query:
                raise ValueError(
                    "a base URL holds no user, password or key: set CALLFORGE_API_KEY instead"
                )
        return tuple(url.rstrip("/") for url in urls)
