"""What can be called, and what came of calling it.

Every type is a frozen pydantic model that refuses unknown fields, so a value can be shared between
tasks, hashed by content and read back from JSON without a surprise.
"""

from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from api_registry.schemas import JsonSchema as JsonSchema
from api_registry.schemas import without_examples

Outcome = Literal[
    "ok",
    "raised",
    "timeout",
    "out_of_memory",
    "crashed",
    "output_too_large",
    "not_serialisable",
    "denied",
    "unregistered",
]
"""How a call ended. Only `ok` carries a value; every other outcome carries an error text."""


class Model(BaseModel):
    """Base of all record types: frozen, and strict about field names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Api(Model):
    """One thing that can be executed, described well enough to be offered to a model."""

    name: str
    """Unique within a registry; matches `^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$`."""
    description: str
    """What it does, one to three sentences."""
    parameters: JsonSchema
    """An object schema; `additionalProperties` is false unless the function takes `**kwargs`."""
    returns: JsonSchema | None = None
    """Schema of the value a call gives back, where the source declares one."""
    category: str = "general"
    """A short topic such as `finance`; splits and quotas work by it."""
    source: str = "python"
    """Kind of source it was loaded from."""
    effects: tuple[str, ...] = ()
    """What a call needs beyond computing, e.g. `network` or `files`. Empty for pure functions."""
    environment: str | None = None
    """Class that holds the state of a stateful API; none for stateless ones."""
    examples: tuple[dict[str, Any], ...] = ()
    """Arguments that are known to work, by parameter name."""
    phrasings: tuple[str, ...] = ()
    """Query templates in the grammar of `docs/phrasings.md`."""
    ref: str
    """Where the callable is found, as `module:qualified.name` or `/path/file.py:name`."""


class Tool(Model):
    """An `Api` as one model sees it: its name or parameters may be renamed, masked or shuffled."""

    name: str
    """The name that calls use."""
    description: str
    parameters: JsonSchema
    """The schema that arguments are checked against; holds no example values."""
    api: str
    """Name of the `Api` that runs when the tool is called."""
    argument_names: dict[str, str] = {}
    """Tool parameter → API parameter, for the parameters that were renamed."""


class Call(Model):
    """One request to a tool."""

    id: str
    """Unique within a sample, `call_0`, `call_1`, … in the order written."""
    name: str
    """The tool's name, not the API's."""
    arguments: dict[str, Any]


class CallResult(Model):
    """What one call gave back."""

    call: str
    """Id of the call."""
    outcome: Outcome
    value: Any = None
    """The JSON value returned; None unless `outcome` is `ok`."""
    error_type: str | None = None
    """Class name of the exception, where one was raised."""
    error: str | None = None
    """Message, scrubbed of paths and addresses."""


class Skipped(Model):
    """Something a source found but could not offer."""

    where: str
    reason: str


class Loaded(Model):
    """What a source made of one specification."""

    apis: tuple[Api, ...]
    skipped: tuple[Skipped, ...] = ()


class Source(Protocol):
    """Finds callable APIs behind a specification string."""

    def load(self, spec: str) -> Loaded:
        """Return the usable APIs and, with a reason each, the unusable ones.

        Raises `api_registry.errors.SourceError` when the specification as a whole cannot be read.
        """
        ...


class ApiCall(Model):
    """A call resolved to the API that runs it: what executors take."""

    id: str
    """Id of the `Call` it was made from; the result carries it."""
    api: str
    """Name of the `Api` in the executor's registry."""
    arguments: dict[str, Any]
    """By the API's own parameter names."""


class Executor(Protocol):
    """Runs calls somewhere safe."""

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run stateless calls; results come in their order. Never raises for a bad call."""
        ...


def tool_of(api: Api) -> Tool:
    """Offer an API under its own names, without the example values that would give answers away."""
    return Tool(
        name=api.name,
        description=api.description,
        parameters=without_examples(api.parameters),
        api=api.name,
    )
