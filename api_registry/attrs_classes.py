"""attrs classes as parameters: a pydantic model of what their `__init__` takes, which builds them.

attrs itself is not imported: its classes describe themselves in `__attrs_attrs__`. Converters,
validators and factories stay the class's own and run when an instance is made. What validators ask
for stands in the schema as well, where JSON Schema has a word for it.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Annotated, Any, ForwardRef, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, create_model

from api_registry.attrs_validators import add_constraints, constraints

_made: dict[type, Any] = {}
"""Class → the hint that stands for it, so that one class is one definition."""
_under_way: set[type] = set()


def is_attrs(kind: object) -> bool:
    """Whether this is a class that attrs made."""
    return isinstance(kind, type) and "__attrs_attrs__" in vars(kind)


def attrs_hint(kind: type, offered: Callable[[Any], Any]) -> Any:
    """Return a hint that pydantic can read and that gives instances of an attrs class.

    Args:
        kind: The class.
        offered: Brings the hints of its attributes into a form that pydantic can read.
    """
    if kind in _made:
        return _made[kind]
    if kind in _under_way:
        return ForwardRef(_reference(kind))  # it holds itself
    _under_way.add(kind)
    try:
        model: Any = _model_of(kind, offered)
        hint = Annotated[
            model, AfterValidator(_builder(kind)), PlainSerializer(_attributes, when_used="always")
        ]
        model.model_rebuild(_types_namespace={_reference(kind): hint})
    finally:
        _under_way.discard(kind)
    _made[kind] = hint
    return hint


def _model_of(kind: Any, offered: Callable[[Any], Any]) -> type[BaseModel]:
    # The `__init__` that attrs writes has globals of its own, without the module's names.
    names = {**vars(sys.modules[kind.__module__]), kind.__name__: kind}
    hints = get_type_hints(kind, globalns=names, include_extras=True)
    taken = inspect.signature(kind.__init__).parameters
    # A converter takes something else than what is kept: attrs knows if its author wrote it down.
    converted = get_type_hints(kind.__init__, globalns=names, include_extras=True)
    fields: dict[str, Any] = {}
    for index, attribute in enumerate(kind.__attrs_attrs__):
        if not attribute.init:
            continue
        hint = converted.get(attribute.alias, hints.get(attribute.name, Any))
        settings: dict[str, Any] = {"alias": attribute.alias}
        if taken[attribute.alias].default is not inspect.Parameter.empty:
            factory = getattr(attribute.default, "factory", None)
            settings["default"] = None if factory is not None else attribute.default
        else:
            factory = None
        # After a converter, a validator speaks of something else than what is given.
        asked = constraints(attribute.validator) if attribute.converter is None else {}
        settings["json_schema_extra"] = _schema_change(asked, without_default=factory is not None)
        fields[f"p{index}"] = (offered(hint), Field(**settings))
    return create_model(kind.__name__, __config__=ConfigDict(extra="forbid"), **fields)


def _schema_change(
    asked: dict[str, Any], *, without_default: bool
) -> Callable[[dict[str, Any]], None]:
    def change(schema: dict[str, Any]) -> None:
        if without_default:
            schema.pop("default", None)
        add_constraints(schema, asked)

    return change


def _builder(kind: type) -> Callable[[BaseModel], Any]:
    def build(values: BaseModel) -> Any:
        fields = type(values).model_fields
        given = {fields[name].alias or name: name for name in values.model_fields_set}
        return kind(**{alias: getattr(values, name) for alias, name in given.items()})

    return build


def _attributes(value: Any) -> Any:
    """An instance as a default is written: by what its `__init__` takes."""
    described = getattr(type(value), "__attrs_attrs__", ())
    return {item.alias: getattr(value, item.name) for item in described if item.init}


def _reference(kind: type) -> str:
    """A name for the hint; the class's own would be read as the model that is being made."""
    return f"{kind.__name__}_made"
