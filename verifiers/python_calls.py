"""Calls written as Python, `[f(a=1, b="x"), g()]`, read from the syntax tree: nothing is run.

BFCL asks models without native calls for this form. Values are literals; names stand for
themselves as text, as do calls and other expressions in an argument's place.
"""

import ast
import math
from typing import Any

_LONGEST = 100_000
_LARGEST = 10**30


class NotPython(ValueError):
    """Text that is no Python call or list of calls."""


def read_python_calls(text: str) -> list[dict[str, dict[str, Any]]]:
    """Return `[{name: {argument: value}}]`. Raises `NotPython`.

    Fences, missing brackets around several calls, and quotes around all of it are tolerated, as
    BFCL's own reader does.
    """
    text = text.strip("`\n ")
    if len(text) > _LONGEST:
        raise NotPython(f"{len(text)} characters, at most {_LONGEST} are read")
    for prefix in ("python", "tool_code"):
        text = text.removeprefix(f"{prefix}\n")
    text = f"{'' if text.startswith('[') else '['}{text}{'' if text.endswith(']') else ']'}"
    try:
        body = ast.parse(text.strip().strip("'"), mode="eval").body
        if not isinstance(body, ast.List):
            raise NotPython("expected a list of calls")
        return [_call(element) for element in body.elts]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotPython(str(error) or type(error).__name__) from None


def _call(node: ast.expr) -> dict[str, dict[str, Any]]:
    if not isinstance(node, ast.Call):
        raise NotPython(f"expected a call, got `{ast.unparse(node)[:80]}`")
    if any(keyword.arg is None for keyword in node.keywords):
        raise NotPython("unpacked arguments")
    arguments = {str(keyword.arg): _value(keyword.value) for keyword in node.keywords}
    return {ast.unparse(node.func): arguments}


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        value = node.value
        plain = value is None or isinstance(value, str | int | float)
        return value if plain and value not in (math.inf, -math.inf) else ast.unparse(node)
    if isinstance(node, ast.List):
        return [_value(element) for element in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(element) for element in node.elts)
    if isinstance(node, ast.Dict) and None not in node.keys:
        keys = [_value(key) for key in node.keys if key is not None]
        if not all(isinstance(key, str | int | float | bool) for key in keys):
            raise NotPython("a dictionary whose keys are no plain values")
        return dict(zip(keys, map(_value, node.values), strict=True))
    if isinstance(node, ast.UnaryOp | ast.BinOp) and (number := _number(node)) is not None:
        return number
    if isinstance(node, ast.Call) and node.keywords:
        return _call(node)
    return ast.unparse(node)


def _number(node: ast.expr) -> int | float | None:
    """What an expression of numbers comes to; None for any other."""
    if isinstance(node, ast.Constant):
        value = node.value
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _number(node.operand)
        return inner if inner is None or isinstance(node.op, ast.UAdd) else -inner
    if not isinstance(node, ast.BinOp):
        return None
    left, right = _number(node.left), _number(node.right)
    if left is None or right is None or max(abs(left), abs(right)) > _LARGEST:
        return None
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    if isinstance(node.op, ast.Div) and right:
        return left / right
    if isinstance(node.op, ast.Pow) and abs(left) <= 1000 and 0 <= right <= 100:
        return float(left) ** right if isinstance(right, float) else left**right
    return None
