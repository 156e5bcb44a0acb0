"""What can be called, and what came of calling it.

Every type is a frozen pydantic model that refuses unknown fields, so a value can be shared between
tasks, hashed by content and read back from JSON without a surprise.
"""

from typing import Any, Literal, Protocol, Self

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
    "state_lost",
]
"""How a call ended. Only `ok` carries a value; every other outcome carries an error text."""


class Model(BaseModel):
    """Base of all record types: frozen, and strict about field names."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


MARKS = frozenset({"stateful", "random"})
"""Effects that need nobody's leave: results depend on earlier calls, or on chance or time."""


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
    """What a call needs or does beyond computing: `network`, `files`, or one of `MARKS`.

    Empty for pure functions.
    """
    environment: str | None = None
    """Name of the class that holds the state of a stateful API; none for stateless ones."""
    examples: tuple[dict[str, Any], ...] = ()
    """Arguments that are known to work, by parameter name."""
    phrasings: tuple[str, ...] = ()
    """Query templates in the grammar of `docs/phrasings.md`."""
    ref: str
    """Where the callable is found, as `module:qualified.name` or `/path/file.py:name`."""

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the parameters that must be given."""
        return tuple(self.parameters.get("required", ()))


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

    @property
    def problem(self) -> str:
        """Class and message of the error, as far as they are known."""
        return ": ".join(part for part in (self.error_type, self.error) if part)


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


class Snapshot(Model):
    """The state of a session at one moment."""

    outcome: Outcome
    """`ok`, or why there is no state to be had."""
    state: Any = None
    """As JSON; null where the session has no environment."""
    digest: str | None = None
    """SHA-256 of the state's canonical JSON (sorted keys, no spaces), as 64 hex digits."""
    error: str | None = None


class Session(Protocol):
    """Calls that share one state, in a process of their own: `async with` closes it."""

    @property
    def failure(self) -> str | None:
        """Why it takes no calls, such as a state that cannot be; None while it does."""
        ...

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run calls one after the other on the state that those before them left."""
        ...

    async def snapshot(self) -> Snapshot:
        """Return the state as it is now."""
        ...

    async def close(self) -> None:
        """End the session; its state is gone."""
        ...

    async def __aenter__(self) -> Self:
        """Return the session."""
        ...

    async def __aexit__(self, *raised: object) -> None:
        """Close it."""
        ...


class Executor(Protocol):
    """Runs calls somewhere safe."""

    async def run(self, calls: list[ApiCall]) -> list[CallResult]:
        """Run calls, each on a state of its own; results come in their order.

        Never raises for a bad call.
        """
        ...

    async def open(self, environment: str | None = None, state: Any = None) -> Session:
        """Begin a session.

        Args:
            environment: Name of the class whose methods are called, an `Api.environment`; without
                one the session is a process in which stateless calls run in order.
            state: What the environment starts from, as JSON; its own initial state unless given.

        Never raises for a bad state: then each call says why the session could not be opened.
        """
        ...


def tool_of(api: Api) -> Tool:
    """Offer an API under its own names, without the example values that would give answers away."""
    return Tool(
        name=api.name,
        description=api.description,
        parameters=without_examples(api.parameters),
        api=api.name,
    )
