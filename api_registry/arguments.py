"""One parameter of a function as it is offered, and the model of all of them."""

import inspect
import re
import types
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticUndefined

from api_registry.docstrings import Documented, UnknownType, documented_type
from api_registry.hints import or_none
from api_registry.offered_types import offered_type
from api_registry.schemas import finite, without_titles
from api_registry.types import JsonSchema

_TELLING = (bool, int, float, str, Decimal, UUID, date, time, timedelta, PurePath, Enum)
"""Classes whose instance, as a default, tells the type of a parameter without a hint."""

_UNREADABLE = re.compile(
    r"Unable to generate pydantic-core schema for (?:<class ')?(?:\w+_[0-9a-f]{8}\.)?([^'>]+)"
)
"""How pydantic refuses a class; a file's module has a number in its name that says nothing."""


class Unusable(Exception):
    """A function or parameter that cannot be offered; the message says why."""


@dataclass(frozen=True)
class Parameter:
    """A parameter as it is offered."""

    name: str
    kind: Any
    """One of `inspect.Parameter`'s kinds."""
    annotation: Any
    """Its type; that of each value for `*args` and `**kwargs`."""
    field: FieldInfo
    always: bool = False
    """Whether it is passed even if not given."""

    @property
    def required(self) -> bool:
        """Whether a call must give it."""
        return self.field.is_required()


def parameter_of(
    parameter: inspect.Parameter,
    hints: Mapping[str, Any],
    wrong: Mapping[str, Exception],
    documented: Documented,
) -> Parameter:
    """Describe a parameter by its hint, else by its docstring, else by its default.

    Raises `Unusable` with the reason.
    """
    default = parameter.default
    annotation = _annotation(parameter, hints, wrong, documented)
    try:
        annotation = offered_type(annotation)
    except Exception as error:  # hints inside of classes are code as well
        raise Unusable(
            f"parameter `{parameter.name}`: its type cannot be offered: {_line(error)}"
        ) from error
    if annotation in (None, type(None)):
        raise Unusable(f"parameter `{parameter.name}` takes nothing but None")
    settings: dict[str, Any] = {"alias": parameter.name}
    if isinstance(default, FieldInfo):
        # `limit: int = Query(10, ge=1)`: Python would pass the Query, so its default is passed.
        settings |= _own_default(default)
        annotation = Annotated[annotation, default]
    elif parameter.kind is parameter.VAR_POSITIONAL:
        annotation = types.GenericAlias(list, (annotation,))
        settings["default_factory"] = list
    elif default is not parameter.empty:
        settings["default"] = default
        if isinstance(default, Enum) and annotation is not type(default):
            settings["json_schema_extra"] = {"default": default.name}  # offered by its names
        if default is None:
            annotation = or_none(annotation)  # `limit: int = None` means an optional int
    described = _described(annotation)
    if described is None and documented.description:
        described = documented.description
    if described is not None:
        settings["description"] = described
    return Parameter(
        parameter.name,
        parameter.kind,
        annotation,
        Field(**settings),
        always=isinstance(default, FieldInfo),
    )


def _described(annotation: Any) -> str | None:
    """The description in `Annotated`: of a Field, in plain words, or PEP 727's `Doc`."""
    for item in getattr(annotation, "__metadata__", ()):
        for text in (
            item,
            getattr(item, "description", None),
            getattr(item, "documentation", None),
        ):
            if isinstance(text, str):
                return text
    return None


def _own_default(field: FieldInfo) -> dict[str, Any]:
    if field.default_factory is not None:
        return {"default_factory": field.default_factory}
    return {} if field.default in (PydanticUndefined, ...) else {"default": field.default}


