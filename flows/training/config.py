"""What a fine-tuning is told. Nothing here needs torch."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from api_registry.types import Model

Kind = Literal["sft", "dpo"]
Method = Literal["lora", "qlora", "full"]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]

_RATES: dict[tuple[str, Method], float] = {
    ("sft", "lora"): 1e-4,
    ("sft", "qlora"): 1e-4,
    ("sft", "full"): 1e-5,
    ("dpo", "lora"): 1e-5,
    ("dpo", "qlora"): 1e-5,
    ("dpo", "full"): 1e-6,
}
"""Learning rate where none is given: whole models and preferences take smaller steps."""
_ELSEWHERE = frozenset({"out", "accelerate", "processes", "merge"})
"""Where and by how many the work is done; what is trained does not depend on it."""


class Source(Model):
    """Rows to train on."""

    path: str
    """A run by folder or name, a folder or file of rows, or `USER/NAME`, a data set on the Hub."""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    """How often each row is seen in an epoch: 0.5 draws half of the rows, 2 repeats each."""
    revision: str | None = None
    """Commit, tag or branch of a data set on the Hub."""


class Lora(Model):
    """The adapter: low-rank updates beside the frozen weights. https://arxiv.org/abs/2106.09685"""

    r: Count = 16
    """Its rank."""
    alpha: Count = 32
    """Its scale; the updates are multiplied by `alpha / r`."""
    dropout: Share = 0.0
    """Share of its input left out at random while training."""
    target_modules: tuple[str, ...] = ()
    """Names of the layers that get one; all linear layers but the output's where none is named."""


class Stage(Model):
    """One stage of a staged training. What is not given is as in the rest of the settings."""

    kind: Kind = "sft"
    """Supervised, or on pairs of a right and a wrong answer (DPO)."""
    data: tuple[Source, ...] = ()
    """What this stage is trained on."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Highest learning rate of this stage."""
    epochs: Annotated[float, Field(gt=0)] | None = None
    """Times that its rows are seen."""
    max_steps: Count | None = None
    """End it after so many steps."""
    batch_size: Count | None = None
    """Sequences that a device works on at once."""
    gradient_accumulation: Count | None = None
    """Such batches per step."""
    max_length: Count | None = None
    """Tokens of its longest example."""
    packing: bool | None = None
    """Put several examples in one sequence."""

    @field_validator("data", mode="before")
    @classmethod
    def _paths(cls, given: Any) -> Any:
        return _sources(given)


class FinetuneConfig(Model):
    """Which model is trained on what, and how."""

    model: str = ""
    """A model's folder, or its name on the Hub."""
    revision: str | None = None
    """Commit, tag or branch of a model on the Hub."""
    data: tuple[Source, ...] = ()
    """What is trained on; several sources are a mixture."""
    kind: Kind = "sft"
    """Supervised, or on pairs of a right and a wrong answer (DPO); `stages` say it one by one."""
    stages: tuple[Stage, ...] = ()
    """Trained one after the other, each on what the one before made; a single one where empty."""
    method: Method = "lora"
    """An adapter, one beside a base of four bits, or the whole model."""
    lora: Lora = Lora()
    """The adapter's size."""
    format: Literal["template", "xlam"] = "template"
    """The model's own chat template with tools, or xLAM's prompt in a user message."""
    turns: Literal["whole", "apart"] = "whole"
    """A conversation is one example, or one for each answer, rendered as at that moment."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Highest learning rate; 1e-4 for adapters, 1e-5 for whole models, a tenth of it for DPO."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """How the learning rate falls after that."""
    warmup: Share = 0.1
    """Share of the steps in which the learning rate rises."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """Share of a weight that each step takes away, at a learning rate of 1."""
    beta: Annotated[float, Field(gt=0)] = 0.1
    """DPO: how closely the model is held to where it started."""
    epochs: Annotated[float, Field(gt=0)] = 3.0
    """Times that all rows are seen."""
    max_steps: Count | None = None
    """End after so many steps, whatever `epochs` says."""
    batch_size: Count = 1
    """Sequences that a device works on at once; packed ones where `packing` is on."""
    gradient_accumulation: Count = 8
    """Such batches per step."""
    max_length: Count = 4096
    """Tokens of the longest example."""
    overlong: Literal["leave_out", "cut"] = "leave_out"
    """What becomes of longer ones; a cut example has lost its end, often the call."""
    max_left_out: Share = 0.1
    """Share of the rows that may be unusable; more is refused, with the reasons."""
    packing: bool = True
    """Put several examples in one sequence, none of which sees another."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """bf16 where the device can, else fp32."""
    attention: str | None = None
    """Attention implementation as transformers names it, such as `flash_attention_2`."""
    gradient_checkpointing: bool = True
    """Compute activations twice instead of keeping them: slower, and far less memory."""
    validation: Share = 0.05
    """Share of the rows held out where a source has no split `validation`."""
    checkpoint_every: Count | None = None
    """Steps between checkpoints and held-out losses; a tenth of all steps unless given."""
    keep_checkpoints: Count = 2
    """The newest ones; the best one stays in any case."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Decides order, held-out rows and the adapter's first weights."""
    merge: bool = False
    """Also write the whole model with the adapter merged into it."""
    accelerate: str = ""
    """A shipped accelerate configuration (`fsdp2`, `zero2`, `zero3`, `multi-gpu`) or a file."""
    processes: Count | None = None
    """Processes, one for each GPU; all GPUs unless given, one without any."""
    out: str = ""
    """Folder of the result; `adapters/<data>-<model>` unless given."""

    @field_validator("data", mode="before")
    @classmethod
    def _paths(cls, given: Any) -> Any:
        return _sources(given)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.method == "full" and self.merge:
            raise ValueError("`merge` is of an adapter, and `method` full makes none: leave it out")
        if self.format == "xlam" and "dpo" in (self.kind, *(stage.kind for stage in self.stages)):
            raise ValueError("`format` xlam is for sft; train pairs with the template")
        return self

    def whole_stages(self) -> tuple["FinetuneConfig", ...]:
        """The stages as settings of their own, each with a single stage."""
        stages = self.stages or (Stage(kind=self.kind),)
        return tuple(self._with(stage) for stage in stages)

    def _with(self, stage: Stage) -> "FinetuneConfig":
        given = {name: getattr(stage, name) for name in Stage.model_fields}
        changes = {name: value for name, value in given.items() if value not in (None, ())}
        return self.model_copy(update={**changes, "stages": ()})

    @property
    def rate(self) -> float:
        """The learning rate of a single stage."""
        return self.learning_rate or _RATES[self.kind, self.method]

    def facts(self) -> dict[str, Any]:
        """What determines the result, but for the content of data and model."""
        facts = self.model_dump(mode="json", exclude=set(_ELSEWHERE))
        for stage in (facts, *facts["stages"]):
            # The same rows are the same rows, wherever they lie.
            stage["data"] = [source["weight"] for source in stage["data"]]
        return facts


def _sources(given: Any) -> Any:
    """Sources may be given by their paths alone."""
    if isinstance(given, str):
        given = (given,)
    if isinstance(given, list | tuple):
        return tuple({"path": each} if isinstance(each, str) else each for each in given)
    return given
