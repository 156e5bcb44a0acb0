"""Environments: plain classes whose methods are APIs and whose instances hold a state.

What `docs/execution.md` asks of one: it can be made without arguments, which gives its initial
state, and its state can be taken as JSON and given back. A dataclass or pydantic model does so by
its fields; any class may have `state()` and `from_state(state)`; without them its attributes are
its state, where they are plain JSON.
"""

import dataclasses
import inspect
import json
from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any

from pydantic import BaseModel, TypeAdapter

from api_registry.execution.results import to_json

_TAKE, _GIVE = "state", "from_state"

_canonical = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
).encode


class NoState(Exception):
    """An environment cannot be made from a state, or a state of it; the text says why."""


def methods_of(environment: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the public methods that take an instance, but for those that are about the state.

    What a base class such as pydantic's brings along is not the environment's own.
    """
    for owner in reversed(environment.__mro__):
        if owner is object or owner is BaseModel:
            continue
        for name, value in vars(owner).items():
            public = not name.startswith("_") and name not in (_TAKE, _GIVE)
            if public and inspect.isfunction(value) and getattr(environment, name) is value:
                yield name, value


def method_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method as it is called: described without the instance, which no call gives."""
    return MethodType(function, object())


def unusable(environment: type) -> str | None:
    """Why a class cannot be an environment; None where it can."""
    try:
        signature = inspect.signature(environment)
    except (TypeError, ValueError):
        return None
    needed = [
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    if not needed:
        return None
    return f"its initial state needs {', '.join(needed)}: give every argument a default"


def make(environment: type, state: Any = None) -> Any:
    """An instance in its initial state, or in the state given.

    Raises `NoState` where the instance does not hold the state that it was given, and whatever the
    class's own code raises.
    """
    if state is None:
        return environment()
    instance = _from_state(environment, state)
    taken = canonical_state(instance)
    if taken != _canonical(state):
        raise NoState(f"made from this state it holds another: {taken[:200]}")
    return instance


def canonical_state(instance: Any) -> str:
    """The state as JSON with sorted keys and no spaces.

    Raises `NoState`, and whatever the class's own code raises.
    """
    if callable(own := getattr(instance, _TAKE, None)):
        return _canonical(json.loads(to_json(own())))
    if isinstance(instance, BaseModel) or dataclasses.is_dataclass(instance):
        return _canonical(json.loads(to_json(instance)))
    try:
        text = _canonical(vars(instance))
        plain = json.loads(text) == vars(instance)  # a tuple would come back as a list
    except (TypeError, ValueError) as error:
        raise NoState(f"its attributes are no plain JSON: {error}; {_HOW}") from error
    if not plain:
        raise NoState(f"its attributes are no plain JSON; {_HOW}")
    return text


_HOW = "make it a dataclass, or give it `state()` and `from_state(state)`"


def _from_state(environment: type, state: Any) -> Any:
    if callable(own := getattr(environment, _GIVE, None)):
        return own(state)
    if issubclass(environment, BaseModel) or dataclasses.is_dataclass(environment):
        return TypeAdapter(environment).validate_python(state)
    instance = environment()
    known = vars(instance)
    if not isinstance(state, dict) or state.keys() != known.keys():
        raise NoState(f"a state of it has exactly {', '.join(sorted(known)) or 'no parts'}")
    known.update(state)
    return instance
