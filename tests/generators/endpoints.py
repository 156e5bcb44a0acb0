"""An endpoint client on a fake server of this process: what the endpoint's tests share."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from generators.endpoint.client import Endpoint
from generators.endpoint.journal import Journal
from generators.endpoint.settings import EndpointConfig
from generators.types import Completion

SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"const": "yes"}, "score": {"type": "integer", "maximum": 5}},
    "required": ["verdict", "score"],
}
DRAFTS_PER_FILE = 1000

Outcome = Completion | Exception


def body(number: int, model: str = "fake-model") -> dict[str, Any]:
    """A small request that no other number makes."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": f"Judge {number}."}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "v", "schema": SCHEMA}},
    }


def config(*urls: str, **settings: Any) -> EndpointConfig:
    return EndpointConfig.model_validate({"base_urls": urls, **settings})


def ask(settings: EndpointConfig, folder: Path, bodies: Sequence[dict[str, Any]]) -> "Asked":
    """Ask everything at once, as far as the limit allows."""
    asked = Asked()

    async def one(endpoint: Endpoint, draft: int) -> Outcome:
        try:
            return await endpoint.complete(bodies[draft], purpose="draft", draft=draft)
        except Exception as error:
            return error

    async def work() -> None:
        with Journal(folder, DRAFTS_PER_FILE) as journal:
            async with Endpoint(settings, journal) as endpoint:
                asked.endpoint = endpoint
                asked.outcomes = await asyncio.gather(
                    *(one(endpoint, draft) for draft in range(len(bodies)))
                )

    run(work())
    return asked


class Asked:
    """What came of `ask`."""

    endpoint: Endpoint
    outcomes: list[Outcome]

    @property
    def answers(self) -> list[Completion]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Completion)]

    @property
    def errors(self) -> list[Exception]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Exception)]


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)
