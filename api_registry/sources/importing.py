"""Imports the user's modules, by name or by path, and says in one line what went wrong.

The user's folder goes to the *end* of the search path: a user's `data.py` must not stand in for
one of our packages. What a module raises on import, `SystemExit` included, becomes a `SourceError`
that names the module, the line and the cause.
"""

import contextlib
import importlib
import importlib.util
import io
import os
import sys
import traceback
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from api_registry.errors import SourceError

OWN_PACKAGES = ("flows", "verifiers", "generators", "data", "api_registry")


def import_name(name: str) -> ModuleType:
    """Import a module by its dotted name. Raises `SourceError` when it is unknown or raises."""
    if not all(part.isidentifier() for part in name.split(".")):
        raise _unknown(name, "not a module path")
    _search(Path.cwd())
    # Packages first, one by one: looking for `a.b` runs `a`, which may raise anything.
    for end, letter in enumerate(f"{name}."):
        if letter != ".":
            continue
        package = name[:end]
        if package in sys.modules:
            continue
        try:
            found = importlib.util.find_spec(package)
        except (ImportError, ValueError) as error:
            raise _unknown(name, str(error)) from error
        if found is None:
            raise _unknown(name, f"there is no `{package}`")
        with _explained(package, found.origin):
            importlib.import_module(package)
    return sys.modules[name]


def is_module(name: str) -> bool:
    """Whether a name without dots can be imported; imports nothing."""
    _search(Path.cwd())
    return name.isidentifier() and importlib.util.find_spec(name) is not None


def import_file(path: Path) -> ModuleType:
    """Import a Python file. Raises `SourceError` when it is no Python file or raises.

    A file of a package is imported as that package's module, so that its relative imports work;
    any other under a name of its own, so that it never stands in for another module.
    """
    dotted, root = _package_name(path)
    _search(root)
    if dotted is not None:
        return import_name(dotted)
    # The number depends on the path alone, so that two files of one name can be loaded.
    name = f"{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SourceError(f"`{path}` cannot be imported: expected a Python file, ending in .py")
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs: dataclasses and pydantic look their module up by name.
    sys.modules[name] = module
    try:
        with _explained(str(path), str(path)):
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _search(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _package_name(path: Path) -> tuple[str | None, Path]:
    """The dotted name of a file inside a package, and the folder that its imports start from."""
    folder, parts = path.parent, [] if path.stem == "__init__" else [path.stem]
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    if folder == path.parent:
        return None, folder
    _search(folder)
    with contextlib.suppress(ImportError, ValueError):
        top = importlib.util.find_spec(parts[0])
        if top is not None and top.origin == str(folder / parts[0] / "__init__.py"):
            return ".".join(parts), folder
    return None, folder  # another package of that name comes first on the search path


@contextlib.contextmanager
def _explained(module: str, origin: str | None) -> Iterator[None]:
    """Import quietly, and turn what is raised into one line that names the cause and its place."""
    try:
        with _quiet():
            yield
    except (KeyboardInterrupt, SourceError):
        raise
    except BaseException as error:
        what = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(": ")
        place = _place(error, origin)
        raise SourceError(
            f"`{module}` raised on import{place}: {what}{_name_clash(error) or _advice(error)}"
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what an import prints out of our output, and give it nothing to read.

    Also what it writes to the file descriptor itself, as C code and child processes do: the output
    of a command may be JSON that somebody parses.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    stdin = sys.stdin
    try:
        os.dup2(nothing, 1)
        sys.stdin = io.StringIO()  # a script's `input()` would wait for ever
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        sys.stdin = stdin
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)


def _place(error: BaseException, origin: str | None) -> str:
    """Where it was raised: the module's own line rather than a library's below it."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" at {Path(error.filename).name}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename == origin:
            return f" at {Path(frame.filename).name}:{frame.lineno}"
    # Deeper down, in a module that it imports: the last frame that is neither ours nor Python's.
    last = next((f for f in reversed(frames) if not f.filename.startswith("<frozen")), None)
    return f" at {Path(last.filename).name}:{last.lineno}" if last else ""


def _name_clash(error: BaseException) -> str:
    """Explain an import that found one of our packages where the user's was meant."""
    name = None
    if isinstance(error, ImportError):
        name = error.name
    elif isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        name = error.obj.__name__
    top = (name or "").partition(".")[0]
    if top not in OWN_PACKAGES:
        return ""
    return f"; `{top}` is also the name of a package of Callforge, which comes first: rename yours"


def _advice(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"; install what provides `{error.name.partition('.')[0]}` into this environment"
    if isinstance(error, SystemExit | EOFError):
        return '; it runs as a script: put what it does under `if __name__ == "__main__":`'
    return ""


def _unknown(name: str, reason: str) -> SourceError:
    hint = ""
    if name.partition(".")[0] in OWN_PACKAGES:
        hint = "; a package of Callforge has that name, so rename yours"
    return SourceError(
        f"module `{name}` cannot be found ({reason}{hint}); expected a module path such as "
        "mypkg.tools, importable from here, or a file such as ./my_tools.py"
    )
