"""Typed, documented Python functions, from a module path, a package or a file."""

import contextlib
import importlib
import importlib.util
import inspect
import io
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from api_registry.decorator import hints_of
from api_registry.errors import SourceError
from api_registry.signatures import Unusable, read_signature
from api_registry.types import Api, Loaded, Skipped

OWN_PACKAGES = ("flows", "verifiers", "generators", "data", "api_registry")


class PythonSource:
    """`mypkg.tools`, `mypkg.tools:func`, `./my_tools.py`, `./my_tools.py:func`."""

    def load(self, spec: str) -> Loaded:
        """Load a module's public functions, a package's modules', or the one function named.

        Raises `SourceError` when the module cannot be found or raises on import.
        """
        location, _, only = spec.partition(":")
        modules = list(_modules(location))
        apis: list[Api] = []
        skipped: list[Skipped] = []
        for place, module in modules:
            for name, function in _functions(module, only):
                try:
                    apis.append(_api(place, name, function))
                except Unusable as reason:
                    skipped.append(Skipped(where=f"{place}:{name}", reason=str(reason)))
        if only and not apis and not skipped:
            known = ", ".join(name for _, module in modules for name, _ in _functions(module, ""))
            raise SourceError(
                f"`{location}` has no function `{only}`; it has: {known or 'no public function'}"
            )
        return Loaded(apis=tuple(apis), skipped=tuple(skipped))


def resolve(ref: str) -> Callable[..., Any]:
    """Return the function behind an `Api.ref`; imports its module when needed."""
    location, _, name = ref.rpartition(":")
    target: Any = _import_file(Path(location)) if location.endswith(".py") else None
    target = target or importlib.import_module(location)
    for part in name.split("."):
        target = getattr(target, part)
    if not callable(target):
        raise SourceError(f"`{ref}` is not callable")
    return target  # type: ignore[no-any-return]


def _modules(location: str) -> Iterator[tuple[str, ModuleType]]:
    """Yield the modules behind a location with the name by which they are found again."""
    if location.endswith(".py") or "/" in location or Path(location).is_dir():
        path = Path(location).expanduser().resolve()
        if path.is_dir():
            files = sorted(path.glob("*.py"))
            if not files:
                raise SourceError(f"`{location}` is a folder without Python files")
        elif path.is_file():
            files = [path]
        else:
            raise SourceError(
                f"`{location}` is not there; expected a Python file, a folder of them, or a "
                "module path such as mypkg.tools"
            )
        for file in files:
            yield str(file), _import_file(file)
        return
    module = _import(location)
    yield location, module
    if hasattr(module, "__path__"):
        for info in sorted(pkgutil.iter_modules(module.__path__), key=lambda info: info.name):
            if not info.name.startswith("_"):
                name = f"{location}.{info.name}"
                yield name, _import(name)


def _import(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        # At the end: a user's `data.py` must not stand in for one of our packages.
        sys.path.append(here)
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError) as error:
        raise _unknown(name, str(error)) from error
    if found is None:
        raise _unknown(name, "no such module")
    with _importing(name):
        return importlib.import_module(name)
    raise AssertionError


def _unknown(name: str, reason: str) -> SourceError:
    return SourceError(
        f"module `{name}` cannot be found ({reason}); expected a module path such as mypkg.tools, "
        "importable from here, or a file such as ./my_tools.py"
    )


def _import_file(path: Path) -> ModuleType:
    """Import a file under a name of its own, so that it never stands in for another module."""
    name = f"callforge_user.{path.stem}_{abs(hash(str(path))):x}"
    if name in sys.modules:
        return sys.modules[name]
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SourceError(f"`{path}` cannot be imported: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs: dataclasses and pydantic look their module up by name.
    sys.modules[name] = module
    try:
        with _importing(str(path)):
            spec.loader.exec_module(module)
    except SourceError:
        del sys.modules[name]
        raise
    return module


@contextlib.contextmanager
def _importing(what: str) -> Iterator[None]:
    """Turn whatever a module raises on import into one line that names the cause and its place."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        if isinstance(error, SyntaxError) and error.filename:
            where = f"{Path(error.filename).name}:{error.lineno}"
        message = f"`{what}` raised on import at {where}: {type(error).__name__}: {error}"
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and missing.split(".")[0] in OWN_PACKAGES:
            message += (
                f"; `{missing.split('.')[0]}` is also the name of a package of Callforge, "
                "rename yours"
            )
        raise SourceError(" ".join(message.split())) from error


def _functions(module: ModuleType, only: str) -> list[tuple[str, Callable[..., Any]]]:
    """Public functions that a module defines itself, or re-exports through `__all__`."""
    exported = getattr(module, "__all__", None)
    found = []
    for name in exported if exported is not None else vars(module):
        value = getattr(module, str(name), None)
        if name.startswith("_") or inspect.isclass(value) or not callable(value):
            continue
        unwrapped = inspect.unwrap(value)
        own = getattr(unwrapped, "__module__", None) == module.__name__
        if exported is None and not own:
            continue
        if not (inspect.isroutine(unwrapped) or hasattr(unwrapped, "__signature__")):
            continue
        if not only or name == only:
            found.append((name, value))
    return found


def _api(place: str, name: str, function: Callable[..., Any]) -> Api:
    signature = read_signature(function)
    hints = hints_of(function)
    stem = Path(place).stem if place.endswith(".py") else place.rpartition(".")[2]
    return Api(
        name=name,
        description=signature.description,
        parameters=signature.parameters,
        returns=signature.returns,
        category=hints.category or stem,
        source="python",
        effects=hints.effects,
        examples=hints.examples,
        phrasings=hints.phrasings,
        ref=f"{place}:{name}",
    )
