"""BFCL's rules for values: types of Python, strings up to punctuation, lists, shallow objects.

Equality is Python's, as theirs is: `1`, `1.0` and `True` are equal, types are compared before.
"""

import re
from collections.abc import Sequence
from typing import Any

from verifiers.matching.functions import Parameter

_PYTHON: dict[str, type[Any]] = {
    "string": str,
    "integer": int,
    "float": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "any": str,
}
_IGNORED = re.compile(r"[ ,./\-_*^]")


def may_be_left_out(values: Sequence[Any]) -> bool:
    """Whether an empty text among the allowed values marks the parameter as optional."""
    return "" in values


def problem(value: Any, allowed: Sequence[Any], parameter: Parameter) -> str | None:
    """The error type of one argument, None where it is right."""
    expected: type[Any] = _PYTHON[parameter.kind]
    item = _PYTHON[parameter.item] if parameter.kind in ("array", "tuple") else None
    if parameter.kind == "tuple" and type(value) is tuple:
        value = list(value)
    if parameter.kind == "float" and type(value) is int and abs(value) < 2**1023:
        value = float(value)
    error, is_variable = _type_problem(value, allowed, expected, item)
    if error is not None:
        return error
    if not is_variable:
        if expected is dict:
            return _object_problem(value, allowed)
        if expected is list:
            return _objects_problem(value, allowed) if item is dict else _list(value, allowed)
        if expected is str:
            return None if _plain(value) in _plain_texts(allowed) else "value_error:string"
    return None if value in allowed else "value_error:others"


def _type_of(allowed: Sequence[Any]) -> type | None:
    """The type of the first allowed value that is one."""
    return next((type(value) for value in allowed if value != ""), None)


def _type_problem(
    value: Any, allowed: Sequence[Any], expected: type[Any], item: type[Any] | None
) -> tuple[str | None, bool]:
    """The error type, if any, and whether the value stands for a variable.

    An answer of another type than the function's is the name of a variable for BFCL: there the
    value must have the answer's type, and be equal to it.
    """
    answered = _type_of(allowed)
    error = "type_error:simple"
    if type(value) is expected:
        if item is None or _items_fit(value, allowed, item):
            return None, answered is not None and answered is not expected
        error = "type_error:nested"
    if answered is not None and type(value) is answered:
        return (error, True) if error == "type_error:nested" else (None, True)
    return "type_error:simple", False


def _items_fit(value: Sequence[Any], allowed: Sequence[Any], item: type) -> bool:
    """Whether all items have the type, or that of one of the allowed lists.

    An allowed value that is no list, such as the mark of an optional parameter, lets all items
    pass.
    """
    return any(
        not isinstance(option, list)
        or all(_type_problem(part, option, item, None)[0] is None for part in value)
        for option in allowed
    )


def _plain(text: str) -> str:
    """Text without case, spaces and some punctuation, with one kind of quotes."""
    return _IGNORED.sub("", text).lower().replace("'", '"')


def _plain_texts(values: Sequence[Any]) -> list[str]:
    return [_plain(value) for value in values if isinstance(value, str)]


def _plain_items(values: Sequence[Any]) -> list[Any]:
    return [_plain(value) if isinstance(value, str) else value for value in values]


def _list(value: list[Any], allowed: Sequence[Any]) -> str | None:
    options = [_plain_items(option) for option in allowed if isinstance(option, list | str)]
    return None if _plain_items(value) in options else "value_error:list/tuple"


def _object_problem(value: dict[str, Any], allowed: Sequence[Any]) -> str | None:
    """The error type of an object against each allowed one; that of the last where none fits."""
    error = "dict_checker:unclear"
    for option in allowed:
        if option == "" or not isinstance(option, dict):
            continue
        found = _one_object(value, option)
        if found is None:
            return None
        error = found
    return error


def _one_object(value: dict[str, Any], option: dict[str, Any]) -> str | None:
    """Keys and values one level deep; a missing key is named even where a value is wrong too."""
    error = None
    for key, part in value.items():
        if key not in option:
            error = "value_error:dict_key"
            break
        choices = option[key] if isinstance(option[key], list | str) else [option[key]]
        if _plain_items([part])[0] not in _plain_items(choices):
            error = "value_error:dict_value"
            break
    missing = any(
        key not in value and not (isinstance(values, list | str) and "" in values)
        for key, values in option.items()
    )
    return "value_error:dict_key" if missing else error


def _objects_problem(value: list[Any], allowed: Sequence[Any]) -> str | None:
    """The error type of a list of objects, in order; that of the last allowed list."""
    error = "list_dict_checker:unclear"
    for option in allowed:
        if not isinstance(option, list | str) or len(value) != len(option):
            error = "value_error:list_dict_count"
            continue
        for part, wanted in zip(value, option, strict=True):
            found = _object_problem(part, [wanted]) if isinstance(part, dict) else None
            if not isinstance(part, dict):
                found = "type_error:nested"
            if found is not None:
                error = found
                break
        else:
            return None
    return error
