"""Where Python functions are found, which of them are offered, and what is said of the rest."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api_registry.errors import SourceError
from api_registry.registry import digest, load_apis
from api_registry.signatures import read_signature
from api_registry.sources.python_source import PythonSource, resolve
from api_registry.types import Api

ADD = '''
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, whose modules are forgotten after the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(folder: Path, **files: str) -> None:
    """Write modules; `pkg__one` stands for `pkg/one.py`, `pkg____init__` for its `__init__`."""
    for name, text in files.items():
        parts = name.replace("____init__", "__:init:").split("__")
        path = folder.joinpath(*(part.replace(":init:", "__init__") for part in parts))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(textwrap.dedent(text))


def names(spec: str) -> list[str]:
    return [api.name for api in PythonSource().load(spec).apis]


def failure(spec: str) -> str:
    with pytest.raises(SourceError) as raised:
        load_apis([spec])
    message = str(raised.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("spec", "ref"),
    [
        ("tools", "tools:add"),
        ("tools:add", "tools:add"),
        ("./tools.py", "{folder}/tools.py:add"),
        ("./tools.py:add", "{folder}/tools.py:add"),
        ("{folder}/tools.py", "{folder}/tools.py:add"),
    ],
)
def test_a_module_is_named_by_path_or_by_file(folder: Path, spec: str, ref: str) -> None:
    write(folder, tools=ADD)
    [api] = PythonSource().load(spec.format(folder=folder)).apis
    assert api == Api(
        name="add",
        description="Add two numbers.",
        parameters={
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
            "additionalProperties": False,
        },
        returns={"type": "integer"},
        category="tools",
        ref=ref.format(folder=folder),
    )
    assert resolve(api.ref)(2, 3) == 5


@pytest.mark.parametrize(
    ("spec", "refs"),
    [
        ("pkg", ["pkg:first", "pkg.deep.two:second"]),
        ("./pkg", ["{}/pkg/__init__.py:first", "{}/pkg/deep/two.py:second"]),
    ],
)
def test_a_package_gives_the_functions_of_all_its_modules_once(
    folder: Path, spec: str, refs: list[str]
) -> None:
    write(
        folder,
        pkg____init__="from .one import first\n__all__ = ['first']",
        pkg__one="""
        from ._private import hidden
        def first() -> int:
            'One.'
            return hidden()
        """,
        pkg___private='def hidden() -> int:\n    """Hide."""\n    return 1',
        pkg__deep____init__="",
        pkg__deep__two='def second() -> int:\n    """Two."""\n    return 2',
    )
    loaded = PythonSource().load(spec)
    assert [(api.name, api.category) for api in loaded.apis] == [
        ("first", "pkg"),
        ("second", "two"),
    ]
    assert [api.ref for api in loaded.apis] == [ref.format(folder) for ref in refs]
    assert [resolve(api.ref)() for api in loaded.apis] == [1, 2]
    assert loaded.skipped == ()


def test_a_file_inside_a_package_may_import_its_siblings(folder: Path) -> None:
    write(
        folder,
        pkg____init__="",
        pkg__tools='from .other import two\ndef f() -> int:\n    """F."""\n    return two',
        pkg__other="two = 2",
    )
    [api] = PythonSource().load("./pkg/tools.py").apis
    assert resolve(api.ref)() == 2


@pytest.mark.parametrize("spec", ["pkg", "./pkg"])
def test_a_broken_module_costs_a_package_that_module_alone(folder: Path, spec: str) -> None:
    write(
        folder,
        pkg____init__="",
        pkg__good=ADD,
        pkg__broken="import no_such_module_here",
        pkg__test_good="def test_add() -> None:\n    'Test.'",
        pkg__tests__helpers="raise RuntimeError('not for users')",
    )
    loaded = PythonSource().load(spec)
    assert [api.name for api in loaded.apis] == ["add"]
    [skipped] = loaded.skipped
    assert skipped.where.endswith(("pkg.broken", "pkg/broken.py"))
    assert "no_such_module_here" in skipped.reason


def test_two_files_of_one_name_are_two_modules(folder: Path) -> None:
    write(folder, a__tools=ADD, b__tools=ADD.replace("add", "plus"))
    loaded = load_apis(["./a/tools.py", "./b/tools.py"])
    assert [api.name for api in loaded.apis] == ["add", "plus"]


def test_the_module_s_own_public_functions_are_offered(folder: Path) -> None:
    write(
        folder,
        tools='''
        import functools
        from math import gcd
        from os.path import join
        from typing import NewType
        from api_registry.decorator import api

        Numbers = list[int]
        Number = NewType("Number", int)

        class Thing:
            """A class."""
            def __call__(self, a: int) -> int:
                """Call it."""
                return a
            def method(self) -> int:
                """Bound."""
                return 1

        def traced(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper

        def _private(a: int) -> int:
            """Private."""

        @traced
        def wrapped(a: int) -> int:
            """Wrapped."""

        @functools.lru_cache
        def cached(a: int) -> int:
            """Cached."""

        async def awaited(a: int) -> int:
            """Awaited."""

        @api(category="sums", examples=[{"a": 1}], phrasings=["do {a}"], effects=["network"])
        def hinted(a: int) -> int:
            """Hinted."""

        thing = Thing()
        bound = thing.method
        ''',
    )
    loaded = PythonSource().load("tools")
    offered = {api.name: api for api in loaded.apis}
    assert list(offered) == ["wrapped", "cached", "awaited", "hinted", "thing", "bound"]
    hinted = offered["hinted"]
    assert (hinted.category, hinted.examples) == ("sums", ({"a": 1},))
    assert (hinted.phrasings, hinted.effects) == (("do {a}",), ("network",))
    assert [item.where for item in loaded.skipped] == ["tools:traced"]


def test_all_decides_where_it_is_given(folder: Path) -> None:
    write(
        folder,
        tools="from helpers import add\n__all__ = ['add', 'absent']\n"
        + ADD.replace("add", "left_out"),
        helpers=ADD,
    )
    assert names("tools") == ["add"]


def test_a_function_named_explicitly_may_be_imported(folder: Path) -> None:
    write(folder, tools="from helpers import add", helpers=ADD)
    assert names("tools:add") == ["add"]


def test_what_cannot_be_offered_is_skipped_with_a_reason_and_the_rest_loads(folder: Path) -> None:
    write(
        folder,
        tools=ADD
        + '''
def silent(a: int) -> int:
    return a

def untyped(a) -> int:
    """Untyped."""

def größe(a: int) -> int:
    """Not ASCII."""

def unresolved(a: "Nowhere") -> int:
    """Unresolved."""
''',
    )
    loaded = load_apis(["tools"])
    assert [api.name for api in loaded.apis] == ["add"]
    assert {item.where: item.reason for item in loaded.skipped} == {
        "tools:silent": "it has no docstring that says what it does",
        "tools:untyped": "parameter `a` has no type, in a hint or the docstring",
        "tools:größe": "its name is not made of up to 64 ASCII letters, digits and underscores",
        "tools:unresolved": (
            "the type hint of `a` cannot be resolved: name 'Nowhere' is not defined"
        ),
    }


def test_examples_that_json_cannot_hold_are_a_reason_to_skip(folder: Path) -> None:
    write(
        folder,
        tools='''
        from datetime import date
        from api_registry.decorator import api

        @api(examples=[{"day": date(2027, 1, 2)}])
        def dated(day: date) -> int:
            """Dated."""

        @api(examples=[{"a": object()}])
        def opaque(a: int) -> int:
            """Opaque."""
        ''',
    )
    loaded = PythonSource().load("tools")
    assert loaded.apis[0].examples == ({"day": "2027-01-02"},)
    assert loaded.skipped[0].reason.startswith("its examples are not JSON")


def test_hints_of_a_file_resolve_in_its_own_module(folder: Path) -> None:
    write(
        folder,
        tools='''
        from __future__ import annotations
        from dataclasses import dataclass

        @dataclass
        class Point:
            x: float
            next: Point | None = None

        def shift(point: Point) -> float:
            """Shift."""
            return point.x
        ''',
    )
    [api] = PythonSource().load("./tools.py").apis
    args, kwargs = read_signature(resolve(api.ref)).bind({"point": {"x": 1, "next": {"x": 2}}})
    assert resolve(api.ref)(*args, **kwargs) == 1.0


def test_what_a_module_prints_on_import_is_not_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, tools="print('hello')\n" + ADD)
    assert names("tools") == names("./tools.py") == ["add"]
    assert capsys.readouterr().out == ""


def test_nothing_that_an_import_writes_reaches_the_output(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(
        folder,
        tools="import os, subprocess, sys\nprint('a')\nos.write(1, b'b')\n"
        "sys.__stdout__.write('c'); sys.__stdout__.flush()\n"
        "subprocess.run([sys.executable, '-c', 'print(4)'])\n" + ADD,
    )
    assert names("tools") == ["add"]
    assert capfd.readouterr().out == ""


def test_a_module_with_threads_of_its_own_loads(folder: Path) -> None:
    write(folder, tools="import threading\nthreading.Thread(target=lambda: None).start()\n" + ADD)
    assert names("tools") == ["add"]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("import absent.part", "install what provides `absent` into this environment"),
        ("import argparse\nargparse.ArgumentParser().parse_args(['x'])", "it runs as a script"),
        ("name = input('name? ')", "it runs as a script"),
    ],
)
def test_the_error_says_what_to_do_where_that_is_known(
    folder: Path, text: str, advice: str
) -> None:
    write(folder, tools=text)
    assert advice in failure("tools")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n1 / 0", "at tools.py:2: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)", "at tools.py:2: SystemExit: 3"),
        ("def broken(:", "at tools.py:1: SyntaxError: invalid syntax"),
        ("import absent_package", "at tools.py:1: ModuleNotFoundError: No module named"),
        ("import json\njson.loads('x')", "at tools.py:2: JSONDecodeError: Expecting value"),
        ("raise RuntimeError('two\\nlines')", "at tools.py:1: RuntimeError: two lines"),
        ("import helpers", "at tools.py:1: ZeroDivisionError"),
    ],
)
@pytest.mark.parametrize("spec", ["tools", "./tools.py"])
def test_a_module_that_raises_on_import_is_named_with_line_and_cause(
    folder: Path, spec: str, text: str, message: str
) -> None:
    write(folder, tools=text, helpers="1 / 0")
    shown = failure(spec)
    assert f"raised on import {message}" in shown
    assert shown.startswith("`tools`" if spec == "tools" else f"`{folder}/tools.py`")


def test_a_package_that_raises_is_named_rather_than_called_unknown(folder: Path) -> None:
    write(folder, pkg____init__="1 / 0", pkg__tools=ADD)
    assert "`pkg` raised on import at __init__.py:1: ZeroDivisionError" in failure("pkg.tools")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("no_such_module", "module `no_such_module` cannot be found (there is no"),
        ("json.no_such_module", "cannot be found (there is no `json.no_such_module`)"),
        ("what is this", "cannot be found (not a module path)"),
        ("", "cannot be found (not a module path)"),
        ("./absent.py", "`./absent.py` is not there; expected a Python file"),
        ("./empty", "`./empty` is a folder without Python files"),
        ("./notes.txt", "cannot be imported: expected a Python file"),
        ("tools:absent", "`tools` has no function `absent`; it has: add"),
        ("silent", "no usable API in `silent` (`silent:quiet`: it has no docstring"),
        ("nothing", "no usable API in `nothing` (no public function found)"),
    ],
)
def test_a_specification_that_cannot_be_read_is_an_error_saying_what_was_expected(
    folder: Path, spec: str, message: str
) -> None:
    write(folder, tools=ADD, silent="def quiet(a: int): pass", nothing="")
    (folder / "empty").mkdir()
    (folder / "notes.txt").write_text("hello")
    assert message in failure(spec)


@pytest.mark.parametrize(
    "text", ["from data import load_rows", "import data.rows_of_mine", "import data\ndata.load()"]
)
def test_a_module_that_needs_a_package_of_our_name_is_told_so(folder: Path, text: str) -> None:
    write(folder, tools=text, data="def load_rows(): pass")
    assert "`data` is also the name of a package of Callforge" in failure("tools")


def test_a_module_below_a_package_of_our_name_is_told_so(folder: Path) -> None:
    write(folder, data____init__="", data__tools=ADD)
    assert "a package of Callforge has that name, so rename yours" in failure("data.tools")


def test_a_file_with_the_name_of_our_package_stands_in_for_nothing(folder: Path) -> None:
    write(folder, data=ADD)
    assert names("./data.py") == ["add"]
    import data

    assert not hasattr(data, "add")


def test_the_first_api_of_a_name_is_the_one_offered(folder: Path) -> None:
    write(folder, one=ADD, two=ADD)
    loaded = load_apis(["one", "two", "one"])
    assert [api.ref for api in loaded.apis] == ["one:add"]
    assert [(item.where, item.reason) for item in loaded.skipped] == [
        ("two:add", "the name `add` is taken by `one:add`")
    ]


def test_the_digest_tells_apis_apart_but_not_where_they_lie(apis: list[Api]) -> None:
    moved = [api.model_copy(update={"ref": "elsewhere:f"}) for api in apis]
    changed: list[Any] = [apis[0].model_copy(update={"description": "Else."}), *apis[1:]]
    assert digest(apis) == digest(moved) != digest(changed)
    assert len(digest(apis)) == 64


def test_a_function_that_is_gone_is_an_error(folder: Path) -> None:
    write(folder, tools=ADD)
    with pytest.raises(SourceError, match="`tools:gone` is not there any more"):
        resolve("tools:gone")


def test_hints_for_type_checkers_are_found_where_a_function_is_written(folder: Path) -> None:
    write(
        folder,
        public="",
        written="""
        from __future__ import annotations
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from datetime import date

        def offered_as_public(function):
            function.__module__ = "public"
            return function

        @offered_as_public
        def weekday(day: date) -> int:
            '''Weekday of a date.'''
            return day.weekday()
        """,
    )
    [api] = PythonSource().load("./written.py:weekday").apis
    assert api.parameters["properties"]["day"] == {"type": "string", "format": "date"}


def test_functions_written_in_c_are_the_work_of_the_module_in_front(folder: Path) -> None:
    assert {"bisect_left", "insort_right"} <= set(names("bisect"))
