"""Signatures of functions without hints, from type stubs: C functions and the standard library.

Stubs come from the package itself, from installed stub packages (PEP 561) or from typeshed. Where
a stub has several overloads, the first is read that describes the function's own parameters, by
preference one whose hints can all be resolved.
"""

import ast
import contextlib
import importlib
import inspect
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Union

import typeshed_client
from typeshed_client import ImportedInfo, NameInfo, OverloadedName, Resolver

_WELL_KNOWN: dict[str, Any] = {
    "_typeshed.ReadableBuffer": bytes,
    "_typeshed.StrPath": str,
    "_typeshed.StrOrBytesPath": str,
    "_typeshed.FileDescriptorOrPath": str,
    "_typeshed.ConvertibleToInt": int,
    "_typeshed.ConvertibleToFloat": float,
    "_typeshed.SupportsRichComparison": float,
    "_typeshed.SupportsLenAndGetItem": list,
    "_typeshed.Unused": Any,
    "_typeshed.Incomplete": Any,
    "collections.abc.Buffer": bytes,
    "typing_extensions.Buffer": bytes,
}
_MAX_DEPTH = 8


class _UnknownDefault:
    """Stands for a default that a stub writes as `...`."""

    def __repr__(self) -> str:
        return "..."


UNKNOWN_DEFAULT = _UnknownDefault()


class _NotInStub(Exception):
    """A hint of a stub that has no counterpart at run time."""


def stub_signature(function: Any) -> inspect.Signature | None:
    """Return a function's signature by its stub, hints resolved; None if there is no stub for it.

    A parameter whose hint cannot be resolved has none here either. Defaults are the function's own
    where it tells them.
    """
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not module or not name:
        return None
    holder, _, method = name.rpartition(".")
    info = _find(f"{module}.{holder or name}")
    if holder:
        info = (getattr(info, "child_nodes", None) or {}).get(method)
    node = getattr(info, "ast", None)
    overloads = node.definitions if isinstance(node, OverloadedName) else [node]
    own = own_signature(function)
    found: list[inspect.Signature] = []
    for overload in overloads:
        if isinstance(overload, ast.FunctionDef | ast.AsyncFunctionDef):
            signature = _signature(overload, module)
            if holder and inspect.ismethod(function):
                signature = signature.replace(parameters=[*signature.parameters.values()][1:])
            if own is not None:
                signature = _named_like(signature, own)
            if own is None or _describes(signature, own):
                found.append(signature if own is None else _with_defaults(signature, own))
    return next(filter(_is_complete, found), found[0] if found else None)


def _is_complete(signature: inspect.Signature) -> bool:
    """Whether the hints of all required parameters have a counterpart at run time."""
    empty = inspect.Parameter.empty
    return all(
        item.annotation is not empty
        for item in signature.parameters.values()
        if item.default is empty
    )


def own_signature(function: Callable[..., Any]) -> inspect.Signature | None:
    """Return the signature that a function tells itself; some C functions tell none."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def _named_like(signature: inspect.Signature, own: inspect.Signature) -> inspect.Signature:
    """Give what is passed by position alone the function's own names: stubs have others."""
    parameters = list(signature.parameters.values())
    names = {item.name for item in parameters}
    for index, (item, mine) in enumerate(zip(parameters, own.parameters.values(), strict=False)):
        only = item.kind is mine.kind is inspect.Parameter.POSITIONAL_ONLY
        if only and mine.name not in names:
            parameters[index] = item.replace(name=mine.name)
    return signature.replace(parameters=parameters)


def _describes(signature: inspect.Signature, own: inspect.Signature) -> bool:
    """Whether a stub has the function's parameters; for `**kwargs` it may name more."""
    kinds = {item.kind for item in own.parameters.values()}
    names = {name for name, item in own.parameters.items() if item.kind is not item.VAR_KEYWORD}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return names <= set(signature.parameters)
    return list(own.parameters) == list(signature.parameters)


def _with_defaults(signature: inspect.Signature, own: inspect.Signature) -> inspect.Signature:
    parameters = []
    for name, item in signature.parameters.items():
        default = getattr(own.parameters.get(name), "default", inspect.Parameter.empty)
        known = default is not inspect.Parameter.empty
        parameters.append(item.replace(default=default) if known else item)
    return signature.replace(parameters=parameters)


