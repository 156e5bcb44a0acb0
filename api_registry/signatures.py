"""From a Python signature to a JSON Schema, and from JSON arguments back to typed ones.

Both come from one pydantic model of the arguments, so that what the schema promises is what the
function is given. Fields have neutral names and the parameters' names as aliases: a parameter may
be called `json`, `copy` or `_x` without clashing with pydantic.
"""

import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from docstring_parser import Docstring, parse
from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, TypeAdapter, create_model
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.fields import FieldInfo
from pydantic.json_schema import PydanticJsonSchemaWarning

from api_registry.types import JsonSchema

_DOCUMENTED_TYPES: dict[str, Any] = {
    "str": str,
    "string": str,
    "int": int,
    "integer": int,
    "float": float,
    "number": float,
    "bool": bool,
    "boolean": bool,
    "list": list[Any],
    "dict": dict[str, Any],
    "list[str]": list[str],
    "list of str": list[str],
    "list[int]": list[int],
    "list of int": list[int],
    "list[float]": list[float],
    "list of float": list[float],
}


class Unusable(Exception):
    """A function that cannot be offered; the message says why."""


@dataclass(frozen=True)
class Signature:
    """A function as it is offered and called."""

    description: str
    parameters: JsonSchema
    returns: JsonSchema | None
    model: type[BaseModel]
    positional: tuple[str, ...]
    """Parameters that can be passed by position only."""
    keywords: bool
    """Whether the function takes `**kwargs`."""

    def bind(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Build typed arguments from JSON ones; raises pydantic's `ValidationError` on misfits."""
        values = self.model.model_validate(arguments)
        given = {
            field.alias or name: getattr(values, name)
            for name, field in type(values).model_fields.items()
            if name in values.model_fields_set
        }
        given |= values.__pydantic_extra__ or {}
        args = []
        for name in self.positional:
            if name not in given:
                break
            args.append(given.pop(name))
        return args, given


def read_signature(function: Callable[..., Any]) -> Signature:
    """Describe a function. Raises `Unusable` with the reason when it cannot be offered."""
    documented = parse(inspect.getdoc(function) or "")
    description = _description(documented)
    if not description:
        raise Unusable("it has no docstring that says what it does")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise Unusable("its signature cannot be read") from None
    try:
        hints = get_type_hints(inspect.unwrap(function), include_extras=True)
    except Exception as error:
        raise Unusable(f"its type hints cannot be resolved: {_line(error)}") from error
    documentation = {parameter.arg_name.lstrip("*"): parameter for parameter in documented.params}
    fields: dict[str, Any] = {}
    positional: list[str] = []
    keywords = False
    for index, parameter in enumerate(signature.parameters.values()):
        if parameter.kind is parameter.VAR_POSITIONAL:
            raise Unusable(f"`*{parameter.name}` cannot be passed by name")
        if parameter.kind is parameter.VAR_KEYWORD:
            keywords = True
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(parameter.name)
        document = documentation.get(parameter.name)
        annotation = hints.get(parameter.name)
        if annotation is None and parameter.annotation is not parameter.empty:
            annotation = type(None)
        if annotation is None:
            annotation = _documented_type(document.type_name if document else None)
        if annotation is None:
            raise Unusable(f"parameter `{parameter.name}` has no type")
        fields[f"p{index}"] = (annotation, _field(parameter, annotation, document))
    try:
        model = create_model(
            "Arguments",
            __config__=ConfigDict(extra="allow" if keywords else "forbid"),
            **fields,
        )
        with warnings.catch_warnings():
            # A default that JSON cannot hold is left out of the schema; the function still has it.
            warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
            schema = model.model_json_schema(by_alias=True)
    except PydanticInvalidForJsonSchema as error:
        raise Unusable(f"a parameter's type has no JSON form: {_line(error)}") from error
    except (PydanticUserError, NameError, TypeError) as error:
        raise Unusable(f"a parameter's type cannot be offered: {_line(error)}") from error
    return Signature(
        description=description,
        parameters=_object_schema(schema, keywords),
        returns=_return_schema(hints.get("return")),
        model=model,
        positional=tuple(positional),
        keywords=keywords,
    )


def _description(documented: Docstring) -> str:
    short = documented.short_description or ""
    long = (documented.long_description or "").split("\n\n")[0]
    text = short if not long else f"{short} {long}"
    return " ".join(text.split())


def _documented_type(name: str | None) -> Any:
    cleaned = re.sub(r",\s*optional$", "", (name or "").strip(), flags=re.IGNORECASE)
    return _DOCUMENTED_TYPES.get(cleaned.lower())


def _field(parameter: inspect.Parameter, annotation: Any, document: Any) -> Any:
    """The field of one parameter: a description in `Annotated` wins over the docstring's."""
    settings: dict[str, Any] = {"alias": parameter.name}
    described = any(
        isinstance(item, FieldInfo) and item.description
        for item in getattr(annotation, "__metadata__", ())
    )
    if document is not None and document.description and not described:
        settings["description"] = " ".join(document.description.split())
    if parameter.default is parameter.empty:
        return Field(**settings)
    if isinstance(parameter.default, FieldInfo):
        return parameter.default
    return Field(default=parameter.default, **settings)


def _object_schema(schema: JsonSchema, keywords: bool) -> JsonSchema:
    cleaned = _without_titles(schema)
    result: JsonSchema = {"type": "object", "properties": cleaned.get("properties", {})}
    for key in ("required", "$defs"):
        if key in cleaned:
            result[key] = cleaned[key]
    result["additionalProperties"] = keywords
    return result


def _without_titles(schema: Any, *, names: bool = False) -> Any:
    """Drop the titles that pydantic makes up; inside `properties` keys are names, not keywords."""
    if isinstance(schema, dict):
        return {
            key: _without_titles(value, names=not names and key in ("properties", "$defs"))
            for key, value in schema.items()
            if names or key != "title" or not isinstance(value, str)
        }
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    return schema


def _return_schema(annotation: Any) -> JsonSchema | None:
    if annotation is None:
        return None
    try:
        schema = TypeAdapter(annotation).json_schema(mode="serialization")
    except Exception:  # any type may be returned; only what has a schema is promised
        return None
    cleaned = _without_titles(schema)
    return cleaned if isinstance(cleaned, dict) and cleaned else None


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