def _annotation(
    parameter: inspect.Parameter,
    hints: Mapping[str, Any],
    wrong: Mapping[str, Exception],
    documented: Documented,
) -> Any:
    if parameter.name in hints:
        return hints[parameter.name]
    told = _told_by(parameter.default)
    if parameter.name in wrong:
        if told is not None:
            return told
        raise Unusable(
            f"the type hint of `{parameter.name}` cannot be resolved: "
            f"{_line(wrong[parameter.name])}"
        )
    if documented.type_name:
        try:
            return documented_type(documented.type_name)
        except UnknownType as unknown:
            if told is not None:
                return told
            raise Unusable(
                f"parameter `{parameter.name}` has no type hint, and `{unknown}` in its "
                "docstring is not a simple type"
            ) from None
    if told is not None:
        return told
    if parameter.kind is parameter.VAR_KEYWORD:
        return Any
    stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
    raise Unusable(f"parameter `{stars}{parameter.name}` has no type, in a hint or the docstring")


def _told_by(default: Any) -> Any:
    """The type that a default shows, such as int for `limit=10`; None where it shows none."""
    return type(default) if isinstance(default, _TELLING) else None


def arguments_model(
    parameters: Iterable[Parameter], left_out: dict[str, Any]
) -> tuple[type[BaseModel], JsonSchema]:
    """Make the model of the arguments, and its schema.

    An optional parameter whose type cannot be offered is left out: its default goes to `left_out`.
    Raises `Unusable` for a required one.
    """
    kept = list(parameters)
    try:
        return _model(kept)
    except Unusable as error:
        for parameter in list(kept):
            try:
                _model([parameter])
            except Unusable as reason:
                if parameter.required or parameter.kind is inspect.Parameter.VAR_KEYWORD:
                    raise Unusable(f"parameter `{parameter.name}`: {reason}") from reason
                kept.remove(parameter)
                left_out[parameter.name] = parameter.field.default
        if not left_out:
            raise error
    return _model(kept)


class _Schema(GenerateJsonSchema):
    """Leaves out what a dataclass sets itself: `field(init=False)`."""

    def field_is_present(self, field: Any) -> bool:
        return super().field_is_present(field) and field.get("init", True)


def _model(parameters: Iterable[Parameter]) -> tuple[type[BaseModel], JsonSchema]:
    fields: dict[str, Any] = {}
    extra = None
    for index, parameter in enumerate(parameters):
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            extra = parameter.annotation
        else:
            fields[f"p{index}"] = (parameter.annotation, parameter.field)
    settings = ConfigDict(extra="forbid" if extra is None else "allow")
    namespace: dict[str, Any] = {"model_config": settings, "__module__": __name__}
    if extra not in (None, Any):
        namespace["__annotations__"] = {
            "__pydantic_extra__": types.GenericAlias(dict, (str, extra))
        }
    try:
        # A default that JSON cannot hold is left out of the schema with a warning; the function
        # still has it. Other warnings are for the authors of the types.
        with warnings.catch_warnings(action="ignore"):
            base = type("Arguments", (BaseModel,), namespace)
            model: type[BaseModel] = create_model("Arguments", __base__=base, **fields)
            schema = model.model_json_schema(by_alias=True, schema_generator=_Schema)
    except PydanticInvalidForJsonSchema as error:
        raise Unusable(f"its type has no JSON form: {_line(error)}") from error
    except Exception as error:  # types bring code of their own, which may raise anything
        raise Unusable(f"its type cannot be offered: {_line(error)}") from error
    cleaned = finite(without_titles(schema))
    result: JsonSchema = {"type": "object", "properties": cleaned.get("properties", {})}
    for key in ("required", "$defs"):
        if key in cleaned:
            result[key] = cleaned[key]
    result["additionalProperties"] = cleaned.get("additionalProperties", extra is not None)
    return model, result


def _line(error: BaseException) -> str:
    """First sentence of an error, in plain words where pydantic speaks of its own inner life."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    line = line.partition(". ")[0]
    if match := _UNREADABLE.match(line):
        return f"`{match[1]}` is not made of plain data"
    if "core_schema.CallableSchema" in line:
        return "it is a function or a class"
    return line
