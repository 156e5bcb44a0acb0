"""The checks of a run, in the order of their stages: the one table that lists them."""

from collections.abc import Sequence

from api_registry.types import Api, Executor
from verifiers.base import Verifier
from verifiers.execution_check import ExecutionVerifier
from verifiers.format_check import FormatVerifier
from verifiers.semantic import SemanticVerifier


def build_verifiers(
    executor: Executor, apis: Sequence[Api], after: Sequence[Verifier] = ()
) -> tuple[Verifier, ...]:
    """Return the format, execution and semantic checks, and those of a model `after` them."""
    return (
        FormatVerifier(),
        ExecutionVerifier(executor, {api.name: api for api in apis}),
        SemanticVerifier({api.name: api for api in apis}),
        *after,
    )
