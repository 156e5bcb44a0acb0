"""Names that a module's hints use but the module does not have: what only type checkers import.

    if TYPE_CHECKING:
        from datetime import date

The block runs when a hint needs it, apart from the module, so that the module stays as it is.
"""

import ast
import inspect
import sys
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any


def typing_names(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the names that the `if TYPE_CHECKING:` blocks of a function's module define."""
    # Where it was written: libraries give `__module__` the name under which they offer a function.
    written = getattr(function, "__globals__", {}).get("__name__")
    module = sys.modules.get(written or getattr(function, "__module__", None) or "")
    return {} if module is None else _names_of(module)


@lru_cache(maxsize=1000)
def _names_of(module: ModuleType) -> dict[str, Any]:
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}  # no source, so nothing to read
    namespace = dict(vars(module))
    for node in tree.body:
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            for statement in node.body:
                _define(statement, namespace, module)
    return {name: value for name, value in namespace.items() if name not in vars(module)}


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _define(statement: ast.stmt, namespace: dict[str, Any], module: ModuleType) -> None:
    """Run one statement; a stub package that is not installed spoils only what it names."""
    code = compile(ast.Module([statement], []), f"<typing names of {module.__name__}>", "exec")
    try:
        exec(code, namespace)  # noqa: S102 - the user's own module, imported already
    except Exception:
        return
