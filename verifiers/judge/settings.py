"""Who judges, how often, and how they are checked themselves."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from api_registry.types import Model
from generators.endpoint.settings import EndpointConfig

Vote = Literal["majority", "unanimous"]
_SAMPLED = 0.7
"""Temperature where a judge is asked several times: at 0 it would say the same each time."""


@dataclass(frozen=True)
class JudgeModel:
    """A model and where it is."""

    name: str
    base_urls: tuple[str, ...]
    """None of its own: it is where the generator is."""


class JudgeConfig(Model):
    """The judges of a run; without `models` there are none."""

    models: tuple[str, ...] = ()
    """Names as their endpoint knows them, each `NAME` or `NAME@URL` for one that is elsewhere."""
    base_urls: tuple[str, ...] = ()
    """Endpoint of the judges without a URL of their own; the generator's unless given."""
    samples: Annotated[int, Field(ge=1, le=15)] = 1
    """Opinions asked of each model."""
    vote: Vote = "majority"
    """Whether more than half of the opinions, or all of them, must find a record right."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """0 for one opinion per model and 0.7 for several, unless given."""
    max_tokens: Annotated[int, Field(ge=64)] = 1024
    """Per opinion."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """Times that a judge is asked again after an answer that is no verdict."""
    structured: Literal["auto", "json_schema", "tools", "plain"] = "auto"
    """As for the generator: `auto` takes the first that the endpoint obeys."""
    calibration: Annotated[int, Field(ge=0, le=10_000)] = 200
    """Records of known truth, half of them faulty, that each judge is tried on before a run; 0 for
    none."""
    audit: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the kept records that `audit_model` judges as well, with no say in what is kept."""
    audit_model: str = ""
    """`NAME` or `NAME@URL`, another model than the judges."""

    @field_validator("models")
    @classmethod
    def _named(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        names = [judge_model(text).name for text in models]
        if any(not name or "://" in name for name in names):
            raise ValueError("expected NAME or NAME@http://HOST:PORT/v1")
        if len(set(names)) < len(names):
            raise ValueError("a model judges once; ask it for several opinions with `samples`")
        return models

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for urls in filter(None, (self.base_urls, *(model.base_urls for model in self.all_models))):
            _check_urls(urls)
        if not self.audit:
            return self
        if not self.models:
            raise ValueError("`audit` checks judges: name one with --judge MODEL")
        if not self.audit_model:
            raise ValueError(
                "`audit` needs another model to judge with: add --judge-audit-model NAME"
            )
        if judge_model(self.audit_model).name in {judge.name for judge in self.judges}:
            raise ValueError("`audit_model` is one of the judges: name another model")
        return self

    @property
    def judges(self) -> tuple[JudgeModel, ...]:
        """The models that decide."""
        return tuple(self._placed(text) for text in self.models)

    @property
    def auditor(self) -> JudgeModel | None:
        """The model that judges a share again."""
        return self._placed(self.audit_model) if self.audit else None

    @property
    def all_models(self) -> tuple[JudgeModel, ...]:
        """Judges and auditor."""
        return (*self.judges, self.auditor) if self.auditor else self.judges

    def facts(self) -> dict[str, Any]:
        """What determines a run's content: who judges and how, not where or how well."""
        settings = self.model_dump(
            mode="json", exclude={"models", "base_urls", "calibration", "audit_model"}
        )
        auditor = self.auditor.name if self.auditor else ""
        return settings | {"models": [j.name for j in self.judges], "audit_model": auditor}

    def heat(self) -> float:
        """The temperature that is asked for."""
        if self.temperature is not None:
            return self.temperature
        return _SAMPLED if self.samples > 1 else 0.0

    def _placed(self, text: str) -> JudgeModel:
        model = judge_model(text)
        return model if model.base_urls else JudgeModel(model.name, self.base_urls)


def _check_urls(urls: tuple[str, ...]) -> None:
    try:
        EndpointConfig(base_urls=urls)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]["msg"]
        raise ValueError(problem.removeprefix("Value error, ")) from None


def judge_model(text: str) -> JudgeModel:
    """Read `NAME` or `NAME@URL`; names may hold an `@` of their own."""
    for scheme in ("@http://", "@https://"):
        name, found, rest = text.partition(scheme)
        if found:
            return JudgeModel(name.strip(), (found[1:] + rest.strip().rstrip("/"),))
    return JudgeModel(text.strip(), ())
