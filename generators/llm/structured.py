"""Structured output as endpoints know it: a JSON schema, a forced tool call, or neither."""

from typing import Any, Literal

from api_registry.errors import BudgetError, EndpointError
from data import strict_json
from generators.endpoint.client import Endpoint
from generators.endpoint.journal import Key
from generators.llm.enforceable import Schema
from generators.llm.response_schema import PROBE_ANSWER, probe_schema
from generators.llm.settings import Structured
from generators.types import BudgetSpent, Completion, RequestFailed, RequestRefused

_ORDER: tuple[Structured, ...] = ("json_schema", "tools", "plain")
_FUNCTION = "submit"
_PROBE_TOKENS = 200


async def supported(
    model: str, configured: Structured | Literal["auto"], endpoint: Endpoint
) -> Structured:
    """How the endpoint can be held to a form: what is configured, or the first that it obeys.

    What was found is in the journal: a run that goes on asks in the same form wherever it does.
    """
    if configured != "auto":
        return configured
    key = Key(f"structured:{model}", -1, 0, "")
    known = endpoint.journal.find(key)
    for structured in _ORDER:
        if known is not None and known.text == structured:
            return structured
    found = await _probed(model, endpoint)
    endpoint.journal.add(key, Completion(text=found))
    return found


async def _probed(model: str, endpoint: Endpoint) -> Structured:
    """Ask for an answer that a form alone brings about."""
    for structured in _ORDER[:-1]:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Answer with any JSON object."}],
            "max_tokens": _PROBE_TOKENS,
            "temperature": 0,
            **form(structured, probe_schema(), "pairs"),
        }
        try:
            answer = await endpoint.complete(body, purpose=f"probe:{structured}:{model}", draft=-1)
            if strict_json.loads(unwrapped(answer).text) == PROBE_ANSWER:
                return structured
        except (RequestRefused, strict_json.BadJson):
            continue
        except BudgetSpent as spent:
            raise BudgetError(
                f"the budget was spent before the first draft was asked for: {spent}; the same "
                "command with a larger one goes on from here"
            ) from None
        except RequestFailed as failed:
            # An endpoint in trouble says nothing about what it can do.
            raise EndpointError(
                f"the endpoint did not answer the first request ({failed}): look after it; the "
                "same command begins again"
            ) from None
    return "plain"


def form(structured: Structured, schema: Schema | None, name: str) -> dict[str, Any]:
    """The part of a request that asks for a form; `name` is the schema's."""
    if structured == "json_schema":
        named = {"name": name, "strict": True, "schema": schema}
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
