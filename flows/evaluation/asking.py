"""Asks a model the questions, through the same endpoint client as the generator."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from api_registry.names import SafeNames, resolve_name
from data.identity import compact_json
from flows.evaluation.config import EvaluateConfig
from flows.evaluation.in_process import InProcess
from flows.evaluation.questions import Question
from generators.endpoint.client import Endpoint, Spent
from generators.endpoint.journal import Journal
from generators.types import Completion, RequestFailed
from verifiers.predictions import Prediction, read_completion

_PROMPT = """You can call these functions:
<tools>
{tools}
</tools>
Where they serve what is asked, answer with the calls and nothing else, as a JSON list:
[{{"name": "…", "arguments": {{…}}}}]
Where none of them serves, or something that a function requires was not said, call nothing and \
answer in words."""


class Answering(Protocol):
    """What answers requests: `Endpoint`, or `InProcess` without a server."""

    async def complete(
        self, body: dict[str, Any], *, purpose: str, draft: int, attempt: int = 0
    ) -> Completion:
        """Answer one request. Raises `RequestFailed` where there will be no answer."""

    def spent(self) -> Spent:
        """What was asked until now."""


def answering(config: EvaluateConfig, journal: Journal) -> AbstractAsyncContextManager[Answering]:
    """What the configuration asks. Raises `UsageError` for a folder that holds no model."""
    if not config.transformers:
        return Endpoint(config.endpoint, journal)
    adapter = Path(config.adapter) if config.adapter else None
    return InProcess(Path(config.transformers), adapter, journal)


async def ask(
    questions: Sequence[Question],
    endpoint: Answering,
    config: EvaluateConfig,
    *,
    purpose: str,
) -> list[Prediction]:
    """One prediction per question, in order; a request that fails for good is a missing one.

    How many are in flight is the endpoint's to say.
    """

    async def one(number: int, question: Question) -> Prediction:
        names = SafeNames(tool.name for tool in question.tools)
        body = request_body(question, names, config)
        try:
            answer = await endpoint.complete(body, purpose=purpose, draft=number)
        except RequestFailed as failed:
            return Prediction("missing", reason=str(failed))
        return called_by_name(answer, question, names)

    return list(await asyncio.gather(*(one(i, q) for i, q in enumerate(questions))))


def request_body(question: Question, names: SafeNames, config: EvaluateConfig) -> dict[str, Any]:
    """The request for one question; names of tools are those that every endpoint takes."""
    functions = [
        {
            "name": names.safe(tool.name),
            "description": tool.description,
            "parameters": tool.parameters,
        }
        for tool in question.tools
    ]
    messages = [dict(message) for message in question.messages]
    body: dict[str, Any] = {
        "model": config.adapter or config.model,
        "messages": messages,
        "temperature": config.temperature,
        "max_tokens": config.max_tokens,
    }
    if config.calling == "prompted":
        told = _PROMPT.format(tools="\n".join(map(compact_json, functions)))
        if messages and messages[0]["role"] == "system":
            messages[0]["content"] = f"{messages[0]['content']}\n\n{told}"
        else:
            messages.insert(0, {"role": "system", "content": told})
        return body
    if functions:
        strict = {"strict": True} if config.constrained else {}
        body["tools"] = [{"type": "function", "function": {**f, **strict}} for f in functions]
    return body


def called_by_name(answer: Completion, question: Question, names: SafeNames) -> Prediction:
    """Read an answer; its calls get the tools' own names back."""
    prediction = read_completion(answer)
    offered = [tool.name for tool in question.tools]

    def own(name: str) -> str:
        return names.original(name) or resolve_name(name, offered) or name

    calls = [{own(name): arguments for name, arguments in c.items()} for c in prediction.calls]
    return replace(prediction, calls=calls, text=answer.text)