@lru_cache(maxsize=1)
def _resolver() -> Resolver:
    return Resolver(typeshed_client.get_search_context())


def _find(name: str) -> Any:
    """The stub's node behind a dotted name, imports followed; None if there is none."""
    try:
        info = _resolver().get_fully_qualified_name(name)
    except Exception:  # a stub file that does not parse
        return None
    return info.info if isinstance(info, ImportedInfo) else info


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, module: str) -> inspect.Signature:
    arguments = node.args
    parameters: list[inspect.Parameter] = []
    by_position = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(by_position) - len(arguments.defaults))
    for index, (item, default) in enumerate(
        zip(by_position, [*padding, *arguments.defaults], strict=True)
    ):
        only = index < len(arguments.posonlyargs)
        kind = (
            inspect.Parameter.POSITIONAL_ONLY if only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        )
        parameters.append(_parameter(item, kind, default, module))
    if arguments.vararg:
        parameters.append(
            _parameter(arguments.vararg, inspect.Parameter.VAR_POSITIONAL, None, module)
        )
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(_parameter(item, inspect.Parameter.KEYWORD_ONLY, default, module))
    if arguments.kwarg:
        parameters.append(_parameter(arguments.kwarg, inspect.Parameter.VAR_KEYWORD, None, module))
    returns = _hint(node.returns, module)
    return inspect.Signature(parameters, return_annotation=returns)


def _parameter(item: ast.arg, kind: Any, default: ast.expr | None, module: str) -> Any:
    value: Any = inspect.Parameter.empty
    if default is not None:
        try:
            value = ast.literal_eval(default)
        except ValueError:
            value = ...
        if value is ...:
            value = UNKNOWN_DEFAULT
    return inspect.Parameter(
        item.arg, kind, default=value, annotation=_hint(item.annotation, module)
    )


def _hint(node: ast.expr | None, module: str) -> Any:
    if node is None:
        return inspect.Parameter.empty
    try:
        return _evaluated(node, module, 0)
    except Exception:  # whatever a stub's expression raises outside a type checker
        return inspect.Parameter.empty


def _evaluated(node: ast.expr, module: str, depth: int) -> Any:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _alternatives(node, module, depth)
    code = compile(ast.Expression(node), f"<stub of {module}>", "eval")
    return eval(code, {"__builtins__": {}}, _Names(module, depth, _names_in(node)))  # noqa: S307


def _alternatives(node: ast.BinOp, module: str, depth: int) -> Any:
    """A union less what has no counterpart at run time: text in `str | _Stream`."""
    found: list[Any] = []
    for side in (node.left, node.right):
        # A stub's expression raises anything outside a type checker.
        with contextlib.suppress(Exception):
            found.append(_evaluated(side, module, depth))
    if not any(kind is not None for kind in found):
        raise _NotInStub(ast.unparse(node))
    return Union[tuple(found)]  # noqa: UP007 - `|` is not defined for every hint


def _names_in(node: ast.expr) -> Iterable[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


class _Names(dict[str, Any]):
    """The names that an expression of a stub uses, with their values."""

    def __init__(self, module: str, depth: int, names: Iterable[str]) -> None:
        super().__init__({name: _value(name, module, depth) for name in names})


def _value(name: str, module: str, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise _NotInStub(name)
    try:
        info = _resolver().get_fully_qualified_name(f"{module}.{name}")
    except Exception:
        info = None
    source = module
    if isinstance(info, ImportedInfo):
        source = ".".join(info.source_module)
        info = info.info
    if isinstance(info, NameInfo):
        known = _WELL_KNOWN.get(f"{source}.{info.name}")
        if known is not None:
            return known
        if isinstance(info.ast, ast.Assign | ast.AnnAssign) and info.ast.value is not None:
            return _evaluated(info.ast.value, source, depth + 1)
        name, module = info.name, source
    for place in (module, "builtins", "typing", "typing_extensions"):
        found = None
        # `_typeshed` and its like are stubs alone; other modules warn of old names.
        with warnings.catch_warnings(action="ignore"), contextlib.suppress(ImportError):
            found = getattr(importlib.import_module(place), name, None)
        if found is not None:
            return found
    raise _NotInStub(name)
