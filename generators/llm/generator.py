"""The generator `llm`: one request per few drafts, answered by a model behind an endpoint."""

from typing import Any

from data import strict_json
from generators.endpoint.client import Endpoint
from generators.llm.enforceable import Schema
from generators.llm.prompting import messages
from generators.llm.response_schema import PROBE_ANSWER, probe_schema, response_schema
from generators.llm.settings import LlmConfig, Structured
from generators.prompts import generator_prompt, version_of
from generators.types import Completion, Request, RequestFailed

_ORDER: tuple[Structured, ...] = ("json_schema", "tools", "plain")
_FUNCTION = "submit"
_PROBE_TOKENS = 200


def generator_name() -> str:
    """`llm@1+` and the version of the prompts; a part of the identity."""
    return f"llm@1+{version_of(generator_prompt())}"


class LlmGenerator:
    """Writes drafts through an endpoint."""

    def __init__(self, config: LlmConfig, endpoint: Endpoint, structured: Structured) -> None:
        self.name = generator_name()
        self.config = config
        self.endpoint = endpoint
        self.structured = structured

    async def draft(self, request: Request) -> Completion:
        """Ask for one pair per plan."""
        config = self.config
        thoughts = config.thoughts
        schema = (
            response_schema(request.plans, thoughts=thoughts)
            if self.structured != "plain"
            else None
        )
        body = {
            "model": config.model,
            "messages": messages(request.plans, thoughts=thoughts),
            "max_tokens": config.max_tokens * len(request.plans),
            "temperature": config.temperature,
            "top_p": config.top_p,
            **_form(self.structured, schema),
        }
        answer = await self.endpoint.complete(body, purpose="draft", draft=request.plans[0].index)
        return unwrapped(answer)


async def supported(config: LlmConfig, endpoint: Endpoint) -> Structured:
    """How the endpoint can be held to a form: what is configured, or the first that it obeys."""
    if config.structured != "auto":
        return config.structured
    for structured in _ORDER[:-1]:
        body = {
            "model": config.model,
            "messages": [{"role": "user", "content": "Answer with any JSON object."}],
            "max_tokens": _PROBE_TOKENS,
            "temperature": 0,
            **_form(structured, probe_schema()),
        }
        try:
            answer = await endpoint.complete(body, purpose=f"probe:{structured}", draft=-1)
            if strict_json.loads(unwrapped(answer).text) == PROBE_ANSWER:
                return structured
        except (RequestFailed, strict_json.BadJson):
            continue
    return "plain"


def _form(structured: Structured, schema: Schema | None) -> dict[str, Any]:
    """The part of a request that asks for a form."""
    if structured == "json_schema":
        named = {"name": "pairs", "strict": True, "schema": schema}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    if structured == "tools":
        function = {"name": _FUNCTION, "strict": True, "parameters": schema}
        choice = {"type": "function", "function": {"name": _FUNCTION}}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
    return {}


def unwrapped(answer: Completion) -> Completion:
    """The answer as text, where it came as the forced tool call."""
    if len(answer.tool_calls) != 1:
        return answer
    function = answer.tool_calls[0].get("function")
    if not isinstance(function, dict) or function.get("name") != _FUNCTION:
        return answer
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        return answer
    # A forced call ends with the reason `tool_calls` or `stop`; `length` stays what it is.
    return answer.model_copy(update={"text": arguments, "tool_calls": ()})
