"""One call out of the JSON object that a model wrote for it, and what reading objects shares."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from api_registry.types import Call
from data import strict_json
from verifiers.answers import NoAnswer

NAMES = ("name", "function", "tool", "tool_name", "function_name")
_ARGUMENTS = ("arguments", "parameters", "args", "input", "params", "tool_input")
_USUAL = frozenset(("name", "arguments"))
CALL_KEYS = frozenset((*NAMES, *_ARGUMENTS, "id", "type", "index", "call_id"))


def read_call(where: str, answer: Any) -> Call:
    """Return the call with `where` as its id. Raises `NoAnswer` for what has not its form."""
    if not isinstance(answer, Mapping):
        raise NoAnswer("not_a_call", f"{where}: expected an object, got {kind_of(answer)}")
    if answer.keys() == _USUAL:
        name, arguments = answer["name"], answer["arguments"]
        if isinstance(name, str) and name and isinstance(arguments, dict):
            return Call(id=where, name=name, arguments=arguments)
    call = folded(answer)
    unknown = call.keys() - CALL_KEYS
    if unknown:
        raise NoAnswer("not_a_call", f"{where}: unknown key `{min(unknown)[:80]}`")
    inner = call.get("function")
    if isinstance(inner, Mapping):
        if "name" in call or "arguments" in call:
            raise NoAnswer("not_a_call", f"{where}: a call around another call")
        call = folded(inner)
    _, name = one_of(call, NAMES, where)
    if not isinstance(name, str) or not name:
        raise NoAnswer("not_a_call", f"{where}.name: expected text, got {kind_of(name)}")
    _, arguments = one_of(call, _ARGUMENTS, where)
    if isinstance(arguments, str):
        # OpenAI's API encodes arguments once more; "" is its way to say that there are none.
        arguments = decoded(arguments, f"{where}.arguments") if arguments.strip() else None
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        detail = f"{where}.arguments: expected an object, got {kind_of(arguments)}"
        raise NoAnswer("not_a_call", detail)
    return Call(id=where, name=name, arguments=arguments)


def decoded(text: str, where: str) -> Any:
    """Decode JSON that was encoded once more, as text."""
    try:
        return strict_json.loads(text)
    except strict_json.BadJson as error:
        raise NoAnswer("malformed_json", f"{where}: {error}") from None


def folded(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object with keys in lower case. Raises `NoAnswer` where two keys become one."""
    result = {key.lower(): item for key, item in value.items()}
    if len(result) != len(value):
        raise NoAnswer("ambiguous", "two keys that differ in case alone")
    return result


def one_of(
    values: Mapping[str, Any], keys: Sequence[str], where: str = "pair"
) -> tuple[str | None, Any]:
    """The one of several keys that is there. Raises `NoAnswer` where two say different things."""
    there = [key for key in keys if key in values]
    if not there:
        return None, None
    first = values[there[0]]
    for key in there[1:]:
        if json.dumps(values[key], sort_keys=True) != json.dumps(first, sort_keys=True):
            raise NoAnswer("ambiguous", f"{where}: both `{there[0]}` and `{key}`")
    return there[0], first


def shape_of(value: Any) -> str:
    """What a value is, in words, objects with their first keys."""
    if isinstance(value, dict):
        keys = ", ".join(f"`{key[:30]}`" for key in list(value)[:5])
        return f"an object with {keys}" if value else "an empty object"
    return kind_of(value)


def kind_of(value: Any) -> str:
    """The kind of a JSON value, in words."""
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean"}
    if value is None:
        return "nothing"
    return names.get(type(value), "a number")
