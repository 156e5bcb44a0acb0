"""Typed, documented Python functions and environments, from a module, a package or a file."""

import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NewType, TypeVar, get_origin

from pydantic_core import PydanticSerializationError, to_jsonable_python

from api_registry.decorator import hints_of, is_environment
from api_registry.environments import method_of, methods_of, unusable
from api_registry.errors import SourceError
from api_registry.signatures import Unusable, read_signature
from api_registry.sources.importing import import_file, import_name, is_module
from api_registry.types import Api, Loaded, Skipped

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")
"""What model endpoints take as a tool's name."""


_TESTS = re.compile(r"tests?|conftest|test_\w+|\w+_test|setup")
"""Modules of a package or folder that are not its own work."""


class PythonSource:
    """`mypkg.tools`, `mypkg.tools:func`, `./my_tools.py`, `./my_tools.py:Class`, or a package."""

    def load(self, spec: str) -> Loaded:
        """Load a module's public functions and environments, a package's, or the one named.

        A broken module costs a package that module alone. Raises `SourceError` when what is named
        cannot be found or raises on import, and when nothing in a folder can be imported.
        """
        location, _, only = spec.partition(":")
        apis: list[Api] = []
        skipped: list[Skipped] = []
        seen: set[int] = set()
        broken: SourceError | None = None
        for place, module in _modules(location):
            if isinstance(module, SourceError):
                broken = broken or module
                skipped.append(Skipped(where=place, reason=str(module)))
                continue
            for found in [_named(place, module, only)] if only else _public(module):
                if id(found[1]) in seen:
                    continue  # a package's `__all__` names its modules' functions again
                seen.add(id(found[1]))
                for name, function, environment in _callables(*found):
                    try:
                        apis.append(_api(place, name, function, environment))
                    except Unusable as reason:
                        skipped.append(Skipped(where=f"{place}:{name}", reason=str(reason)))
            if only:
                break  # of a package, the function is the package's own
        if broken and len(skipped) == 1 and not apis:
            raise broken
        return Loaded(apis=tuple(apis), skipped=tuple(skipped))


def resolve(ref: str) -> Callable[..., Any]:
    """Return the function behind an `Api.ref`; imports its module when needed.

    Raises `SourceError` when the module raises on import or has no such function.
    """
    location, _, name = ref.rpartition(":")
    path = Path(location)
    target: Any = import_file(path) if path.suffix == ".py" else import_name(location)
    for part in name.split("."):
        target = getattr(target, part, None)
    if not callable(target):
        raise SourceError(f"`{ref}` is not there any more; expected a function of that name")
    return target  # type: ignore[no-any-return]


def _modules(location: str) -> Iterator[tuple[str, ModuleType | SourceError]]:
    """Yield the modules behind a location with the name by which they are found again.

    What is named itself must import; a module below it that does not is yielded as its error.
    """
    path = Path(location).expanduser()
    # A bare name may be a folder here and a package there: the package is meant.
    folder = location and path.is_dir() and not is_module(location)
    if path.suffix == ".py" or "/" in location or folder:
        for file in _files(path.resolve(), location):
            yield str(file), _or_error(import_file, file)
        return
    module = import_name(location)
    yield location, module
    yield from _below(location, module)


def _below(location: str, package: ModuleType) -> Iterator[tuple[str, ModuleType | SourceError]]:
    infos = pkgutil.iter_modules(getattr(package, "__path__", ()))
    for info in sorted(infos, key=lambda info: info.name):
        if info.name.startswith("_") or _TESTS.fullmatch(info.name):
            continue
        place = f"{location}.{info.name}"
        module = _or_error(import_name, place)
        yield place, module
        if not isinstance(module, SourceError):
            yield from _below(place, module)


def _or_error(load: Callable[[Any], ModuleType], what: Path | str) -> ModuleType | SourceError:
    try:
        return load(what)
    except SourceError as error:
        return error


def _files(path: Path, location: str) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(
            f"`{location}` is not there; expected a Python file, a folder of them, or a module "
            "path such as mypkg.tools"
        )
    files = sorted(file for file in path.rglob("*.py") if _offered(file.relative_to(path)))
    if not files:
        raise SourceError(f"`{location}` is a folder without Python files; expected some")
    return files


