"""From a Python signature to a JSON Schema, and from JSON arguments back to typed ones.

Both come from one pydantic model of the arguments, so that what the schema promises is what the
function is given. Fields have neutral names and the parameters' names as aliases: a parameter may
be called `json`, `copy` or `_x` without clashing with pydantic.
"""

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Unpack, get_args, get_origin

import typing_extensions
from pydantic import BaseModel, TypeAdapter

from api_registry.arguments import Parameter, Unusable, arguments_model, parameter_of
from api_registry.docstrings import Documented, read_documentation
from api_registry.hints import collected, resolve_hints
from api_registry.offered_types import offered_type, typed_dict_fields
from api_registry.schemas import without_titles
from api_registry.stubs import UNKNOWN_DEFAULT, own_signature, stub_signature
from api_registry.types import JsonSchema

__all__ = ["Signature", "Unusable", "read_signature"]

_INJECTED = ("Depends", "Security")
"""Classes of defaults that a web framework replaces with something of its own."""


@dataclass(frozen=True)
class Signature:
    """A function as it is offered and called."""

    description: str
    parameters: JsonSchema
    returns: JsonSchema | None
    model: type[BaseModel]
    ordered: tuple[str, ...]
    """Parameters that can be passed by position, in order."""
    positional_only: int
    """How many of them can be passed in no other way."""
    rest: str | None
    """Name of the `*args` parameter, which takes an array."""
    always: frozenset[str]
    """Parameters passed even if not given: their default stands in a pydantic `Field`."""
    left_out: Mapping[str, Any]
    """Optional parameters that cannot be offered, with their defaults."""

    def bind(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Build typed arguments, positional and by name, from JSON ones.

        Raises pydantic's `ValidationError` when they do not fit.
        """
        values = self.model.model_validate(arguments)
        fields = type(values).model_fields
        typed = {field.alias or name: getattr(values, name) for name, field in fields.items()}
        given = {fields[name].alias or name for name in values.model_fields_set if name in fields}
        given |= self.always
        more = typed.pop(self.rest) if self.rest and self.rest in given else ()
        # Python takes positional arguments without gaps: all of them before `*args`, else those up
        # to the last one given that cannot be passed by name. Gaps are filled with the defaults.
        count = len(self.ordered) if more else self.positional_only
        while not more and count and self.ordered[count - 1] not in given:
            count -= 1
        known = {**self.left_out, **typed}
        args = [*(known[name] for name in self.ordered[:count]), *more]
        by_name = {name: typed[name] for name in typed if name in given}
        for name in self.ordered[:count]:
            by_name.pop(name, None)
        return args, by_name | (values.__pydantic_extra__ or {})


def read_signature(function: Callable[..., Any]) -> Signature:
    """Describe a function. Raises `Unusable` with the reason when it cannot be offered."""
    documentation = read_documentation(function)
    if not documentation.description:
        raise Unusable("it has no docstring that says what it does")
    hints, wrong = resolve_hints(function)
    signature = own_signature(function)
    if signature is None or any(
        item.name not in hints and item.name not in wrong for item in signature.parameters.values()
    ):
        stub = stub_signature(function)
        if stub is not None:
            signature, hints = _completed(signature, stub, hints)
    if signature is None:
        raise Unusable("its signature cannot be read")
    _check_kind(function, signature, hints.get("return"))
    signature, hints = _unpacked(signature, hints)
    offered: list[Parameter] = []
    left_out: dict[str, Any] = {}
    for parameter in signature.parameters.values():
        documented = documentation.parameters.get(parameter.name, Documented(None, None))
        try:
            offered.append(parameter_of(parameter, hints, wrong, documented))
        except Unusable:
            if parameter.default is parameter.empty:
                raise
            left_out[parameter.name] = parameter.default
    model, schema = arguments_model(offered, left_out)
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ordered = [item for item in signature.parameters.values() if item.kind in kinds]
    rest = [item.name for item in offered if item.kind is inspect.Parameter.VAR_POSITIONAL]
    return Signature(
        description=documentation.description,
        parameters=schema,
        returns=_return_schema(hints.get("return")),
        model=model,
        ordered=tuple(parameter.name for parameter in ordered),
        positional_only=_positional_only(function, ordered),
        rest=rest[0] if rest else None,
        always=frozenset(item.name for item in offered if item.always),
        left_out=types.MappingProxyType(left_out),
    )


def _positional_only(function: Callable[..., Any], ordered: list[inspect.Parameter]) -> int:
    only = sum(item.kind is inspect.Parameter.POSITIONAL_ONLY for item in ordered)
    # `functools.singledispatch` looks at the first argument by its position.
    dispatched = hasattr(function, "dispatch") and hasattr(function, "registry")
    return max(only, min(1, len(ordered))) if dispatched else only


def _completed(
    own: inspect.Signature | None, stub: inspect.Signature, hints: dict[str, Any]
) -> tuple[inspect.Signature, dict[str, Any]]:
    """The stub's signature, and its hints where the function has none of its own."""
    told = {
        name: item.annotation
        for name, item in stub.parameters.items()
        if item.annotation is not item.empty
    }
    if stub.return_annotation is not stub.empty:
        told["return"] = stub.return_annotation
    bound = own is not None and list(own.parameters) != list(stub.parameters)
    named_more = own is not None and len(stub.parameters) > len(own.parameters)
    return (own if own is not None and bound and not named_more else stub), told | hints


def _unpacked(
    signature: inspect.Signature, hints: dict[str, Any]
) -> tuple[inspect.Signature, dict[str, Any]]:
    """Write `**options: Unpack[Options]` out as the keyword-only parameters that it stands for."""
    rest = next((p for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), None)
    hint = hints.get(rest.name) if rest else None
    if rest is None or get_origin(hint) not in (Unpack, typing_extensions.Unpack):
        return signature, hints
    (kind,) = get_args(hint)
    kind = get_origin(kind) or kind
    if not typing_extensions.is_typeddict(kind):
        return signature, hints
    try:
        fields = typed_dict_fields(kind)
    except Exception as error:  # its hints may be in quotes, which are code
        raise Unusable(f"the keys of `**{rest.name}` cannot be resolved: {error}") from error
    empty = inspect.Parameter.empty
    named = [
        inspect.Parameter(name, rest.KEYWORD_ONLY, default=empty if required else UNKNOWN_DEFAULT)
        for name, (_, required) in fields.items()
    ]
    others = [item for item in signature.parameters.values() if item is not rest]
    told = {name: hint for name, (hint, _) in fields.items()}
    return signature.replace(parameters=[*others, *named]), hints | told


def _check_kind(function: Callable[..., Any], signature: inspect.Signature, returned: Any) -> None:
    """Refuse what gives back no value, and what only a framework can call."""
    for parameter in signature.parameters.values():
        if type(parameter.default).__name__ in _INJECTED:
            raise Unusable(f"the default of `{parameter.name}` is filled in by a framework")
    code = getattr(function, "__code__", None)
    if code is not None and code.co_filename.endswith("contextlib.py"):
        raise Unusable("it is a context manager, which gives back no value")
    if returned is Callable or getattr(returned, "__origin__", None) is Callable:
        raise Unusable("it returns a function, which JSON cannot hold")


def _return_schema(annotation: Any) -> JsonSchema | None:
    if annotation is None:
        return None
    try:
        hint = offered_type(collected(annotation))
        schema = TypeAdapter(hint).json_schema(mode="serialization")
    except Exception:  # any type may be returned; only what has a schema is promised
        return None
    return without_titles(schema) or None
