"""What a run is told: one model for flow parameters, TOML file and command line alike.

Each part is defined beside the code that it configures.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from api_registry.errors import ConfigError
from api_registry.execution.settings import ExecutionConfig
from api_registry.types import Model
from data.dataset_config import DatasetConfig
from data.output_config import OutputConfig
from data.publishing.config import PublishStage
from flows.evaluation.config import ComparisonConfig
from flows.runner_config import RunnerConfig
from flows.training.config import FinetuneConfig
from generators.build import GeneratorConfig
from generators.endpoint.settings import EndpointConfig
from generators.plan_config import PlanConfig
from generators.vllm_server.settings import ServeConfig
from verifiers.config import ChecksConfig
from verifiers.judge.settings import JudgeConfig

CATALOG = "api_registry.catalog"
_DRAFTS_PER_ROW = 20
Settings = TypeVar("Settings", bound=Model)


class RunConfig(Model):
    """Everything that `generate-fc` takes."""

    samples: Annotated[int, Field(ge=1)] = 2000
    """Drafts to make; what is kept of them depends on the checks."""
    kept: Annotated[int, Field(ge=1)] | None = None
    """Rows to keep, instead of drafts to make: as many drafts are made as it takes."""
    max_drafts: Annotated[int, Field(ge=1)] | None = None
    """Most drafts made for `kept`; twenty times as many unless given."""
    apis: tuple[str, ...] = (CATALOG,)
    """Python modules or files whose functions are offered: `mypkg.tools`, `./my_tools.py:func`."""
    seed: int | None = None
    """Seed of the plan; 0 unless given. A deployment run derives its own from its flow-run id."""
    name: str | None = None
    """Folder of the run; `<generator>-<identity>` unless given."""
    plan: PlanConfig = PlanConfig()
    """Styles, numbers of tools and calls, languages, splits."""
    generator: GeneratorConfig = GeneratorConfig()
    """Who writes the drafts."""
    endpoint: EndpointConfig = EndpointConfig()
    """Where the model is that writes them, and what may be spent on it."""
    serve: ServeConfig = ServeConfig()
    """A server that is started for this run, and asked instead of `endpoint.base_urls`."""
    execution: ExecutionConfig = ExecutionConfig()
    """How calls are run, and within which limits."""
    checks: ChecksConfig = ChecksConfig()
    """How strict the checks are."""
    judge: JudgeConfig = JudgeConfig()
    """Models that judge what rules cannot decide."""
    output: OutputConfig = OutputConfig()
    """Where the run is stored, in shards of which size."""
    dataset: DatasetConfig = DatasetConfig()
    """What is left out of the data set as a copy or a benchmark's question."""
    publish: PublishStage = PublishStage()
    """Where the data set, and an adapter, go when they are made."""
    finetune: FinetuneConfig = FinetuneConfig()
    """What is trained on the run when it is made; nothing unless a model is named."""
    comparison: ComparisonConfig = ComparisonConfig()
    """What that model is asked before and after."""
    runner: RunnerConfig = RunnerConfig()
    """Who makes the shards: this process, or the workers of a cluster."""

    @model_validator(mode="before")
    @classmethod
    def _served_model_is_asked(cls, given: Any) -> Any:
        """What a server of one's own serves is what `llm` asks, unless something else is said."""
        if not isinstance(given, dict) or not isinstance(given.get("serve"), dict):
            return given
        generator = given.get("generator", {})
        try:
            served = ServeConfig.model_validate(given["serve"])
        except ValidationError:
            return given  # reported with the other fields, by its name
        if not served.model or not isinstance(generator, dict):
            return given
        llm = {"model": served.name} | generator.get("llm", {})
        return given | {"generator": {"name": "llm"} | generator | {"llm": llm}}

    @property
    def goes_on(self) -> bool:
        """Whether anything comes after the run itself."""
        publish = self.publish
        return bool(self.finetune.model or publish.repo or publish.to)

    @property
    def most_drafts(self) -> int:
        """Drafts that may be made."""
        return self.samples if self.kept is None else self.max_drafts or _DRAFTS_PER_ROW * self.kept

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if self.kept is None and self.max_drafts is not None:
            raise ValueError("`max_drafts` bounds `kept`, which is not given: use --samples alone")
        # Forms send every field, with its default where nothing was entered.
        if self.kept is not None and self.samples != type(self).model_fields["samples"].default:
            raise ValueError("`samples` counts drafts and `kept` counts rows: give one of them")
        return self

    @model_validator(mode="after")
    def _one_server(self) -> Self:
        serve, model = self.serve, self.generator.llm.model
        if not serve.model:
            return self
        if self.endpoint.base_urls != EndpointConfig().base_urls:
            raise ValueError("`serve` starts a server, `endpoint.base_urls` names one: give one")
        if self.generator.name == "llm" and model not in (serve.name, *serve.adapters):
            raise ValueError(
                f"`generator.llm.model` is `{model}`, and the server has "
                + ", ".join(f"`{name}`" for name in (serve.name, *serve.adapters))
            )
        return self

    @model_validator(mode="after")
    def _something_to_push(self) -> Self:
        if self.publish.adapter is not None and not self.finetune.model:
            raise ValueError(
                "`publish.adapter` is where an adapter goes, and `finetune.model` names none that "
                "would be made: give --finetune MODEL, or leave it out"
            )
        return self

    @model_validator(mode="after")
    def _whole_requests(self) -> Self:
        size, pairs = self.output.shard_size, self.generator.drafts_per_request
        if size % pairs:
            raise ValueError(
                f"`output.shard_size` {size} is no multiple of `generator.llm.pairs` {pairs}: "
                "a request would belong to two shards"
            )
        return self

    @model_validator(mode="after")
    def _divisible(self) -> Self:
        """What one process counts for all cannot be counted by workers on their own."""
        runner, lag = self.runner, self.plan.lag
        if runner.name == "local":
            return self
        where = f"`--runner {runner.name}`"
        if self.kept is not None:
            raise ValueError(
                f"`kept` ends a run at a certain row, which workers on their own cannot know: with "
                f"{where} give --samples, or use --runner local"
            )
        if self.endpoint.budget.bounds:
            raise ValueError(
                f"a budget is counted by one process: with {where} leave it out and bound "
                "--samples, or use --runner local"
            )
        if self.serve.model and runner.address is not None:
            raise ValueError(
                "`serve` starts a server for this machine alone: give --base-url of servers that "
                "every worker of the cluster reaches"
            )
        if self.generator.shown_examples and (runner.shards_per_task or 1) > lag:
            raise ValueError(
                f"shards learn from those {lag} before them (`plan.lag`), so that one task makes "
                f"{lag} at most: give fewer `runner.shards_per_task`, or a larger `plan.lag`"
            )
        return self

    @model_validator(mode="after")
    def _spoken(self) -> Self:
        if self.plan.languages and self.generator.name == "embedded":
            raise ValueError(
                "`plan.languages` asks for other languages than English, which the generator "
                "`embedded` does not write: use the generator `llm`, or leave them out"
            )
        return self


