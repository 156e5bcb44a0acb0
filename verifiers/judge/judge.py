"""One judge: a model that is asked for a verdict until it gives one, a few times at most."""

from dataclasses import dataclass

from data.types import Sample
from generators.endpoint.client import Endpoint
from generators.llm.settings import Structured
from generators.llm.structured import form, unwrapped
from generators.types import Completion, RequestFailed
from verifiers.answers import NoAnswer, read_text
from verifiers.judge.prompting import answer_schema, criteria_of, messages
from verifiers.judge.settings import JudgeConfig

_SHOWN = 300


@dataclass(frozen=True)
class Opinion:
    """What a judge said of a record, once."""

    judge: str
    faults: tuple[str, ...] | None
    """Criteria that the record fails; None where the judge gave no verdict."""
    said: str
    """Its analysis, or why there is no verdict."""

    @property
    def approves(self) -> bool:
        """Whether it finds the record right."""
        return self.faults == ()


@dataclass(frozen=True)
class Judge:
    """A model behind an endpoint."""

    name: str
    endpoint: Endpoint
    structured: Structured
    config: JudgeConfig

    async def opinion(self, sample: Sample, *, draft: int, reading: int = 0) -> Opinion:
        """Ask for a verdict, again where the answer is none.

        Raises `BudgetSpent` and `EndpointError` as the endpoint does.
        """
        criteria = criteria_of(sample)
        schema = answer_schema(criteria) if self.structured != "plain" else None
        problem = ""
        for again in range(self.config.retries + 1):
            body = {
                "model": self.name,
                "messages": messages(sample, reading=reading, problem=problem),
                "max_tokens": self.config.max_tokens,
                "temperature": self.config.heat(),
                **form(self.structured, schema, "verdict"),
            }
            attempt = reading * (self.config.retries + 1) + again
            try:
                answer = await self.endpoint.complete(
                    body, purpose=f"judge:{self.name}", draft=draft, attempt=attempt
                )
            except RequestFailed as failed:
                return Opinion(self.name, None, f"the request failed: {failed}")
            try:
                return read_opinion(self.name, unwrapped(answer), criteria)
            except NoAnswer as nonsense:
                problem = nonsense.detail[:_SHOWN]
        return Opinion(self.name, None, problem)


def read_opinion(judge: str, answer: Completion, criteria: tuple[str, ...]) -> Opinion:
    """Read the one verdict of an answer. Raises `NoAnswer`; nothing is taken for a yes."""
    if answer.finish_reason == "length":
        raise NoAnswer("truncated", "it was cut off by the token limit")
    values = read_text(answer.text).values
    if len(values) != 1 or not isinstance(values[0].value, dict):
        raise NoAnswer("ambiguous", f"expected one JSON object, got {len(values)} values")
    said = values[0].value
    for name in criteria:
        if not isinstance(said.get(name), bool):
            raise NoAnswer("ambiguous", f"`{name}` is not true or false")
    analysis = said.get("analysis")
    return Opinion(
        judge,
        tuple(name for name in criteria if not said[name]),
        " ".join(analysis.split())[:_SHOWN] if isinstance(analysis, str) else "",
    )
