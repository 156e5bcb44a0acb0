"""Closing answers by a model: one request per record, from its calls and their results."""

from data.types import Sample
from generators.endpoint.client import Endpoint
from generators.llm.delimiting import delimited
from generators.llm.enforceable import Schema, bounded_text
from generators.llm.records import record_json
from generators.llm.settings import LlmConfig, Structured
from generators.llm.structured import form, unwrapped
from generators.prompts import prompt, version_of
from generators.types import Completion

TAG = "exchange"
_ANSWER = 1500
_SCHEMA: Schema = {
    "type": "object",
    "properties": {"answer": bounded_text(_ANSWER, 1)},
    "required": ["answer"],
    "additionalProperties": False,
}


def closer_name() -> str:
    """`llm-closing@1+` and the version of the prompt; a part of the identity."""
    return f"llm-closing@1+{version_of(prompt('final_answer'))}"


def messages(sample: Sample) -> list[dict[str, str]]:
    """The static prompt, then the record as data."""
    shown = delimited(TAG, record_json(sample))
    return [
        {"role": "system", "content": prompt("final_answer")},
        {"role": "user", "content": f"{shown}\n\nWrite the last message."},
    ]


class LlmCloser:
    """Writes closing answers through an endpoint."""

    def __init__(self, config: LlmConfig, endpoint: Endpoint, structured: Structured) -> None:
        self.name = closer_name()
        self.config = config
        self.endpoint = endpoint
        self.structured = structured

    async def close(self, sample: Sample) -> Completion:
        """Ask for the answer to a sample whose calls have run."""
        body = {
            "model": self.config.model,
            "messages": messages(sample),
            "max_tokens": self.config.max_tokens,
            "temperature": self.config.temperature,
            "top_p": self.config.top_p,
            **form(self.structured, _SCHEMA if self.structured != "plain" else None, "closing"),
        }
        draft = sample.provenance.get("draft", -1)
        return unwrapped(await self.endpoint.complete(body, purpose="answer", draft=draft))
