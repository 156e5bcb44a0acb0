"""From a Python signature to a JSON Schema, and from JSON arguments back to typed ones.

Both come from one pydantic model of the arguments, so that what the schema promises is what the
function is given. Fields have neutral names and the parameters' names as aliases: a parameter may
be called `json`, `copy` or `_x` without clashing with pydantic.
"""

import inspect
import types
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, TypeAdapter, create_model
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.fields import FieldInfo
from pydantic.json_schema import PydanticJsonSchemaWarning

from api_registry.docstrings import (
    Documented,
    UnknownType,
    documented_type,
    read_documentation,
)
from api_registry.hints import collected, or_none, resolve_hints
from api_registry.schemas import finite, without_titles
from api_registry.types import JsonSchema


class Unusable(Exception):
    """A function that cannot be offered; the message says why."""


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

    def bind(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Build typed arguments, positional and by name, from JSON ones.

        Raises pydantic's `ValidationError` when they do not fit.
        """
        values = self.model.model_validate(arguments)
        fields = type(values).model_fields
        typed = {field.alias or name: getattr(values, name) for name, field in fields.items()}
        given = {fields[name].alias or name for name in values.model_fields_set if name in fields}
        more = typed.pop(self.rest) if self.rest and self.rest in given else ()
        # Python takes positional arguments without gaps: all of them before `*args`, else those up
        # to the last one given that cannot be passed by name. Gaps are filled with the defaults.
        count = len(self.ordered) if more else self.positional_only
        while not more and count and self.ordered[count - 1] not in given:
            count -= 1
        args = [*(typed[name] for name in self.ordered[:count]), *more]
        by_name = {name: typed[name] for name in typed if name in given}
        for name in self.ordered[:count]:
            by_name.pop(name, None)
        return args, by_name | (values.__pydantic_extra__ or {})


def read_signature(function: Callable[..., Any]) -> Signature:
    """Describe a function. Raises `Unusable` with the reason when it cannot be offered."""
    documentation = read_documentation(function)
    if not documentation.description:
        raise Unusable("it has no docstring that says what it does")
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise Unusable("its signature cannot be read") from None
    try:
        hints = resolve_hints(function)
    except Exception as error:
        raise Unusable(f"its type hints cannot be resolved: {_line(error)}") from error
    fields: dict[str, Any] = {}
    rest = extra = None
    for index, parameter in enumerate(parameters.values()):
        documented = documentation.parameters.get(parameter.name, Documented(None, None))
        annotation = _annotation(parameter, hints, documented)
        if parameter.kind is parameter.VAR_KEYWORD:
            extra = annotation
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = parameter.name
            annotation = types.GenericAlias(list, (annotation,))
        elif parameter.default is None:
            annotation = or_none(annotation)  # `limit: int = None` means an optional int
        fields[f"p{index}"] = (annotation, _field(parameter, annotation, documented))
    model, schema = _model(fields, extra)
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ordered = [parameter for parameter in parameters.values() if parameter.kind in kinds]
    return Signature(
        description=documentation.description,
        parameters=schema,
        returns=_return_schema(hints.get("return")),
        model=model,
        ordered=tuple(parameter.name for parameter in ordered),
        positional_only=sum(parameter.kind is kinds[0] for parameter in ordered),
        rest=rest,
    )


def _annotation(
    parameter: inspect.Parameter, hints: Mapping[str, Any], documented: Documented
) -> Any:
    """The type of a parameter, of each value for `*args` and `**kwargs`: hint, else docstring."""
    if parameter.name in hints:
        return hints[parameter.name]
    if documented.type_name:
        try:
            return documented_type(documented.type_name)
        except UnknownType as unknown:
            raise Unusable(
                f"parameter `{parameter.name}` has no type hint, and `{unknown}` in its "
                "docstring is not a simple type"
            ) from None
    if parameter.kind is parameter.VAR_KEYWORD:
        return Any
    stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
    raise Unusable(f"parameter `{stars}{parameter.name}` has no type, in a hint or the docstring")


def _field(parameter: inspect.Parameter, annotation: Any, documented: Documented) -> Any:
    """The field of one parameter: a description in `Annotated` wins over the docstring's."""
    if isinstance(parameter.default, FieldInfo):
        raise Unusable(
            f"the default of `{parameter.name}` is a pydantic Field, which Python would pass as "
            "the value: write Annotated[..., Field(...)]"
        )
    settings: dict[str, Any] = {"alias": parameter.name}
    described = any(
        isinstance(item, FieldInfo) and item.description
        for item in getattr(annotation, "__metadata__", ())
    )
    if documented.description and not described:
        settings["description"] = documented.description
    if parameter.kind is parameter.VAR_POSITIONAL:
        settings["default_factory"] = list
    elif parameter.default is not parameter.empty:
        settings["default"] = parameter.default
    return Field(**settings)


def _model(fields: dict[str, Any], extra: Any) -> tuple[type[BaseModel], JsonSchema]:
    """Make the model of the arguments, and its schema; `extra` is the type of `**kwargs`."""
    settings = ConfigDict(extra="forbid" if extra is None else "allow")
    namespace: dict[str, Any] = {"model_config": settings, "__module__": __name__}
    if extra not in (None, Any):
        namespace["__annotations__"] = {
            "__pydantic_extra__": types.GenericAlias(dict, (str, extra))
        }
    try:
        base = type("Arguments", (BaseModel,), namespace)
        model: type[BaseModel] = create_model("Arguments", __base__=base, **fields)
        with warnings.catch_warnings():
            # A default that JSON cannot hold is left out of the schema; the function still has it.
            warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
            schema = model.model_json_schema(by_alias=True)
    except PydanticInvalidForJsonSchema as error:
        raise Unusable(f"a parameter's type has no JSON form: {_line(error)}") from error
    except (PydanticUserError, NameError, TypeError) as error:
        raise Unusable(f"a parameter's type cannot be offered: {_line(error)}") from error
    cleaned = finite(without_titles(schema))
    result: JsonSchema = {"type": "object", "properties": cleaned.get("properties", {})}
    for key in ("required", "$defs"):
        if key in cleaned:
            result[key] = cleaned[key]
    result["additionalProperties"] = cleaned.get("additionalProperties", extra is not None)
    return model, result


def _return_schema(annotation: Any) -> JsonSchema | None:
    if annotation is None:
        return None
    try:
        schema = TypeAdapter(collected(annotation)).json_schema(mode="serialization")
    except Exception:  # any type may be returned; only what has a schema is promised
        return None
    return without_titles(schema) or None


def _line(error: BaseException) -> str:
    """First sentence of an error: pydantic goes on with advice for authors of models."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.partition(". ")[0]