def _offered(file: Path) -> bool:
    """Whether a file below a folder is loaded: not if it or a folder above it is private."""
    parts = (*file.parent.parts, file.stem)
    private = any(part.startswith(("_", ".")) or _TESTS.fullmatch(part) for part in parts)
    return not private or (file.name == "__init__.py" and _offered(file.with_name("init.py")))


def _public(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield what a module lists in `__all__`, else what it defines itself and is public.

    These are functions, and classes marked as environments.
    """
    listed = getattr(module, "__all__", None)
    for name in dict.fromkeys(vars(module) if listed is None else map(str, listed)):
        value = getattr(module, name, None)
        offered = is_environment(value) if inspect.isclass(value) else not _is_type(value)
        if not callable(value) or not offered:
            continue
        if listed is None and (name.startswith("_") or not _defined_in(module, value)):
            continue
        yield name, value


def _is_type(value: object) -> bool:
    """Whether this is a type alias or its like, which can be called without being a function."""
    return get_origin(value) is not None or isinstance(value, NewType | TypeVar)


def _defined_in(module: ModuleType, value: Callable[..., Any]) -> bool:
    """Whether a callable is the module's own; decorated ones count by what they wrap.

    A callable that is no function counts by its class: type aliases can be called as well.
    """
    if isinstance(value, partial):
        return True  # made here, whatever it completes
    inner = inspect.unwrap(value)
    while isinstance(inner, partial):
        inner = inner.func
    owner = inner if inspect.isroutine(inner) or inspect.isclass(inner) else type(inner)
    parent, dot, name = module.__name__.rpartition(".")
    # A module may hold what is written in C, such as `_bisect` behind `bisect`.
    return getattr(owner, "__module__", None) in (module.__name__, f"{parent}{dot}_{name}")


def _named(place: str, module: ModuleType, name: str) -> tuple[str, Callable[..., Any]]:
    """Return the function that a specification names, which may be an imported or private one.

    A class that is named is meant as an environment.
    """
    value = getattr(module, name, None)
    if not callable(value) or _is_type(value):
        known = ", ".join(name for name, _ in _public(module))
        raise SourceError(
            f"`{place}` has no function `{name}`; it has: {known or 'no public function'}"
        )
    return name, value


def _callables(
    name: str, value: Callable[..., Any]
) -> Iterator[tuple[str, Callable[..., Any], type | None]]:
    """Yield a function as it is, and of an environment its methods, with the class."""
    if not inspect.isclass(value):
        yield name, value, None
        return
    for method, function in methods_of(value):
        yield f"{name}.{method}", function, value


def _api(place: str, name: str, function: Callable[..., Any], environment: type | None) -> Api:
    """Describe one function. Raises `Unusable` with the reason when it cannot be offered."""
    if environment and (reason := unusable(environment)):
        raise Unusable(reason)
    ref = f"{place}:{name}"
    name = name.rpartition(".")[2]
    if not _NAME.fullmatch(name):
        raise Unusable("its name is not made of up to 64 ASCII letters, digits and underscores")
    signature = read_signature(method_of(function) if environment else function)
    hints = hints_of(function)
    try:
        examples = to_jsonable_python(hints.examples)
        json.dumps(examples, allow_nan=False)
    except (PydanticSerializationError, ValueError) as error:
        raise Unusable(f"its examples are not JSON: {error}") from error
    return Api(
        name=name,
        description=signature.description,
        parameters=signature.parameters,
        returns=signature.returns,
        category=hints.category or _topic(place),
        source="python",
        effects=hints.effects,
        environment=environment.__name__ if environment else None,
        examples=tuple(examples),
        phrasings=hints.phrasings,
        ref=ref,
    )


def _topic(place: str) -> str:
    """Last name of a module; a package's file `__init__.py` goes by the package."""
    if not place.endswith(".py"):
        return place.rpartition(".")[2]
    path = Path(place)
    return path.parent.name if path.stem == "__init__" else path.stem
