"""What an evaluation is told."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from api_registry.execution.settings import ExecutionConfig
from api_registry.types import Model
from generators.endpoint.settings import EndpointConfig

Variant = Literal["plain", "renamed", "shuffled", "swapped"]
VARIANTS: tuple[Variant, ...] = ("plain", "renamed", "shuffled", "swapped")


class EvaluateConfig(Model):
    """Which model is asked what, and how its answers are matched."""

    model: str
    """The name that the endpoint knows the model, or its adapter, by."""
    adapter: str = ""
    """Name that the endpoint serves an adapter of the model under; asked instead of the model. With
    `transformers`, the adapter's folder."""
    transformers: str = ""
    """Folder of a model that runs in this process; asked instead of an endpoint."""
    data: str
    """A run's folder, a data set, a file of rows, or BFCL's folder `data`."""
    format: Literal["bfcl", "rows"] | None = None
    """What `data` is; seen from the folder where it is None."""
    mode: Literal["bfcl", "strict"] | None = None
    """How calls are matched: BFCL's data by BFCL's rules, others strictly, unless said."""
    splits: tuple[str, ...] = ()
    """Splits of a data set; all but `train` where none is named."""
    categories: tuple[str, ...] = ()
    """Categories to ask; all where none is named."""
    variants: tuple[Variant, ...] = VARIANTS
    """Ways in which the same questions are asked: as they are, tools renamed, shuffled, swapped."""
    calling: Literal["native", "prompted"] = "native"
    """Tools in the request's `tools`, or in the system turn, answered as JSON text."""
    constrained: bool = False
    """Ask the endpoint to hold calls to the tools' schemas (`strict`)."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    """0 asks for the likeliest answer."""
    max_tokens: Annotated[int, Field(ge=1)] = 1024
    """Per answer."""
    questions: Annotated[int, Field(ge=1)] | None = None
    """At most so many, spread evenly over the data."""
    seed: int = 0
    """Decides how variants are made."""
    apis: tuple[str, ...] = ()
    """Modules or files whose functions run the calls; without any nothing is run."""
    execution: ExecutionConfig = ExecutionConfig()
    endpoint: EndpointConfig = EndpointConfig()
    out: str = ""
    """Folder for predictions, outcomes and scores."""

    @model_validator(mode="after")
    def _held(self) -> Self:
        if self.transformers and self.constrained:
            raise ValueError("constrained: expected an endpoint; transformers cannot hold calls")
        return self

    @field_validator("model", "data")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            raise ValueError("expected a name")
        return value


class ComparisonConfig(Model):
    """What a model is asked before and after its fine-tuning."""

    skip: bool = False
    """Leave it out."""
    split: str = "test"
    """Split of the run's data set; its rows are never trained on."""
    questions: Annotated[int, Field(ge=1)] = 200
    """At most so many, spread evenly over the split."""
    variants: tuple[Variant, ...] = ("plain",)
    """What evaluations call the ways to ask; see `docs/evaluation.md`."""
    max_tokens: Annotated[int, Field(ge=1)] = 512
    """Of an answer."""
