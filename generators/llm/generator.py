"""The generator `llm`: one request per few drafts, answered by a model behind an endpoint."""

from generators.endpoint.client import Endpoint
from generators.llm.prompting import messages
from generators.llm.response_schema import response_schema
from generators.llm.settings import LlmConfig, Structured
from generators.llm.structured import form, unwrapped
from generators.prompts import examples_text, generator_prompt, prompt, version_of
from generators.types import Completion, Request


def generator_name() -> str:
    """`llm@1+` and the version of the prompts; a part of the identity."""
    return f"llm@1+{version_of(generator_prompt() + examples_text() + prompt('again'))}"


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
            "messages": messages(
                request.plans, thoughts=thoughts, mistake=request.mistake, examples=request.examples
            ),
            "max_tokens": config.max_tokens * len(request.plans),
            "temperature": config.temperature,
            "top_p": config.top_p,
            **form(self.structured, schema, "pairs"),
        }
        answer = await self.endpoint.complete(
            body, purpose="draft", draft=request.plans[0].index, attempt=request.attempt
        )
        return unwrapped(answer)