def read_config(path: Path | None, overrides: dict[str, Any]) -> RunConfig:
    """Read a TOML file, if any, and lay `overrides` (nested, as the model) over it.

    Raises `ConfigError` naming the key, what was found and what was expected.
    """
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--config `{path}` cannot be read: {error}") from error
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"--config `{path}` is not TOML: {error}") from error
    return settings_of(RunConfig, _merged(values, overrides), path)


def settings_of(
    kind: type[Settings], values: Mapping[str, Any], path: Path | None = None
) -> Settings:
    """Settings of a kind, as a command line or the TOML file at `path` gives them.

    Raises `ConfigError` naming the key, what was found and what was expected.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        raise ConfigError(_explained(error, kind, path)) from error


def _explained(error: ValidationError, kind: type[Model], path: Path | None) -> str:
    """Put a validation error in one line: key, problem, and what is known instead."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    where = f" in `{path}`" if path else ""
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(_fields_at(kind, first["loc"][:-1])))
        return f"unknown setting `{key}`{where}; known there: {known}"
    given = first["input"]
    got = f", got {given!r:.80}" if isinstance(given, str | int | float) else ""
    named = f"setting `{key}`{where}" if key else f"settings{where}"
    return f"{named}: {first['msg'].removeprefix('Value error, ')}{got}"


def parse_shares(text: str) -> dict[str, float]:
    """Read `simple=0.3,parallel=0.7`; raises `ConfigError` on anything else."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        style, equals, share = part.partition("=")
        try:
            if not equals or style.strip() in shares:
                raise ValueError
            shares[style.strip()] = float(share)
        except ValueError:
            raise ConfigError(
                f"--shares: `{part}` is not understood; expected STYLE=SHARE once per style, "
                "comma-separated, as in simple=0.6,parallel=0.4"
            ) from None
    return shares


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        nested = isinstance(value, dict) and isinstance(result.get(key), dict)
        # Shares given on the command line replace those of the file: a sum of both means nothing.
        result[key] = _merged(result[key], value) if nested and key != "shares" else value
    return result


def _fields_at(model: type[Model], location: tuple[str | int, ...]) -> list[str]:
    for part in location:
        annotation = model.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, Model)):
            return []
        model = annotation
    return list(model.model_fields)
